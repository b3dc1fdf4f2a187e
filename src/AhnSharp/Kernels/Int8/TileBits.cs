using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AhnSharp.Kernels.Int8;

/// <summary>What the packers share: a 32-bit word is 4 consecutive weights of one row, a vector of words has lane = row.</summary>
internal static class TileBits
{
    /// <summary>Packs 16 rows of <paramref name="blocks"/> blocks, one after another, into the tile.</summary>
    /// <remarks>Compiled at once: the first tiers of the JIT would pack the first 0.3 s of a model at a tenth of the speed.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackRows<F>(ReadOnlySpan<byte> rows, int blocks, ref byte tile) where F : struct, ITileFormat
    {
        nint rowBytes = (nint)blocks * F.RowBlockBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, TileKernel.Rows * rowBytes);
        ref byte from = ref MemoryMarshal.GetReference(rows), to = ref tile;
        for (int block = 0; block < blocks; block++)
        {
            for (nint lane = 0; lane < TileKernel.Rows; lane += 4)
            {
                F.Pack(new FourRows(ref Unsafe.AddByteOffset(ref from, lane * rowBytes), rowBytes), lane, ref to);
            }
            from = ref Unsafe.AddByteOffset(ref from, F.RowBlockBytes);
            to = ref Unsafe.AddByteOffset(ref to, F.TileBlockBytes);
        }
    }

    /// <summary>Packs one of the two nibbles of 32 bytes of four rows, byte j with weight j, into the 4 vectors of a sub-block.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="byteOffset">Of the 32 bytes in the rows.</param>
    /// <param name="low">Where the vectors of the low nibbles begin in the tile, at the lane.</param>
    /// <param name="high">Where those of the high ones.</param>
    /// <param name="tile">The tile block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackNibbles(FourRows rows, nint byteOffset, nint low, nint high, ref byte tile)
    {
        rows.Words(byteOffset, out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
        rows.Words(byteOffset + 16, out Vector128<uint> w4, out Vector128<uint> w5, out Vector128<uint> w6, out Vector128<uint> w7);
        FourRows.Write(LowNibbles(w0, w1), ref tile, low);
        FourRows.Write(LowNibbles(w2, w3), ref tile, low + 64);
        FourRows.Write(LowNibbles(w4, w5), ref tile, low + 128);
        FourRows.Write(LowNibbles(w6, w7), ref tile, low + 192);
        FourRows.Write(HighNibbles(w0, w1), ref tile, high);
        FourRows.Write(HighNibbles(w2, w3), ref tile, high + 64);
        FourRows.Write(HighNibbles(w4, w5), ref tile, high + 128);
        FourRows.Write(HighNibbles(w6, w7), ref tile, high + 192);
    }

    /// <summary>
    /// The same of the blocks of 32, where byte j of 16 holds weight j in its low and 16 + j in its high nibble: one sub-block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackSplitNibbles(FourRows rows, nint byteOffset, nint vectors, ref byte tile)
    {
        rows.Words(byteOffset, out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
        FourRows.Write(LowNibbles(w0, w1), ref tile, vectors);
        FourRows.Write(LowNibbles(w2, w3), ref tile, vectors + 64);
        FourRows.Write(HighNibbles(w0, w1), ref tile, vectors + 128);
        FourRows.Write(HighNibbles(w2, w3), ref tile, vectors + 192);
    }

    /// <summary>
    /// Packs the pairs of bits of 16 bytes of four rows: bits 2s and 2s + 1 are those of sub-block s; of k-group i
    /// they go to bits 2i and 2i + 1.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="byteOffset">Of the 16 bytes in the rows.</param>
    /// <param name="vector">Where the vector of the first sub-block begins in the tile, at the lane.</param>
    /// <param name="subBlockBytes">From there to that of the next sub-block.</param>
    /// <param name="tile">The tile block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackBitPairs(FourRows rows, nint byteOffset, nint vector, nint subBlockBytes, ref byte tile)
    {
        rows.Words(byteOffset, out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
        Vector128<uint> two = Vector128.Create(0x03030303u);
        for (int s = 0; s < 4; s++)
        {
            Vector128<uint> pairs =
                (w0 >> (2 * s) & two) | (w1 >> (2 * s) & two) << 2 | (w2 >> (2 * s) & two) << 4 | (w3 >> (2 * s) & two) << 6;
            FourRows.Write(pairs, ref tile, vector + (s * subBlockBytes));
        }
    }

    /// <summary>Packs the bits of 32 bytes of four rows: bit s is that of sub-block s of 8; of k-group g it goes to bit g.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="byteOffset">Of the 32 bytes in the rows.</param>
    /// <param name="vector">Where the vector of the first sub-block begins in the tile, at the lane.</param>
    /// <param name="subBlockBytes">From there to that of the next sub-block.</param>
    /// <param name="tile">The tile block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackBits(FourRows rows, nint byteOffset, nint vector, nint subBlockBytes, ref byte tile)
    {
        rows.Words(byteOffset, out Vector128<uint> w0, out Vector128<uint> w1, out Vector128<uint> w2, out Vector128<uint> w3);
        rows.Words(byteOffset + 16, out Vector128<uint> w4, out Vector128<uint> w5, out Vector128<uint> w6, out Vector128<uint> w7);
        Vector128<uint> bit = Vector128.Create(0x01010101u);
        for (int s = 0; s < 8; s++)
        {
            Vector128<uint> low = (w0 >> s & bit) | (w1 >> s & bit) << 1 | (w2 >> s & bit) << 2 | (w3 >> s & bit) << 3;
            Vector128<uint> high = (w4 >> s & bit) | (w5 >> s & bit) << 1 | (w6 >> s & bit) << 2 | (w7 >> s & bit) << 3;
            FourRows.Write(low | high << 4, ref tile, vector + (s * subBlockBytes));
        }
    }

    /// <summary>Packs the byte scales of two sub-blocks of four rows, one for every 16 weights, into fields of 16 bytes.</summary>
    /// <param name="scales">Of 64 weights, lane = row.</param>
    /// <param name="field">Where the first field begins in the tile, at the lane.</param>
    /// <param name="subBlockBytes">From the two fields of the first sub-block to those of the second.</param>
    /// <param name="tile">The tile block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackScalesOf16(Vector128<uint> scales, nint field, nint subBlockBytes, ref byte tile)
    {
        Vector128<uint> fields = TransposeBytes(scales);
        FourRows.Write(fields[0], ref tile, field);
        FourRows.Write(fields[1], ref tile, field + 16);
        FourRows.Write(fields[2], ref tile, field + subBlockBytes);
        FourRows.Write(fields[3], ref tile, field + subBlockBytes + 16);
    }

    /// <summary>Byte j of the four lanes in lane j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> TransposeBytes(Vector128<uint> words) =>
        Vector128.Shuffle(words.AsByte(), Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> LowNibbles(Vector128<uint> even, Vector128<uint> odd) =>
        (even & Vector128.Create(0x0F0F0F0Fu)) | (odd << 4 & Vector128.Create(0xF0F0F0F0u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> HighNibbles(Vector128<uint> even, Vector128<uint> odd) =>
        (even >> 4 & Vector128.Create(0x0F0F0F0Fu)) | (odd & Vector128.Create(0xF0F0F0F0u));
}
