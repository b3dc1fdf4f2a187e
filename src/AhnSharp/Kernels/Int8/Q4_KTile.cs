using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// Q4_K in tiles: 16 × 256 weights d·scale·q − dmin·min in 2368 bytes, 2.8 % more than in the file (6-bit scales and mins become bytes).
/// </summary>
/// <remarks>
/// byte 0: <see cref="SixBitFields"/> │ 320: 8 sub-blocks of 4 vectors of nibbles.
/// Partials hold 8 k-groups: |Σ q·x| ≤ 8·2·15·127 = 30480.
/// </remarks>
internal readonly struct Q4_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q4_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ4_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => true;

    public static bool HasMinsOf16 => false;

    public static int Offset => 0;

    public static int ScalesOffset => SixBitFields.ScalesOffset;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => SixBitFields.MinsOffset;

    public static int SubBlocksOffset => SixBitFields.Bytes;

    public static int SubBlockBytes => 4 * 64;

    public static int ScalesStride => SixBitFields.ScalesStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        SixBitFields.Pack(rows, lane, ref tile);
        for (nint pair = 0; pair < SubBlocks / 2; pair++)
        {
            nint first = SubBlocksOffset + (2 * pair * SubBlockBytes) + (4 * lane);
            TileBits.PackNibbles(rows, 16 + (32 * pair), first, first + SubBlockBytes, ref tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q4_0Tile.Unpack<V, T>(in tile, subBlock, pair, out even, out odd);
}
