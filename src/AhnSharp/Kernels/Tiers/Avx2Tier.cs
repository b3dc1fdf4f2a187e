using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AhnSharp.Kernels.Tiers;

/// <summary>x86-64 with AVX2 and FMA: 8 lanes, half a tile.</summary>
internal readonly struct Avx2Tier : ITier<Vector256<byte>>
{
    public static int Lanes => 8;

    public static bool HasDotS8 => false;

    public static bool HasManyRegisters => false;

    public static Vector256<byte> Zero => Vector256<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Load(ref readonly byte start, nint byteOffset) =>
        Vector256.LoadUnsafe(in start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<byte> value, ref byte start, nint byteOffset) =>
        value.StoreUnsafe(ref start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Broadcast32(ref readonly byte start, nint byteOffset) =>
        Vector256.Create(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Splat(byte value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadTable(ref readonly sbyte start)
    {
        Vector128<byte> table = Vector128.LoadUnsafe(in start).AsByte();
        return Vector256.Create(table, table);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> And(Vector256<byte> a, Vector256<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Or(Vector256<byte> a, Vector256<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftLeft16(Vector256<byte> value, [ConstantExpected] byte bits) =>
        Vector256.ShiftLeft(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ShiftRight16(Vector256<byte> value, [ConstantExpected] byte bits) =>
        Vector256.ShiftRightLogical(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Lookup(Vector256<byte> table, Vector256<byte> indices) => Avx2.Shuffle(table, indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PartialFromPairs(Vector256<byte> i16Pairs) => i16Pairs;

    // Two products of at most 63·127 fit 16 bits, so the saturation of this instruction never shows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AccumulatePairs(Vector256<byte> partial, Vector256<byte> weights, Vector256<byte> x) =>
        (partial.AsInt16() + Avx2.MultiplyAddAdjacent(weights, x.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairs(
        Vector256<byte> weights, Vector256<byte> x0, Vector256<byte> x1, Vector256<byte> x2, Vector256<byte> x3,
        ref Vector256<byte> partial0, ref Vector256<byte> partial1, ref Vector256<byte> partial2, ref Vector256<byte> partial3)
    {
        Vector256<short> product0 = Avx2.MultiplyAddAdjacent(weights, x0.AsSByte());
        Vector256<short> product1 = Avx2.MultiplyAddAdjacent(weights, x1.AsSByte());
        Vector256<short> product2 = Avx2.MultiplyAddAdjacent(weights, x2.AsSByte());
        Vector256<short> product3 = Avx2.MultiplyAddAdjacent(weights, x3.AsSByte());
        partial0 = (partial0.AsInt16() + product0).AsByte();
        partial1 = (partial1.AsInt16() + product1).AsByte();
        partial2 = (partial2.AsInt16() + product2).AsByte();
        partial3 = (partial3.AsInt16() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> PairProducts(Vector256<byte> unsigned, Vector256<byte> signed) =>
        Avx2.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddPartials(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractPartials(Vector256<byte> a, Vector256<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Widen(Vector256<byte> partial, Vector256<byte> scalePairs) =>
        Avx2.MultiplyAddAdjacent(partial.AsInt16(), scalePairs.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Widen(Vector256<byte> partial) =>
        Avx2.MultiplyAddAdjacent(partial.AsInt16(), Vector256<short>.One).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyPairsI16(Vector256<byte> a, Vector256<byte> b) =>
        Avx2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairsI16(
        Vector256<byte> weights, Vector256<byte> x0, Vector256<byte> x1, Vector256<byte> x2, Vector256<byte> x3,
        ref Vector256<byte> sum0, ref Vector256<byte> sum1, ref Vector256<byte> sum2, ref Vector256<byte> sum3)
    {
        Vector256<int> product0 = Avx2.MultiplyAddAdjacent(weights.AsInt16(), x0.AsInt16());
        Vector256<int> product1 = Avx2.MultiplyAddAdjacent(weights.AsInt16(), x1.AsInt16());
        Vector256<int> product2 = Avx2.MultiplyAddAdjacent(weights.AsInt16(), x2.AsInt16());
        Vector256<int> product3 = Avx2.MultiplyAddAdjacent(weights.AsInt16(), x3.AsInt16());
        sum0 = (sum0.AsInt32() + product0).AsByte();
        sum1 = (sum1.AsInt32() + product1).AsByte();
        sum2 = (sum2.AsInt32() + product2).AsByte();
        sum3 = (sum3.AsInt32() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> DotS8(Vector256<byte> sum, Vector256<byte> weights, Vector256<byte> x) =>
        AddI32(sum, AddI32(MultiplyPairsI16(EvenI16(weights), EvenI16(x)), MultiplyPairsI16(OddI16(weights), OddI16(x))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> EvenI16(Vector256<byte> value) =>
        Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(value.AsInt16(), 8), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> OddI16(Vector256<byte> value) => Vector256.ShiftRightArithmetic(value.AsInt16(), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadScalePairs(ref readonly byte start, nint byteOffset)
    {
        Vector256<int> scales = Avx2.ConvertToVector256Int32(Load8Bytes(in start, byteOffset).AsSByte());
        return ((scales & Vector256.Create(0xFFFF)) | Vector256.ShiftLeft(scales, 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadU8AsI16(ref readonly byte start, nint byteOffset) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(in start, (nuint)byteOffset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddI32(Vector256<byte> a, Vector256<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> ConvertI32ToF32(Vector256<byte> value) => Vector256.ConvertToSingle(value.AsInt32()).AsByte();

    // The sign is extended to 32 bits, exponent and fraction come to lie where f32 has them, and a multiply by 2^112 mends the bias.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadF16(ref readonly byte start, nint byteOffset)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in start, (nuint)byteOffset).AsInt16());
        Vector256<int> scaled = Vector256.ShiftLeft(bits, 13) & Vector256.Create(unchecked((int)0x8FFFE000));
        return (scaled.AsSingle() * Vector256.Create(5.192296858534828e33f)).AsByte();
    }

    // No subnormal f32 arises: a subnormal half gets the exponent of 2^-14, and that, its absent leading one, is taken away again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadSmallF16(ref readonly byte start, nint byteOffset)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in start, (nuint)byteOffset).AsInt16());
        Vector256<int> magnitude = Vector256.ShiftLeft(bits, 13) & Vector256.Create(0x0FFFE000);
        Vector256<int> subnormal = Vector256.LessThan(magnitude, Vector256.Create(1 << 23));
        Vector256<int> biased = magnitude + Vector256.Create(112 << 23) + (subnormal & Vector256.Create(1 << 23));
        Vector256<float> value = biased.AsSingle() - (subnormal & Vector256.Create(113 << 23)).AsSingle();
        return (value.AsInt32() | (bits & Vector256.Create(int.MinValue))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadS8AsF32(ref readonly byte start, nint byteOffset) =>
        Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Load8Bytes(in start, byteOffset).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> LoadBF16(ref readonly byte start, nint byteOffset) =>
        Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(Vector128.LoadUnsafe(in start, (nuint)byteOffset).AsUInt16()), 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> BroadcastF32(float value) => Vector256.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> AddF32(Vector256<byte> a, Vector256<byte> b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> SubtractF32(Vector256<byte> a, Vector256<byte> b) => (a.AsSingle() - b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyF32(Vector256<byte> a, Vector256<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MultiplyAddF32(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c) =>
        Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> MaxF32(Vector256<byte> a, Vector256<byte> b) => Vector256.MaxNative(a.AsSingle(), b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestF32(Vector256<byte> value) =>
        SseTier.LargestF32(Vector128.MaxNative(value.GetLower().AsSingle(), value.GetUpper().AsSingle()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load8Bytes(ref readonly byte start, nint byteOffset) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();
}
