using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q5_1 in tiles: 16 × 32 weights d·q + m in 384 bytes, as many as in the file.</summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: m, 16 halves │ 64: one vector, bit g of a byte = fifth bit of the byte's weight of k-group g │
/// 128: 4 vectors of nibbles. Partials hold 8 k-groups: |Σ (q − 16)·x| ≤ 8·2·16·127 = 32512; what they wrap on the way does no harm.
/// </remarks>
internal readonly struct Q5_1Tile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q5_1;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ5_1>();

    public static int TileBlockBytes => SubBlocksOffset + SubBlockBytes;

    public static int SubBlocks => 1;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => true;

    public static bool HasMinsOf16 => false;

    public static int Offset => 16;

    public static int ScalesOffset => 0;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 64;

    public static int SubBlockBytes => 64 + 4 * 64;

    public static int ScalesStride => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        FourRows.Write(rows.Halves(2), ref tile, 32 + (2 * lane));
        FourRows.Write(Q5_0Tile.FifthBits(rows.Word(4)), ref tile, SubBlocksOffset + (4 * lane));
        TileBits.PackSplitNibbles(rows, 8, SubBlocksOffset + 64 + (4 * lane), ref tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => Q5_0Tile.Start<V, T>(pairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q5_KTile.UnpackFiveBits<V, T>(in tile, subBlock, pair, out even, out odd);
}
