using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q4_1 in tiles: 16 × 32 weights d·q + m in 320 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: m, 16 halves │ 64: 4 vectors of nibbles.
/// Partials hold 8 k-groups: |Σ (q − 8)·x| ≤ 8·2·8·127 = 16256; what they wrap on the way does no harm.</remarks>
internal readonly struct Q4_1Tile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q4_1;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ4_1>();

    public static int TileBlockBytes => SubBlocksOffset + SubBlockBytes;

    public static int SubBlocks => 1;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => true;

    public static bool HasMinsOf16 => false;

    public static int Offset => 8;

    public static int ScalesOffset => 0;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 64;

    public static int SubBlockBytes => 4 * 64;

    public static int ScalesStride => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        FourRows.Write(rows.Halves(2), ref tile, 32 + (2 * lane));
        TileBits.PackSplitNibbles(rows, 4, SubBlocksOffset + (4 * lane), ref tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => Q4_0Tile.Start<V, T>(pairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q4_0Tile.Unpack<V, T>(in tile, subBlock, pair, out even, out odd);
}
