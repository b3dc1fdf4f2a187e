using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AhnSharp.Kernels.Tiers;

/// <summary>x86-64 with AVX-512 F, BW, DQ and VL: 16 lanes, a whole tile.</summary>
internal readonly struct Avx512Tier : ITier<Vector512<byte>>
{
    public static int Lanes => 16;

    public static bool HasDotS8 => false;

    public static bool HasManyRegisters => true;

    public static Vector512<byte> Zero => Vector512<byte>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(ref readonly byte start, nint byteOffset) =>
        Vector512.LoadUnsafe(in start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<byte> value, ref byte start, nint byteOffset) =>
        value.StoreUnsafe(ref start, (nuint)byteOffset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast32(ref readonly byte start, nint byteOffset) =>
        Vector512.Create(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Splat(byte value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadTable(ref readonly sbyte start)
    {
        Vector128<byte> table = Vector128.LoadUnsafe(in start).AsByte();
        return Vector512.Create(Vector256.Create(table, table), Vector256.Create(table, table));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> And(Vector512<byte> a, Vector512<byte> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Or(Vector512<byte> a, Vector512<byte> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftLeft16(Vector512<byte> value, [ConstantExpected] byte bits) =>
        Vector512.ShiftLeft(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ShiftRight16(Vector512<byte> value, [ConstantExpected] byte bits) =>
        Vector512.ShiftRightLogical(value.AsUInt16(), bits).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Lookup(Vector512<byte> table, Vector512<byte> indices) => Avx512BW.Shuffle(table, indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PartialFromPairs(Vector512<byte> i16Pairs) => i16Pairs;

    // Two products of at most 63·127 fit 16 bits, so the saturation of this instruction never shows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AccumulatePairs(Vector512<byte> partial, Vector512<byte> weights, Vector512<byte> x) =>
        (partial.AsInt16() + Avx512BW.MultiplyAddAdjacent(weights, x.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairs(
        Vector512<byte> weights, Vector512<byte> x0, Vector512<byte> x1, Vector512<byte> x2, Vector512<byte> x3,
        ref Vector512<byte> partial0, ref Vector512<byte> partial1, ref Vector512<byte> partial2, ref Vector512<byte> partial3)
    {
        Vector512<short> product0 = Avx512BW.MultiplyAddAdjacent(weights, x0.AsSByte());
        Vector512<short> product1 = Avx512BW.MultiplyAddAdjacent(weights, x1.AsSByte());
        Vector512<short> product2 = Avx512BW.MultiplyAddAdjacent(weights, x2.AsSByte());
        Vector512<short> product3 = Avx512BW.MultiplyAddAdjacent(weights, x3.AsSByte());
        partial0 = (partial0.AsInt16() + product0).AsByte();
        partial1 = (partial1.AsInt16() + product1).AsByte();
        partial2 = (partial2.AsInt16() + product2).AsByte();
        partial3 = (partial3.AsInt16() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> PairProducts(Vector512<byte> unsigned, Vector512<byte> signed) =>
        Avx512BW.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddPartials(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractPartials(Vector512<byte> a, Vector512<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Widen(Vector512<byte> partial, Vector512<byte> scalePairs) =>
        Avx512BW.MultiplyAddAdjacent(partial.AsInt16(), scalePairs.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Widen(Vector512<byte> partial) =>
        Avx512BW.MultiplyAddAdjacent(partial.AsInt16(), Vector512<short>.One).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyPairsI16(Vector512<byte> a, Vector512<byte> b) =>
        Avx512BW.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairsI16(
        Vector512<byte> weights, Vector512<byte> x0, Vector512<byte> x1, Vector512<byte> x2, Vector512<byte> x3,
        ref Vector512<byte> sum0, ref Vector512<byte> sum1, ref Vector512<byte> sum2, ref Vector512<byte> sum3)
    {
        Vector512<int> product0 = Avx512BW.MultiplyAddAdjacent(weights.AsInt16(), x0.AsInt16());
        Vector512<int> product1 = Avx512BW.MultiplyAddAdjacent(weights.AsInt16(), x1.AsInt16());
        Vector512<int> product2 = Avx512BW.MultiplyAddAdjacent(weights.AsInt16(), x2.AsInt16());
        Vector512<int> product3 = Avx512BW.MultiplyAddAdjacent(weights.AsInt16(), x3.AsInt16());
        sum0 = (sum0.AsInt32() + product0).AsByte();
        sum1 = (sum1.AsInt32() + product1).AsByte();
        sum2 = (sum2.AsInt32() + product2).AsByte();
        sum3 = (sum3.AsInt32() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> DotS8(Vector512<byte> sum, Vector512<byte> weights, Vector512<byte> x) =>
        AddI32(sum, AddI32(MultiplyPairsI16(EvenI16(weights), EvenI16(x)), MultiplyPairsI16(OddI16(weights), OddI16(x))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> EvenI16(Vector512<byte> value) =>
        Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(value.AsInt16(), 8), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> OddI16(Vector512<byte> value) => Vector512.ShiftRightArithmetic(value.AsInt16(), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadScalePairs(ref readonly byte start, nint byteOffset)
    {
        Vector512<int> scales = Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in start, (nuint)byteOffset).AsSByte());
        return ((scales & Vector512.Create(0xFFFF)) | Vector512.ShiftLeft(scales, 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadU8AsI16(ref readonly byte start, nint byteOffset) =>
        Avx512BW.ConvertToVector512Int16(Vector256.LoadUnsafe(in start, (nuint)byteOffset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddI32(Vector512<byte> a, Vector512<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> ConvertI32ToF32(Vector512<byte> value) => Vector512.ConvertToSingle(value.AsInt32()).AsByte();

    // The sign is extended to 32 bits, exponent and fraction come to lie where f32 has them, and a multiply by 2^112 mends the bias.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadF16(ref readonly byte start, nint byteOffset)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in start, (nuint)byteOffset).AsInt16());
        Vector512<int> scaled = Vector512.ShiftLeft(bits, 13) & Vector512.Create(unchecked((int)0x8FFFE000));
        return (scaled.AsSingle() * Vector512.Create(5.192296858534828e33f)).AsByte();
    }

    // No subnormal f32 arises: a subnormal half gets the exponent of 2^-14, and that, its absent leading one, is taken away again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadSmallF16(ref readonly byte start, nint byteOffset)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in start, (nuint)byteOffset).AsInt16());
        Vector512<int> magnitude = Vector512.ShiftLeft(bits, 13) & Vector512.Create(0x0FFFE000);
        Vector512<int> subnormal = Vector512.LessThan(magnitude, Vector512.Create(1 << 23));
        Vector512<int> biased = magnitude + Vector512.Create(112 << 23) + (subnormal & Vector512.Create(1 << 23));
        Vector512<float> value = biased.AsSingle() - (subnormal & Vector512.Create(113 << 23)).AsSingle();
        return (value.AsInt32() | (bits & Vector512.Create(int.MinValue))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadS8AsF32(ref readonly byte start, nint byteOffset) =>
        Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.LoadUnsafe(in start, (nuint)byteOffset).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LoadBF16(ref readonly byte start, nint byteOffset) =>
        Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector256.LoadUnsafe(in start, (nuint)byteOffset).AsUInt16()), 16).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> BroadcastF32(float value) => Vector512.Create(value).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> AddF32(Vector512<byte> a, Vector512<byte> b) => (a.AsSingle() + b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> SubtractF32(Vector512<byte> a, Vector512<byte> b) => (a.AsSingle() - b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyF32(Vector512<byte> a, Vector512<byte> b) => (a.AsSingle() * b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MultiplyAddF32(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c) =>
        Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> MaxF32(Vector512<byte> a, Vector512<byte> b) => Vector512.MaxNative(a.AsSingle(), b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestF32(Vector512<byte> value) =>
        Avx2Tier.LargestF32(Vector256.MaxNative(value.GetLower().AsSingle(), value.GetUpper().AsSingle()).AsByte());
}
