using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AhnSharp.Kernels.Tiers;

/// <summary>x86-64 with SSSE3 and SSE4.1: 4 lanes, a quarter of a tile.</summary>
internal readonly struct SseTier : ITier<Vector128<byte>>
{
    public static int Lanes => 4;

    public static bool HasDotS8 => false;

    public static bool HasManyRegisters => false;

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
    public static Vector128<byte> Lookup(Vector128<byte> table, Vector128<byte> indices) => Ssse3.Shuffle(table, indices);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PartialFromPairs(Vector128<byte> i16Pairs) => i16Pairs;

    // Two products of at most 63·127 fit 16 bits, so the saturation of this instruction never shows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AccumulatePairs(Vector128<byte> partial, Vector128<byte> weights, Vector128<byte> x) =>
        (partial.AsInt16() + Ssse3.MultiplyAddAdjacent(weights, x.AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairs(
        Vector128<byte> weights, Vector128<byte> x0, Vector128<byte> x1, Vector128<byte> x2, Vector128<byte> x3,
        ref Vector128<byte> partial0, ref Vector128<byte> partial1, ref Vector128<byte> partial2, ref Vector128<byte> partial3)
    {
        Vector128<short> product0 = Ssse3.MultiplyAddAdjacent(weights, x0.AsSByte());
        Vector128<short> product1 = Ssse3.MultiplyAddAdjacent(weights, x1.AsSByte());
        Vector128<short> product2 = Ssse3.MultiplyAddAdjacent(weights, x2.AsSByte());
        Vector128<short> product3 = Ssse3.MultiplyAddAdjacent(weights, x3.AsSByte());
        partial0 = (partial0.AsInt16() + product0).AsByte();
        partial1 = (partial1.AsInt16() + product1).AsByte();
        partial2 = (partial2.AsInt16() + product2).AsByte();
        partial3 = (partial3.AsInt16() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> PairProducts(Vector128<byte> unsigned, Vector128<byte> signed) =>
        Ssse3.MultiplyAddAdjacent(unsigned, signed.AsSByte()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() + b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> SubtractPartials(Vector128<byte> a, Vector128<byte> b) => (a.AsInt16() - b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial, Vector128<byte> scalePairs) =>
        Sse2.MultiplyAddAdjacent(partial.AsInt16(), scalePairs.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Widen(Vector128<byte> partial) =>
        Sse2.MultiplyAddAdjacent(partial.AsInt16(), Vector128<short>.One).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MultiplyPairsI16(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.MultiplyAddAdjacent(a.AsInt16(), b.AsInt16()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AccumulatePairsI16(
        Vector128<byte> weights, Vector128<byte> x0, Vector128<byte> x1, Vector128<byte> x2, Vector128<byte> x3,
        ref Vector128<byte> sum0, ref Vector128<byte> sum1, ref Vector128<byte> sum2, ref Vector128<byte> sum3)
    {
        Vector128<int> product0 = Sse2.MultiplyAddAdjacent(weights.AsInt16(), x0.AsInt16());
        Vector128<int> product1 = Sse2.MultiplyAddAdjacent(weights.AsInt16(), x1.AsInt16());
        Vector128<int> product2 = Sse2.MultiplyAddAdjacent(weights.AsInt16(), x2.AsInt16());
        Vector128<int> product3 = Sse2.MultiplyAddAdjacent(weights.AsInt16(), x3.AsInt16());
        sum0 = (sum0.AsInt32() + product0).AsByte();
        sum1 = (sum1.AsInt32() + product1).AsByte();
        sum2 = (sum2.AsInt32() + product2).AsByte();
        sum3 = (sum3.AsInt32() + product3).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DotS8(Vector128<byte> sum, Vector128<byte> weights, Vector128<byte> x) =>
        AddI32(sum, AddI32(MultiplyPairsI16(EvenI16(weights), EvenI16(x)), MultiplyPairsI16(OddI16(weights), OddI16(x))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EvenI16(Vector128<byte> value) =>
        Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(value.AsInt16(), 8), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> OddI16(Vector128<byte> value) => Vector128.ShiftRightArithmetic(value.AsInt16(), 8).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadScalePairs(ref readonly byte start, nint byteOffset)
    {
        Vector128<int> scales = Sse41.ConvertToVector128Int32(Load4Bytes(in start, byteOffset).AsSByte());
        return ((scales & Vector128.Create(0xFFFF)) | Vector128.ShiftLeft(scales, 16)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadU8AsI16(ref readonly byte start, nint byteOffset) =>
        Sse41.ConvertToVector128Int16(Load8Bytes(in start, byteOffset)).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> AddI32(Vector128<byte> a, Vector128<byte> b) => (a.AsInt32() + b.AsInt32()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ConvertI32ToF32(Vector128<byte> value) => Vector128.ConvertToSingle(value.AsInt32()).AsByte();

    // The sign is extended to 32 bits, exponent and fraction come to lie where f32 has them, and a multiply by 2^112 mends the bias.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadF16(ref readonly byte start, nint byteOffset)
    {
        Vector128<int> bits = Sse41.ConvertToVector128Int32(Load8Bytes(in start, byteOffset).AsInt16());
        Vector128<int> scaled = Vector128.ShiftLeft(bits, 13) & Vector128.Create(unchecked((int)0x8FFFE000));
        return (scaled.AsSingle() * Vector128.Create(5.192296858534828e33f)).AsByte();
    }

    // No subnormal f32 arises: a subnormal half gets the exponent of 2^-14, and that, its absent leading one, is taken away again.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadSmallF16(ref readonly byte start, nint byteOffset)
    {
        Vector128<int> bits = Sse41.ConvertToVector128Int32(Load8Bytes(in start, byteOffset).AsInt16());
        Vector128<int> magnitude = Vector128.ShiftLeft(bits, 13) & Vector128.Create(0x0FFFE000);
        Vector128<int> subnormal = Vector128.LessThan(magnitude, Vector128.Create(1 << 23));
        Vector128<int> biased = magnitude + Vector128.Create(112 << 23) + (subnormal & Vector128.Create(1 << 23));
        Vector128<float> value = biased.AsSingle() - (subnormal & Vector128.Create(113 << 23)).AsSingle();
        return (value.AsInt32() | (bits & Vector128.Create(int.MinValue))).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadS8AsF32(ref readonly byte start, nint byteOffset) =>
        Vector128.ConvertToSingle(Sse41.ConvertToVector128Int32(Load4Bytes(in start, byteOffset).AsSByte())).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadBF16(ref readonly byte start, nint byteOffset) =>
        Vector128.ShiftLeft(Sse41.ConvertToVector128Int32(Load8Bytes(in start, byteOffset).AsUInt16()), 16).AsByte();

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
        ((a.AsSingle() * b.AsSingle()) + c.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> MaxF32(Vector128<byte> a, Vector128<byte> b) => Vector128.MaxNative(a.AsSingle(), b.AsSingle()).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestF32(Vector128<byte> value)
    {
        Vector128<float> two = Vector128.MaxNative(value.AsSingle(), Vector128.Shuffle(value.AsSingle(), Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two.ToScalar(), two.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load4Bytes(ref readonly byte start, nint byteOffset) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<int>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Load8Bytes(ref readonly byte start, nint byteOffset) =>
        Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<long>(in Unsafe.AddByteOffset(ref Unsafe.AsRef(in start), byteOffset))).AsByte();
}
