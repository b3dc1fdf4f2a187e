using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Arm64 AdvSimd with sdot: 4 lanes, a quarter of a tile; partials are 32-bit sums.</summary>
internal readonly struct NeonDotTier : ITier<Vector128<byte>>
{
    public static int Lanes => 4;

    public static bool HasDotS8 => true;

    public static bool HasManyRegisters => true;

    public static Vector128<byte> Zero => Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ref readonly byte start, nint byteOffset) =>
        Vector128.LoadUnsafe(in start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> value, ref byte start, nint byteOffset) =>
        value.StoreUnsafe(ref start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Broadcast32(ref readonly byte start, nint byteOffset) =>
        Vector128.Create(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Splat(byte value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadTable(ref readonly sbyte start) => Vector128.LoadUnsafe(in start).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> And(Vector128<byte> a, Vector128<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Or(Vector128<byte> a, Vector128<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftLeft16(Vector128<byte> value, [ConstantExpected] byte bits) =>
        Vector128.ShiftLeft(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ShiftRight16(Vector128<byte> value, [ConstantExpected] byte bits) =>
        Vector128.ShiftRightLogical(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> indices) => AdvSimd.Arm64.VectorTableLookup(table, indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PartialFromPairs(Vector128<byte> i16Pairs) => AdvSimd.AddPairwiseWidening(i16Pairs.AsInt16()).AsByte();

    // Weights of at most 63 are the same numbers signed and unsigned.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AccumulatePairs(Vector128<byte> partial, Vector128<byte> weights, Vector128<byte> x) =>
        Dp.DotProduct(partial.AsInt32(), weights.AsSByte(), x.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairs(
        Vector128<byte> weights, Vector128<byte> x0, Vector128<byte> x1, Vector128<byte> x2, Vector128<byte> x3,
        ref Vector128<byte> partial0, ref Vector128<byte> partial1, ref Vector128<byte> partial2, ref Vector128<byte> partial3)
    {
        partial0 = AccumulatePairs(partial0, weights, x0);
        partial1 = AccumulatePairs(partial1, weights, x1);
        partial2 = AccumulatePairs(partial2, weights, x2);
        partial3 = AccumulatePairs(partial3, weights, x3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PairProducts(Vector128<byte> unsigned, Vector128<byte> signed) =>
        Dp.DotProduct(Vector128<int>.Zero, unsigned.AsSByte(), signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() - b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial, Vector128<byte> scalePairs)
    {
        Vector128<int> scale = Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(scalePairs.AsInt32(), 16), 16);
        return (partial.AsInt32() * scale).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial) => partial;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyPairsI16(Vector128<byte> a, Vector128<byte> b)
    {
        Vector128<int> low = AdvSimd.MultiplyWideningLower(a.AsInt16().GetLower(), b.AsInt16().GetLower());
        Vector128<int> high = AdvSimd.MultiplyWideningUpper(a.AsInt16(), b.AsInt16());
        return AdvSimd.Arm64.AddPairwise(low, high).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairsI16(
        Vector128<byte> weights, Vector128<byte> x0, Vector128<byte> x1, Vector128<byte> x2, Vector128<byte> x3,
        ref Vector128<byte> sum0, ref Vector128<byte> sum1, ref Vector128<byte> sum2, ref Vector128<byte> sum3)
    {
        sum0 = AddI32(sum0, MultiplyPairsI16(weights, x0));
        sum1 = AddI32(sum1, MultiplyPairsI16(weights, x1));
        sum2 = AddI32(sum2, MultiplyPairsI16(weights, x2));
        sum3 = AddI32(sum3, MultiplyPairsI16(weights, x3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DotS8(Vector128<byte> sum, Vector128<byte> weights, Vector128<byte> x) =>
        Dp.DotProduct(sum.AsInt32(), weights.AsSByte(), x.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EvenI16(Vector128<byte> value) =>
        Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(value.AsInt16(), 8), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> OddI16(Vector128<byte> value) => Vector128.ShiftRightArithmetic(value.AsInt16(), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadScalePairs(ref readonly byte start, nint byteOffset)
    {
        Vector64<sbyte> bytes = Load4Bytes(in start, byteOffset).AsSByte();
        Vector64<short> scales = AdvSimd.SignExtendWideningLower(bytes).GetLower();
        return AdvSimd.Arm64.ZipLow(scales.ToVector128Unsafe(), scales.ToVector128Unsafe()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadU8AsI16(ref readonly byte start, nint byteOffset) =>
        AdvSimd.ZeroExtendWideningLower(Vector64.LoadUnsafe(in start, (nuint)byteOffset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddI32(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ConvertI32ToF32(Vector128<byte> value) => Vector128.ConvertToSingle(value.AsInt32()).AsByte();

    // The sign is extended to 32 bits, exponent and fraction come to lie where f32 has them, and a multiply by 2^112 mends the bias.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadF16(ref readonly byte start, nint byteOffset)
    {
        Vector128<int> bits = AdvSimd.SignExtendWideningLower(Vector64.LoadUnsafe(in start, (nuint)byteOffset).AsInt16());
        Vector128<int> scaled = Vector128.ShiftLeft(bits, 13) & Vector128.Create(unchecked((int)0x8FFFE000));
        return (scaled.AsSingle() * Vector128.Create(5.192296858534828e33f)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadSmallF16(ref readonly byte start, nint byteOffset) => LoadF16(in start, byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadS8AsF32(ref readonly byte start, nint byteOffset) =>
        Vector128.ConvertToSingle(AdvSimd.SignExtendWideningLower(
            AdvSimd.SignExtendWideningLower(Load4Bytes(in start, byteOffset).AsSByte()).GetLower())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadBF16(ref readonly byte start, nint byteOffset) =>
        AdvSimd.ShiftLeftLogical(AdvSimd.ZeroExtendWideningLower(Vector64.LoadUnsafe(in start, (nuint)byteOffset).AsUInt16()), 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> BroadcastF32(float value) => Vector128.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddF32(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractF32(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() - b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyF32(Vector128<byte> a, Vector128<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyAddF32(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c) =>
        Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxF32(Vector128<byte> a, Vector128<byte> b) => Vector128.MaxNative(a.AsSingle(), b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestF32(Vector128<byte> value)
    {
        Vector128<float> two = Vector128.MaxNative(value.AsSingle(), Vector128.Shuffle(value.AsSingle(), Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two.ToScalar(), two.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<byte> Load4Bytes(ref readonly byte start, nint byteOffset) =>
        Vector64.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();
}
