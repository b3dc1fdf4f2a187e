using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q5_0 in tiles: 16 × 32 weights d·(q − 16) in 352 bytes, as many as in the file.</summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: one vector, bit g of a byte = fifth bit of the byte's weight of k-group g │ 96: 4 vectors of nibbles.
/// Partials hold 8 k-groups: |Σ (q − 16)·x| ≤ 8·2·16·127 = 32512; what they wrap on the way does no harm.
/// </remarks>
internal readonly struct Q5_0Tile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q5_0;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ5_0>();

    public static int TileBlockBytes => SubBlocksOffset + SubBlockBytes;

    public static int SubBlocks => 1;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => false;

    public static bool HasMinsOf16 => false;

    public static int Offset => 16;

    public static int ScalesOffset => 0;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 32;

    public static int SubBlockBytes => 64 + 4 * 64;

    public static int ScalesStride => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        FourRows.Write(FifthBits(rows.Word(2)), ref tile, SubBlocksOffset + (4 * lane));
        TileBits.PackSplitNibbles(rows, 6, SubBlocksOffset + 64 + (4 * lane), ref tile);
    }

    // Activations in blocks of 32 hold −8·Σx; twice that still fits: 16·16·127 = 32512.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.PartialFromPairs(T.ShiftLeft16(pairs, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q5_KTile.UnpackFiveBits<V, T>(in tile, subBlock, pair, out even, out odd);

    /// <summary>
    /// The fifth bits of 32 weights, one a bit in the file's order, as they lie in a tile: bit g of a byte is that of k-group g.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> FifthBits(Vector128<uint> bits)
    {
        Vector128<uint> high = Vector128<uint>.Zero;
        for (int g = 0; g < 8; g++)
        {
            // One bit of the group's four into each byte: the 16 partial products of this multiply do not overlap.
            high |= ((bits >> (4 * g) & Vector128.Create(0xFu)) * Vector128.Create(0x00204081u) & Vector128.Create(0x01010101u)) << g;
        }
        return high;
    }
}
