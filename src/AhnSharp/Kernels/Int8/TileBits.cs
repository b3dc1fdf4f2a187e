using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Int8;

/// <summary>What the packers share: a 32-bit word is 4 consecutive weights of one row.</summary>
internal static class TileBits
{
    /// <summary>Packs 16 rows of <paramref name="blocks"/> blocks, one after another, into the tile.</summary>
    public static void PackRows<F>(ReadOnlySpan<byte> rows, int blocks, ref byte tile) where F : struct, ITileFormat
    {
        int rowBytes = blocks * F.RowBlockBytes;
        for (int block = 0; block < blocks; block++)
        {
            Span<byte> tileBlock = MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref tile, (nint)block * F.TileBlockBytes), F.TileBlockBytes);
            for (int lane = 0; lane < TileKernel.Rows; lane++)
            {
                F.Pack(rows.Slice(lane * rowBytes + block * F.RowBlockBytes, F.RowBlockBytes), lane, tileBlock);
            }
        }
    }

    /// <summary>Packs 32 nibbles of a row, which lie 4 a word in k order, into the 4 vectors of a sub-block.</summary>
    /// <param name="bytes32">Bytes with weight j in a nibble of byte j.</param>
    /// <param name="high">Whether that is the high nibble.</param>
    /// <param name="lane">The row.</param>
    /// <param name="vectors">The 4 vectors.</param>
    public static void PackNibbles(ReadOnlySpan<byte> bytes32, bool high, int lane, Span<byte> vectors)
    {
        for (int i = 0; i < 4; i++) WriteWord(vectors, 64 * i + 4 * lane, JoinNibbles(Word(bytes32, 8 * i), Word(bytes32, 8 * i + 4), high));
    }

    /// <summary>The same of Q4_0 and Q5_0, where byte j of 16 holds weight j in its low and 16 + j in its high nibble.</summary>
    public static void PackSplitNibbles(ReadOnlySpan<byte> bytes16, int lane, Span<byte> vectors)
    {
        for (int i = 0; i < 4; i++)
        {
            int from = i % 2 * 8;
            WriteWord(vectors, 64 * i + 4 * lane, JoinNibbles(Word(bytes16, from), Word(bytes16, from + 4), high: i >= 2));
        }
    }

    /// <summary>Puts a half into a field of 16.</summary>
    public static void WriteHalf(Span<byte> field, int lane, Half value) => BinaryPrimitives.WriteHalfLittleEndian(field[(2 * lane)..], value);

    /// <summary>The word at <paramref name="byteOffset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Word(ReadOnlySpan<byte> bytes, int byteOffset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[byteOffset..]);

    /// <summary>Writes a word at <paramref name="byteOffset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteWord(Span<byte> bytes, int byteOffset, uint word) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[byteOffset..], word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint JoinNibbles(uint even, uint odd, bool high) => high
        ? (even >> 4 & 0x0F0F0F0F) | (odd & 0xF0F0F0F0)
        : (even & 0x0F0F0F0F) | (odd << 4 & 0xF0F0F0F0);
}
