using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q5_0 in tiles: 16 × 32 weights d·(q − 16) in 352 bytes, as many as in the file.</summary>
/// <remarks>byte 0: d, 16 halves │ 32: one vector, bit g of a byte = fifth bit of the byte's weight of k-group g │ 96: 4 vectors of nibbles.
/// Partials hold 8 k-groups: |Σ (q − 16)·x| ≤ 8·2·16·127 = 32512; what they wrap on the way does no harm.</remarks>
internal readonly struct Q5_0Tile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q5_0;

    public static int BlockLength => 32;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ5_0>();

    public static int TileBlockBytes => SubBlocksOffset + SubBlockBytes;

    public static int SubBlocks => 1;

    public static int GroupsPerWidening => 8;

    public static bool HasMins => false;

    public static bool HasOffset => true;

    public static int ScalesOffset => 0;

    public static int ScalesPerSubBlock => 1;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 32;

    public static int SubBlockBytes => 64 + 4 * 64;

    public static int ScalesStride => 0;

    public static void Pack(ReadOnlySpan<byte> rowBlock, int lane, Span<byte> tileBlock)
    {
        ref readonly BlockQ5_0 block = ref MemoryMarshal.AsRef<BlockQ5_0>(rowBlock);
        TileBits.WriteHalf(tileBlock, lane, block.D);
        uint fifthBits = TileBits.Word(block.Qh, 0), high = 0;
        for (int g = 0; g < 8; g++)
        {
            // One bit of the group's four into each byte: the 16 partial products of this multiply do not overlap.
            uint spread = ((fifthBits >> (4 * g) & 0xF) * 0x00204081u) & 0x01010101u;
            high |= spread << g;
        }
        TileBits.WriteWord(tileBlock, SubBlocksOffset + 4 * lane, high);
        TileBits.PackSplitNibbles(block.Qs, lane, tileBlock[(SubBlocksOffset + 64)..]);
    }

    // Activations in blocks of 32 hold −8·Σx; twice that still fits: 16·16·127 = 32512.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.PartialFromPairs(T.ShiftLeft16(pairs, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => Q5_KTile.UnpackFiveBits<V, T>(in tile, subBlock, pair, out even, out odd);
}
