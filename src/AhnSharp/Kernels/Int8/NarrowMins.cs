using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>
/// What follows the integers of <see cref="NarrowTile{V, T, F}"/>: the mins of a format, each of which multiplies a sum of
/// activations, and the scales in f32.
/// </summary>
/// <typeparam name="V">A register.</typeparam>
/// <typeparam name="T">The tier.</typeparam>
/// <typeparam name="F">The format.</typeparam>
internal static class NarrowMins<V, T, F>
    where V : struct
    where T : struct, ITier<V>
    where F : struct, INarrowFormat
{
    private const int Word = sizeof(int);

    /// <summary>Blocks of 32: y + m·dx·Σx of 1 token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddBlock(ref readonly byte w, nint lane, V d, ref readonly byte xSums, V y) =>
        T.MultiplyAddF32(BlockMin(in w, lane, d), T.Broadcast32(in xSums, 0), y);

    /// <summary>The same of 4 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddBlock4(ref readonly byte w, nint lane, V d, ref readonly byte xSums, ref V y0, ref V y1, ref V y2, ref V y3)
    {
        V min = BlockMin(in w, lane, d);
        y0 = T.MultiplyAddF32(min, T.Broadcast32(in xSums, 0), y0);
        y1 = T.MultiplyAddF32(min, T.Broadcast32(in xSums, Word), y1);
        y2 = T.MultiplyAddF32(min, T.Broadcast32(in xSums, 2 * Word), y2);
        y3 = T.MultiplyAddF32(min, T.Broadcast32(in xSums, 3 * Word), y3);
    }

    /// <summary>Super-blocks: Σ over 8 sub-blocks of min · Σx, two sub-blocks an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Products(ref readonly byte xSums, int tokens, int token, V m0, V m1, V m2, V m3) => T.AddI32(
        T.AddI32(
            T.MultiplyPairsI16(m0, T.Broadcast32(in xSums, Word * token)),
            T.MultiplyPairsI16(m1, T.Broadcast32(in xSums, Word * (tokens + token)))),
        T.AddI32(
            T.MultiplyPairsI16(m2, T.Broadcast32(in xSums, Word * (2 * tokens + token))),
            T.MultiplyPairsI16(m3, T.Broadcast32(in xSums, Word * (3 * tokens + token)))));

    /// <summary>Super-blocks: y + (d·i − dMin·products)·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V AddSuperBlock(V y, V i, V d, V products, V dMin, V x)
    {
        V less = T.MultiplyF32(T.ConvertI32ToF32(products), dMin);
        return T.MultiplyAddF32(T.SubtractF32(T.MultiplyF32(T.ConvertI32ToF32(i), d), less), x, y);
    }

    /// <summary>Super-blocks: the float work of 8 tokens, with mins or without; adds to the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FinishSuperBlock8(ref readonly byte w, scoped in EightTokens x, nint lane, ref readonly byte integers, ref byte sums)
    {
        if (T.Lanes == TileKernel.Rows) lane = 0;
        if (F.HasMinsOf16)
        {
            FinishOf16(in w, in x.First, lane, in integers, ref sums);
            FinishOf16(in w, in x.Second, lane, in Unsafe.AddByteOffset(ref Unsafe.AsRef(in integers), 4 * 64),
                ref Unsafe.AddByteOffset(ref sums, 4 * 64));
            return;
        }
        V d = T.LoadSmallF16(in w, 2 * lane), dMin = T.Zero, m0 = T.Zero, m1 = T.Zero, m2 = T.Zero, m3 = T.Zero;
        if (F.HasMins)
        {
            dMin = T.LoadSmallF16(in w, 32 + 2 * lane);
            nint mins = F.MinsOffset + 2 * lane;
            (m0, m1, m2, m3) =
                (T.LoadU8AsI16(in w, mins), T.LoadU8AsI16(in w, mins + 32), T.LoadU8AsI16(in w, mins + 64), T.LoadU8AsI16(in w, mins + 96));
        }
        ref byte i = ref Unsafe.AsRef(in integers), y = ref Unsafe.AddByteOffset(ref sums, Word * lane);
        ref byte xScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.First.Scales)), xSums = ref Unsafe.AsRef(in x.First.Sums);
        for (nint token = 0; token < 8; token++)
        {
            V integer = T.Load(in i, 0), before = T.Load(in y, 0), scale = T.Broadcast32(in xScales, 0);
            V after = F.HasMins
                ? AddSuperBlock(before, integer, d, Products(in xSums, 4, 0, m0, m1, m2, m3), dMin, scale)
                : T.MultiplyAddF32(T.ConvertI32ToF32(integer), T.MultiplyF32(d, scale), before);
            T.Store(after, ref y, 0);
            i = ref Unsafe.AddByteOffset(ref i, 64);
            y = ref Unsafe.AddByteOffset(ref y, 64);
            xScales = ref token == 3 ? ref Unsafe.As<float, byte>(
                ref Unsafe.AsRef(in x.Second.Scales)) : ref Unsafe.AddByteOffset(ref xScales, Word);
            xSums = ref token == 3 ? ref Unsafe.AsRef(in x.Second.Sums) : ref Unsafe.AddByteOffset(ref xSums, Word);
        }
    }

    /// <summary>Mins of 16: dmin / −32, which meets products of −32·Σx.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V DMinOf16(ref readonly byte w, nint lane) =>
        T.MultiplyF32(T.LoadSmallF16(in w, 32 + 2 * lane), T.BroadcastF32(-1f / 32));

    /// <summary>
    /// Mins of 16: products + min · −32·Σx of 16 weights, 1 token; 16·15·32·16·127 = 15,605,760 is no rounding in f32 either.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ProductsOf16(ref readonly byte w, nint scales, ref readonly byte xOffsets, V products) =>
        Add(MinPairs(in w, scales), in xOffsets, 0, products);

    /// <summary>Mins of 16: Σ over the 16 of a super-block of min · −32·Σx, 4 tokens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ProductsOf16(ref readonly byte w, nint lane, ref readonly byte xOffsets, out V m0, out V m1, out V m2, out V m3)
    {
        m0 = m1 = m2 = m3 = T.Zero;
        ref byte x = ref Unsafe.AsRef(in xOffsets);
        nint scales = F.ScalesOffset + lane;
        for (int sub = 0; sub < F.SubBlocks; sub++)
        {
            V first = MinPairs(in w, scales), second = MinPairs(in w, scales + TileKernel.Rows);
            m0 = Add(second, in x, 4 * Word, Add(first, in x, 0, m0));
            m1 = Add(second, in x, 5 * Word, Add(first, in x, Word, m1));
            m2 = Add(second, in x, 6 * Word, Add(first, in x, 2 * Word, m2));
            m3 = Add(second, in x, 7 * Word, Add(first, in x, 3 * Word, m3));
            scales += F.ScalesStride;
            x = ref Unsafe.AddByteOffset(ref x, 8 * Word);
        }
    }

    // Mins of 16: the float work of 4 tokens.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FinishOf16(ref readonly byte w, scoped in ActivationBlock x, nint lane, ref readonly byte integers, ref byte sums)
    {
        V d = T.LoadSmallF16(in w, 2 * lane), dMin = DMinOf16(in w, lane);
        ProductsOf16(in w, lane, in x.Offsets, out V m0, out V m1, out V m2, out V m3);
        ref byte xScales = ref Unsafe.As<float, byte>(ref Unsafe.AsRef(in x.Scales)), y = ref Unsafe.AddByteOffset(ref sums, Word * lane);
        T.Store(AddSuperBlock(T.Load(in y, 0), T.Load(in integers, 0), d, m0, dMin, T.Broadcast32(in xScales, 0)), ref y, 0);
        T.Store(AddSuperBlock(T.Load(in y, 64), T.Load(in integers, 64), d, m1, dMin, T.Broadcast32(in xScales, Word)), ref y, 64);
        T.Store(AddSuperBlock(T.Load(in y, 128), T.Load(in integers, 128), d, m2, dMin, T.Broadcast32(in xScales, 2 * Word)), ref y, 128);
        T.Store(AddSuperBlock(T.Load(in y, 192), T.Load(in integers, 192), d, m3, dMin, T.Broadcast32(in xScales, 3 * Word)), ref y, 192);
    }

    // d·q + m = d·(q − offset) + (m + d·offset): partials start at −offset·Σx because that is what fits, and what is left of m is small.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V BlockMin(ref readonly byte w, nint lane, V d) =>
        T.MultiplyAddF32(d, T.BroadcastF32(F.Offset), T.LoadF16(in w, 32 + 2 * lane));

    // High nibbles as i16 pairs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V MinPairs(ref readonly byte w, nint scales) => T.ShiftRight16(T.ShiftLeft16(T.LoadScalePairs(in w, scales), 8), 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Add(V minPairs, ref readonly byte xOffsets, nint at, V products) =>
        T.AddI32(products, T.Widen(T.PartialFromPairs(T.Broadcast32(in xOffsets, at)), minPairs));
}
