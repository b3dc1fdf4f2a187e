using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Arm64 AdvSimd without dot products: 4 lanes, a quarter of a tile.</summary>
internal readonly struct NeonTier : ITier<Vector128<byte>>
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
    public static Vector128<byte> PartialFromPairs(Vector128<byte> i16Pairs) => i16Pairs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AccumulatePairs(Vector128<byte> partial, Vector128<byte> weights, Vector128<byte> x) =>
        (partial.AsInt16() + SignedPairProducts(weights, x)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairs(
        Vector128<byte> weights, Vector128<byte> x0, Vector128<byte> x1, Vector128<byte> x2, Vector128<byte> x3,
        ref Vector128<byte> partial0, ref Vector128<byte> partial1, ref Vector128<byte> partial2, ref Vector128<byte> partial3)
    {
        Vector128<short> product0 = SignedPairProducts(weights, x0);
        Vector128<short> product1 = SignedPairProducts(weights, x1);
        Vector128<short> product2 = SignedPairProducts(weights, x2);
        Vector128<short> product3 = SignedPairProducts(weights, x3);
        partial0 = (partial0.AsInt16() + product0).AsByte();
        partial1 = (partial1.AsInt16() + product1).AsByte();
        partial2 = (partial2.AsInt16() + product2).AsByte();
        partial3 = (partial3.AsInt16() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PairProducts(Vector128<byte> unsigned, Vector128<byte> signed) =>
        SignedPairProducts(unsigned, signed).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial, Vector128<byte> scalePairs) => MultiplyPairsI16(partial, scalePairs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial) => AdvSimd.AddPairwiseWidening(partial.AsInt16()).AsByte();

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

    // Two products of at most 128·127 fit 16 bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DotS8(Vector128<byte> sum, Vector128<byte> weights, Vector128<byte> x) =>
        AdvSimd.AddPairwiseWideningAndAdd(sum.AsInt32(), SignedPairProducts(weights, x)).AsByte();

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
    private static Vector128<short> SignedPairProducts(Vector128<byte> weights, Vector128<byte> x)
    {
        Vector128<short> low = AdvSimd.MultiplyWideningLower(weights.AsSByte().GetLower(), x.AsSByte().GetLower());
        Vector128<short> high = AdvSimd.MultiplyWideningUpper(weights.AsSByte(), x.AsSByte());
        return AdvSimd.Arm64.AddPairwise(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector64<byte> Load4Bytes(ref readonly byte start, nint byteOffset) =>
        Vector64.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();
}
