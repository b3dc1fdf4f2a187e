using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Int8;

/// <summary>What the mins of a format bring to the sums of <see cref="NarrowTile{V, T, F}"/>: each multiplies a sum of activations.</summary>
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

    // d·q + m = d·(q − offset) + (m + d·offset): partials start at −offset·Σx because that is what fits, and what is left of m is small.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V BlockMin(ref readonly byte w, nint lane, V d) => T.MultiplyAddF32(d, T.BroadcastF32(F.Offset), T.LoadF16(in w, 32 + 2 * lane));
}
