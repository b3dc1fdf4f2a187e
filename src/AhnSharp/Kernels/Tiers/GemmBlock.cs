using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>
/// The inner loops of <see cref="TierGemm{V,T}"/>: a few rows of X times a few registers' width of A, summed in registers over k.
/// </summary>
/// <remarks>
/// Strides in bytes. Names: s{row}{register}. On SSE, where multiply and add are two instructions, 16 registers just suffice.
/// </remarks>
internal static class GemmBlock<V, T, E>
    where V : struct
    where T : struct, ITier<V>
    where E : struct, IElement<V>
{
    /// <summary>4 rows × 2 registers: 8 sums in flight cover the latency of a multiply-add on two ports.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rows4x2(ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, nint k, bool accumulate)
    {
        nint second = 4 * T.Lanes;
        V s00 = T.Zero, s01 = T.Zero, s10 = T.Zero, s11 = T.Zero, s20 = T.Zero, s21 = T.Zero, s30 = T.Zero, s31 = T.Zero;
        if (accumulate)
        {
            (s00, s01) = (T.Load(in c, 0), T.Load(in c, second));
            (s10, s11) = (T.Load(in c, cStride), T.Load(in c, cStride + second));
            (s20, s21) = (T.Load(in c, 2 * cStride), T.Load(in c, (2 * cStride) + second));
            (s30, s31) = (T.Load(in c, 3 * cStride), T.Load(in c, (3 * cStride) + second));
        }
        ref byte x1 = ref Unsafe.AddByteOffset(ref x, xStride);
        ref byte x2 = ref Unsafe.AddByteOffset(ref x1, xStride);
        ref byte x3 = ref Unsafe.AddByteOffset(ref x2, xStride);
        for (nint j = 0; j < 4 * k; j += 4)
        {
            V a0 = E.Load(in a, 0), a1 = E.Load(in a, E.Bytes * T.Lanes);
            V row = T.Broadcast32(in x, j);
            s00 = T.MultiplyAddF32(row, a0, s00);
            s01 = T.MultiplyAddF32(row, a1, s01);
            row = T.Broadcast32(in x1, j);
            s10 = T.MultiplyAddF32(row, a0, s10);
            s11 = T.MultiplyAddF32(row, a1, s11);
            row = T.Broadcast32(in x2, j);
            s20 = T.MultiplyAddF32(row, a0, s20);
            s21 = T.MultiplyAddF32(row, a1, s21);
            row = T.Broadcast32(in x3, j);
            s30 = T.MultiplyAddF32(row, a0, s30);
            s31 = T.MultiplyAddF32(row, a1, s31);
            a = ref Unsafe.AddByteOffset(ref a, aStride);
        }
        T.Store(s00, ref c, 0);
        T.Store(s01, ref c, second);
        T.Store(s10, ref c, cStride);
        T.Store(s11, ref c, cStride + second);
        T.Store(s20, ref c, 2 * cStride);
        T.Store(s21, ref c, (2 * cStride) + second);
        T.Store(s30, ref c, 3 * cStride);
        T.Store(s31, ref c, (3 * cStride) + second);
    }

    /// <summary>4 rows × 1 register, even and odd k apart: again 8 sums in flight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Rows4x1(ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, nint k, bool accumulate)
    {
        V s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero, o0 = T.Zero, o1 = T.Zero, o2 = T.Zero, o3 = T.Zero;
        if (accumulate) (s0, s1, s2, s3) = (T.Load(in c, 0), T.Load(in c, cStride), T.Load(in c, 2 * cStride), T.Load(in c, 3 * cStride));
        ref byte x1 = ref Unsafe.AddByteOffset(ref x, xStride);
        ref byte x2 = ref Unsafe.AddByteOffset(ref x1, xStride);
        ref byte x3 = ref Unsafe.AddByteOffset(ref x2, xStride);
        nint j = 0;
        for (; j + 8 <= 4 * k; j += 8)
        {
            V even = E.Load(in a, 0), odd = E.Load(in a, aStride);
            s0 = T.MultiplyAddF32(T.Broadcast32(in x, j), even, s0);
            s1 = T.MultiplyAddF32(T.Broadcast32(in x1, j), even, s1);
            s2 = T.MultiplyAddF32(T.Broadcast32(in x2, j), even, s2);
            s3 = T.MultiplyAddF32(T.Broadcast32(in x3, j), even, s3);
            o0 = T.MultiplyAddF32(T.Broadcast32(in x, j + 4), odd, o0);
            o1 = T.MultiplyAddF32(T.Broadcast32(in x1, j + 4), odd, o1);
            o2 = T.MultiplyAddF32(T.Broadcast32(in x2, j + 4), odd, o2);
            o3 = T.MultiplyAddF32(T.Broadcast32(in x3, j + 4), odd, o3);
            a = ref Unsafe.AddByteOffset(ref a, 2 * aStride);
        }
        if (j < 4 * k)
        {
            V even = E.Load(in a, 0);
            s0 = T.MultiplyAddF32(T.Broadcast32(in x, j), even, s0);
            s1 = T.MultiplyAddF32(T.Broadcast32(in x1, j), even, s1);
            s2 = T.MultiplyAddF32(T.Broadcast32(in x2, j), even, s2);
            s3 = T.MultiplyAddF32(T.Broadcast32(in x3, j), even, s3);
        }
        T.Store(T.AddF32(s0, o0), ref c, 0);
        T.Store(T.AddF32(s1, o1), ref c, cStride);
        T.Store(T.AddF32(s2, o2), ref c, 2 * cStride);
        T.Store(T.AddF32(s3, o3), ref c, 3 * cStride);
    }

    /// <summary>1 row × 4 registers, even and odd k apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Row1x4(ref byte x, ref byte a, nint aStride, ref byte c, nint k, bool accumulate)
    {
        nint width = 4 * T.Lanes;
        int step = E.Bytes * T.Lanes;
        V s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero, o0 = T.Zero, o1 = T.Zero, o2 = T.Zero, o3 = T.Zero;
        if (accumulate) (s0, s1, s2, s3) = (T.Load(in c, 0), T.Load(in c, width), T.Load(in c, 2 * width), T.Load(in c, 3 * width));
        nint j = 0;
        for (; j + 8 <= 4 * k; j += 8)
        {
            V even = T.Broadcast32(in x, j), odd = T.Broadcast32(in x, j + 4);
            ref byte next = ref Unsafe.AddByteOffset(ref a, aStride);
            s0 = T.MultiplyAddF32(even, E.Load(in a, 0), s0);
            s1 = T.MultiplyAddF32(even, E.Load(in a, step), s1);
            s2 = T.MultiplyAddF32(even, E.Load(in a, 2 * step), s2);
            s3 = T.MultiplyAddF32(even, E.Load(in a, 3 * step), s3);
            o0 = T.MultiplyAddF32(odd, E.Load(in next, 0), o0);
            o1 = T.MultiplyAddF32(odd, E.Load(in next, step), o1);
            o2 = T.MultiplyAddF32(odd, E.Load(in next, 2 * step), o2);
            o3 = T.MultiplyAddF32(odd, E.Load(in next, 3 * step), o3);
            a = ref Unsafe.AddByteOffset(ref next, aStride);
        }
        if (j < 4 * k)
        {
            V even = T.Broadcast32(in x, j);
            s0 = T.MultiplyAddF32(even, E.Load(in a, 0), s0);
            s1 = T.MultiplyAddF32(even, E.Load(in a, step), s1);
            s2 = T.MultiplyAddF32(even, E.Load(in a, 2 * step), s2);
            s3 = T.MultiplyAddF32(even, E.Load(in a, 3 * step), s3);
        }
        T.Store(T.AddF32(s0, o0), ref c, 0);
        T.Store(T.AddF32(s1, o1), ref c, width);
        T.Store(T.AddF32(s2, o2), ref c, 2 * width);
        T.Store(T.AddF32(s3, o3), ref c, 3 * width);
    }

    /// <summary>1 row × 1 register, k in 4 strands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Row1x1(ref byte x, ref byte a, nint aStride, ref byte c, nint k, bool accumulate)
    {
        V s0 = accumulate ? T.Load(in c, 0) : T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
        nint j = 0;
        for (; j + 16 <= 4 * k; j += 16)
        {
            ref byte pair = ref Unsafe.AddByteOffset(ref a, 2 * aStride);
            s0 = T.MultiplyAddF32(T.Broadcast32(in x, j), E.Load(in a, 0), s0);
            s1 = T.MultiplyAddF32(T.Broadcast32(in x, j + 4), E.Load(in a, aStride), s1);
            s2 = T.MultiplyAddF32(T.Broadcast32(in x, j + 8), E.Load(in pair, 0), s2);
            s3 = T.MultiplyAddF32(T.Broadcast32(in x, j + 12), E.Load(in pair, aStride), s3);
            a = ref Unsafe.AddByteOffset(ref pair, 2 * aStride);
        }
        for (; j < 4 * k; j += 4)
        {
            s0 = T.MultiplyAddF32(T.Broadcast32(in x, j), E.Load(in a, 0), s0);
            a = ref Unsafe.AddByteOffset(ref a, aStride);
        }
        T.Store(T.AddF32(T.AddF32(s0, s1), T.AddF32(s2, s3)), ref c, 0);
    }
}
