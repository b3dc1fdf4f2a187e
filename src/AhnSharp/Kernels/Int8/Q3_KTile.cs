using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Tiers;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// Q3_K in tiles: 16 × 256 weights d·scale·(q − 4) in 1824 bytes, 3.6 % more than in the file (6-bit scales become bytes).
/// </summary>
/// <remarks>
/// byte 0: d, 16 halves │ 32: 8 sub-blocks of 224 bytes: 0 scales of the first and of the last 16 weights, 2 × 16 signed bytes (scale − 32
/// of the file) │ 32 third bits, one vector (bit g of a byte = k-group g) │ 96 low bits, 2 vectors (vector h holds those of k-groups 4h …
/// 4h + 3 in bits 2i and 2i + 1 of each byte). The activations of Q6_K serve: weights are unpacked as q + 28, of which their offset of 32
/// leaves q − 4. Partials hold 4 k-groups: |Σ (q − 4)·x| ≤ 4·2·4·127 = 4064; what they wrap on the way does no harm.
/// </remarks>
internal readonly struct Q3_KTile : INarrowFormat
{
    public static GgmlType Type => GgmlType.Q3_K;

    public static int BlockLength => 256;

    public static int RowBlockBytes => Unsafe.SizeOf<BlockQ3_K>();

    public static int TileBlockBytes => SubBlocksOffset + 8 * SubBlockBytes;

    public static int SubBlocks => 8;

    public static int GroupsPerWidening => 4;

    public static bool HasMins => false;

    public static bool HasMinsOf16 => false;

    public static int Offset => 32;

    public static int ScalesOffset => SubBlocksOffset;

    public static int ScalesPerSubBlock => 2;

    public static int MinsOffset => 0;

    public static int SubBlocksOffset => 32;

    public static int SubBlockBytes => LowBitsOffset + 2 * 64;

    public static int ScalesStride => SubBlockBytes;

    private static int ThirdBitsOffset => 32;

    private static int LowBitsOffset => ThirdBitsOffset + 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(FourRows rows, nint lane, ref byte tile)
    {
        FourRows.Write(rows.Halves(108), ref tile, 2 * lane);
        PackScales(rows, SubBlocksOffset + lane, ref tile);
        nint first = SubBlocksOffset + (4 * lane);
        TileBits.PackBits(rows, 0, first + ThirdBitsOffset, SubBlockBytes, ref tile);
        for (nint half = 0; half < 2; half++)
        {
            nint vector = first + LowBitsOffset + (4 * half * SubBlockBytes);
            TileBits.PackBitPairs(rows, 32 + (32 * half), vector, SubBlockBytes, ref tile);
            TileBits.PackBitPairs(rows, 48 + (32 * half), vector + 64, SubBlockBytes, ref tile);
        }
    }

    // Activations in blocks of 256 hold −32·Σx for every 16 k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<V, T>(V pairs) where V : struct where T : struct, ITier<V> => T.PartialFromPairs(pairs);

    // q + 28 ≤ 35 carries into no other byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V, T>(ref readonly byte tile, nint subBlock, int pair, out V even, out V odd)
        where V : struct where T : struct, ITier<V>
    {
        Q2_KTile.UnpackTwoBits<V, T>(in tile, subBlock + LowBitsOffset, pair, out V evenLow, out V oddLow);
        V h = T.Load(in tile, subBlock + ThirdBitsOffset), third = T.Splat(0x04), offset = T.Splat(28);
        V evenHigh = pair switch { 0 => T.ShiftLeft16(h, 2), 1 => h, 2 => T.ShiftRight16(h, 2), _ => T.ShiftRight16(h, 4) };
        V oddHigh =
            pair switch { 0 => T.ShiftLeft16(h, 1), 1 => T.ShiftRight16(h, 1), 2 => T.ShiftRight16(h, 3), _ => T.ShiftRight16(h, 5) };
        even = T.AddI32(T.Or(evenLow, T.And(evenHigh, third)), offset);
        odd = T.AddI32(T.Or(oddLow, T.And(oddHigh, third)), offset);
    }

    // Scale s: its low bits are a nibble of byte s % 8, low for s < 8, its high ones bits 2·(s / 4) and the next of byte 8 + s % 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackScales(FourRows rows, nint field, ref byte tile)
    {
        Vector128<uint> a = rows.Word(96), b = rows.Word(100), high = rows.Word(104);
        Vector128<uint> four = Vector128.Create(0x0F0F0F0Fu), two = Vector128.Create(0x30303030u);
        PackScales((a & four) | (high << 4 & two), field, ref tile);
        PackScales((b & four) | (high << 2 & two), field + (2 * SubBlockBytes), ref tile);
        PackScales((a >> 4 & four) | (high & two), field + (4 * SubBlockBytes), ref tile);
        PackScales((b >> 4 & four) | (high >> 2 & two), field + (6 * SubBlockBytes), ref tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PackScales(Vector128<uint> scales, nint field, ref byte tile) =>
        TileBits.PackScalesOf16((scales.AsSByte() - Vector128.Create((sbyte)32)).AsUInt32(), field, SubBlockBytes, ref tile);
}
