using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AhnSharp.Kernels.Int8;

/// <summary>The first 16 bytes of a block of Q4_K or Q5_K in a tile: d, dmin, 8 scales and 8 mins of 6 bits, which become bytes.</summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: dmin, 16 halves │ 64: scales, 8 × 16 bytes │ 192: mins, 4 × 16 × (sub-block 2j, 2j + 1).
/// The bits: AhnSharp.Quants.SixBitPairs.
/// </remarks>
internal static class SixBitFields
{
    public const int ScalesOffset = 64, ScalesStride = 16, MinsOffset = 192, Bytes = 320;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(0), ref tile, 2 * lane);
        FourRows.Write(rows.Halves(2), ref tile, 32 + (2 * lane));
        rows.Words(0, out _, out Vector128<uint> a, out Vector128<uint> b, out Vector128<uint> c);
        Vector128<uint> six = Vector128.Create(0x3F3F3F3Fu), four = Vector128.Create(0x0F0F0F0Fu), two = Vector128.Create(0x30303030u);
        WriteScales(a & six, ref tile, ScalesOffset + lane);
        WriteScales((c & four) | (a >> 2 & two), ref tile, ScalesOffset + (4 * ScalesStride) + lane);
        WritePairs(b & six, ref tile, MinsOffset + (2 * lane));
        WritePairs((c >> 4 & four) | (b >> 2 & two), ref tile, MinsOffset + 64 + (2 * lane));
    }

    // The scales of four sub-blocks: four fields of 16 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteScales(Vector128<uint> scales, ref byte tile, nint byteOffset)
    {
        Vector128<uint> fields = TileBits.TransposeBytes(scales);
        FourRows.Write(fields[0], ref tile, byteOffset);
        FourRows.Write(fields[1], ref tile, byteOffset + ScalesStride);
        FourRows.Write(fields[2], ref tile, byteOffset + (2 * ScalesStride));
        FourRows.Write(fields[3], ref tile, byteOffset + (3 * ScalesStride));
    }

    // The mins of four sub-blocks: two fields of 16 pairs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WritePairs(Vector128<uint> mins, ref byte tile, nint byteOffset)
    {
        Vector128<ulong> pairs = Vector128.Shuffle(mins.AsUInt16(), Vector128.Create((ushort)0, 2, 4, 6, 1, 3, 5, 7)).AsUInt64();
        FourRows.Write(pairs[0], ref tile, byteOffset);
        FourRows.Write(pairs[1], ref tile, byteOffset + 32);
    }
}
