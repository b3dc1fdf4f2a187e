using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>Q2_K in tiles: 16 × 256 weights d·scale·q − dmin·min in 1344 bytes, as many as in the file.</summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: dmin, 16 halves │ 64: 8 sub-blocks of 160 bytes: 0 scales (low nibbles) and mins (high nibbles) of the
/// first and of the last 16 weights, 2 × 16 bytes │ 32 codes, 2 vectors (vector h holds those of k-groups 4h … 4h + 3 in bits 2i and
/// 2i + 1 of each byte). Partials hold 4 k-groups: |Σ q·x| ≤ 4·2·3·127 = 3048.
/// </remarks>
internal readonly struct Q2_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q2_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ2_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => true;

    public static bool HasMinsOf16 => true;

    public static int Offset => 0;

    public static int ScalesOffset => SubBlocksOffset;

    public static int ScalesPerSubBlock => 2;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 64;

    public static int SubBlockBytes => CodesOffset + 2 * 64;

    public static int ScalesStride => SubBlockBytes;

    private static int CodesOffset => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(80), ref tile, 2 * lane);
        FourRows.Write(rows.Halves(82), ref tile, 32 + (2 * lane));
        rows.Words(0, out Vector128<uint> s0, out Vector128<uint> s1, out Vector128<uint> s2, out Vector128<uint> s3);
        TileBits.PackScalesOf16(s0, SubBlocksOffset + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s1, SubBlocksOffset + (2 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s2, SubBlocksOffset + (4 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        TileBits.PackScalesOf16(s3, SubBlocksOffset + (6 * SubBlockBytes) + lane, SubBlockBytes, ref tile);
        for (nint half = 0; half < 2; half++)
        {
            nint vector = SubBlocksOffset + (4 * half * SubBlockBytes) + CodesOffset + (4 * lane);
            TileBits.PackBitPairs(rows, 16 + (32 * half), vector, SubBlockBytes, ref tile);
            TileBits.PackBitPairs(rows, 32 + (32 * half), vector + 64, SubBlockBytes, ref tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
        => UnpackTwoBits<V, T>(in tile, subBlock + CodesOffset, pair, out even, out odd);

    /// <summary>The 2-bit codes of Q2_K, the low bits of Q3_K.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void UnpackTwoBits<V, T>(ref readonly byte tile, nint vectors, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        V q = T.Load(in tile, vectors + 64 * (pair / 2)), two = T.Splat(0x03);
        even = T.And(pair % 2 == 0 ? q : T.ShiftRight16(q, 4), two);
        odd = T.And(pair % 2 == 0 ? T.ShiftRight16(q, 2) : T.ShiftRight16(q, 6), two);
    }
}
