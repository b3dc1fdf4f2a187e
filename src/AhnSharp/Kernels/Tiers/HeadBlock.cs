using System.Runtime.CompilerServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>
/// The query heads that share a key/value head, all at once: 5 to 8 rows of X times one or two registers' width of A, which is loaded
/// (halves: converted) once for all.
/// </summary>
/// <remarks>
/// For tiers of 32 registers. As <see cref="GemmBlock{V,T,E}"/>; what a tile of fewer rows does not have is left out when it is compiled.
/// </remarks>
internal static class HeadBlock<V, T, E, R>
    where V : struct
    where T : struct, ITier<V>
    where E : struct, IElement<V>
    where R : struct, IRowCount
{
    /// <summary>All rows × 2 registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Columns2(ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, nint k, bool accumulate)
    {
        nint second = 4 * T.Lanes;
        V s00 = T.Zero, s01 = T.Zero, s10 = T.Zero, s11 = T.Zero, s20 = T.Zero, s21 = T.Zero, s30 = T.Zero, s31 = T.Zero;
        V s40 = T.Zero, s41 = T.Zero, s50 = T.Zero, s51 = T.Zero, s60 = T.Zero, s61 = T.Zero, s70 = T.Zero, s71 = T.Zero;
        if (accumulate)
        {
            (s00, s01) = (T.Load(in c, 0), T.Load(in c, second));
            (s10, s11) = (T.Load(in c, cStride), T.Load(in c, cStride + second));
            (s20, s21) = (T.Load(in c, 2 * cStride), T.Load(in c, (2 * cStride) + second));
            (s30, s31) = (T.Load(in c, 3 * cStride), T.Load(in c, (3 * cStride) + second));
            (s40, s41) = (T.Load(in c, 4 * cStride), T.Load(in c, (4 * cStride) + second));
            if (R.Rows > 5) (s50, s51) = (T.Load(in c, 5 * cStride), T.Load(in c, (5 * cStride) + second));
            if (R.Rows > 6) (s60, s61) = (T.Load(in c, 6 * cStride), T.Load(in c, (6 * cStride) + second));
            if (R.Rows > 7) (s70, s71) = (T.Load(in c, 7 * cStride), T.Load(in c, (7 * cStride) + second));
        }
        ref byte x1 = ref Unsafe.AddByteOffset(ref x, xStride);
        ref byte x2 = ref Unsafe.AddByteOffset(ref x1, xStride);
        ref byte x3 = ref Unsafe.AddByteOffset(ref x2, xStride);
        ref byte x4 = ref Unsafe.AddByteOffset(ref x3, xStride);
        ref byte x5 = ref Unsafe.AddByteOffset(ref x4, xStride);
        ref byte x6 = ref Unsafe.AddByteOffset(ref x5, xStride);
        ref byte x7 = ref Unsafe.AddByteOffset(ref x6, xStride);
        for (nint j = 0; j < 4 * k; j += 4)
        {
            V a0 = E.Load(in a, 0), a1 = E.Load(in a, E.Bytes * T.Lanes);
            Add(T.Broadcast32(in x, j), a0, a1, ref s00, ref s01);
            Add(T.Broadcast32(in x1, j), a0, a1, ref s10, ref s11);
            Add(T.Broadcast32(in x2, j), a0, a1, ref s20, ref s21);
            Add(T.Broadcast32(in x3, j), a0, a1, ref s30, ref s31);
            Add(T.Broadcast32(in x4, j), a0, a1, ref s40, ref s41);
            if (R.Rows > 5) Add(T.Broadcast32(in x5, j), a0, a1, ref s50, ref s51);
            if (R.Rows > 6) Add(T.Broadcast32(in x6, j), a0, a1, ref s60, ref s61);
            if (R.Rows > 7) Add(T.Broadcast32(in x7, j), a0, a1, ref s70, ref s71);
            a = ref Unsafe.AddByteOffset(ref a, aStride);
        }
        Store(s00, s01, ref Unsafe.AddByteOffset(ref c, 0));
        Store(s10, s11, ref Unsafe.AddByteOffset(ref c, cStride));
        Store(s20, s21, ref Unsafe.AddByteOffset(ref c, 2 * cStride));
        Store(s30, s31, ref Unsafe.AddByteOffset(ref c, 3 * cStride));
        Store(s40, s41, ref Unsafe.AddByteOffset(ref c, 4 * cStride));
        if (R.Rows > 5) Store(s50, s51, ref Unsafe.AddByteOffset(ref c, 5 * cStride));
        if (R.Rows > 6) Store(s60, s61, ref Unsafe.AddByteOffset(ref c, 6 * cStride));
        if (R.Rows > 7) Store(s70, s71, ref Unsafe.AddByteOffset(ref c, 7 * cStride));
    }

    /// <summary>All rows × 1 register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Columns1(ref byte x, nint xStride, ref byte a, nint aStride, ref byte c, nint cStride, nint k, bool accumulate)
    {
        V s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero, s4 = T.Zero, s5 = T.Zero, s6 = T.Zero, s7 = T.Zero;
        if (accumulate)
        {
            (s0, s1, s2, s3, s4) =
                (T.Load(in c, 0), T.Load(in c, cStride), T.Load(in c, 2 * cStride), T.Load(in c, 3 * cStride), T.Load(in c, 4 * cStride));
            if (R.Rows > 5) s5 = T.Load(in c, 5 * cStride);
            if (R.Rows > 6) s6 = T.Load(in c, 6 * cStride);
            if (R.Rows > 7) s7 = T.Load(in c, 7 * cStride);
        }
        ref byte x1 = ref Unsafe.AddByteOffset(ref x, xStride);
        ref byte x2 = ref Unsafe.AddByteOffset(ref x1, xStride);
        ref byte x3 = ref Unsafe.AddByteOffset(ref x2, xStride);
        ref byte x4 = ref Unsafe.AddByteOffset(ref x3, xStride);
        ref byte x5 = ref Unsafe.AddByteOffset(ref x4, xStride);
        ref byte x6 = ref Unsafe.AddByteOffset(ref x5, xStride);
        ref byte x7 = ref Unsafe.AddByteOffset(ref x6, xStride);
        for (nint j = 0; j < 4 * k; j += 4)
        {
            V a0 = E.Load(in a, 0);
            s0 = T.MultiplyAddF32(T.Broadcast32(in x, j), a0, s0);
            s1 = T.MultiplyAddF32(T.Broadcast32(in x1, j), a0, s1);
            s2 = T.MultiplyAddF32(T.Broadcast32(in x2, j), a0, s2);
            s3 = T.MultiplyAddF32(T.Broadcast32(in x3, j), a0, s3);
            s4 = T.MultiplyAddF32(T.Broadcast32(in x4, j), a0, s4);
            if (R.Rows > 5) s5 = T.MultiplyAddF32(T.Broadcast32(in x5, j), a0, s5);
            if (R.Rows > 6) s6 = T.MultiplyAddF32(T.Broadcast32(in x6, j), a0, s6);
            if (R.Rows > 7) s7 = T.MultiplyAddF32(T.Broadcast32(in x7, j), a0, s7);
            a = ref Unsafe.AddByteOffset(ref a, aStride);
        }
        T.Store(s0, ref c, 0);
        T.Store(s1, ref c, cStride);
        T.Store(s2, ref c, 2 * cStride);
        T.Store(s3, ref c, 3 * cStride);
        T.Store(s4, ref c, 4 * cStride);
        if (R.Rows > 5) T.Store(s5, ref c, 5 * cStride);
        if (R.Rows > 6) T.Store(s6, ref c, 6 * cStride);
        if (R.Rows > 7) T.Store(s7, ref c, 7 * cStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(V x, V a0, V a1, ref V s0, ref V s1)
    {
        s0 = T.MultiplyAddF32(x, a0, s0);
        s1 = T.MultiplyAddF32(x, a1, s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(V s0, V s1, ref byte c)
    {
        T.Store(s0, ref c, 0);
        T.Store(s1, ref c, 4 * T.Lanes);
    }
}
