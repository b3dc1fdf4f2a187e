using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Index keys times queries on one tier: lane = token; keys are unpacked once for 4, 2 or 1 queries.</summary>
/// <remarks>
/// 16-bit partials hold 8 pair products of at most 2·15·127 beside −8·Σ codes of the query: whatever they wrap through, they end within
/// 7·16·127 + 8·16·127 = 30,480. Float products and sums are two instructions on every tier: one rounding each, as in the definition.
/// </remarks>
internal sealed class TierIndex<V, T> : IndexKernel
    where V : struct
    where T : struct, ITier<V>
{
    private const int VectorBytes = 4 * Tokens;

    /// <inheritdoc/>
    public override void Score(ReadOnlySpan<byte> keys, int groups, ReadOnlySpan<byte> queries, Span<float> best)
    {
        ref byte k = ref MemoryMarshal.GetReference(keys), x = ref MemoryMarshal.GetReference(queries);
        nint tiles = keys.Length / (groups * GroupBytes), queryBytes = (nint)groups * QueryGroupBytes;
        int q = 0;
        for (; q + 4 <= best.Length; q += 4)
            Score4(ref k, tiles, groups, ref Unsafe.AddByteOffset(ref x, q * queryBytes), queryBytes, best.Slice(q, 4));
        if (q + 2 <= best.Length)
        {
            Score2(ref k, tiles, groups, ref Unsafe.AddByteOffset(ref x, q * queryBytes), queryBytes, best.Slice(q, 2));
            q += 2;
        }
        if (q < best.Length) best[q] = Score1(ref k, tiles, groups, ref Unsafe.AddByteOffset(ref x, q * queryBytes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Score4(ref byte keys, nint tiles, nint groups, ref byte queries, nint stride, Span<float> best)
    {
        V most0 = T.BroadcastF32(float.NegativeInfinity), most1 = most0, most2 = most0, most3 = most0, nibble = T.Splat(15);
        for (nint tile = 0; tile < tiles; tile++)
        {
            for (nint lane = 0; lane < Tokens; lane += T.Lanes)
            {
                ref byte k = ref Unsafe.AddByteOffset(ref keys, (tile * groups * GroupBytes) + (4 * lane));
                ref byte a = ref queries;
                V y0 = T.Zero, y1 = T.Zero, y2 = T.Zero, y3 = T.Zero;
                for (nint g = 0; g < groups; g++)
                {
                    ref byte b = ref Unsafe.AddByteOffset(ref a, stride), c = ref Unsafe.AddByteOffset(ref b, stride),
                        d = ref Unsafe.AddByteOffset(ref c, stride);
                    V p0 = Begin(in a), p1 = Begin(in b), p2 = Begin(in c), p3 = Begin(in d);
                    for (nint v = 0; v < 4; v++)
                    {
                        V bytes = T.Load(in k, v * VectorBytes);
                        nint at = 8 * v;
                        T.AccumulatePairs(
                            T.And(bytes, nibble), T.Broadcast32(in a, at), T.Broadcast32(in b, at), T.Broadcast32(in c, at),
                            T.Broadcast32(in d, at), ref p0, ref p1, ref p2, ref p3);
                        at += 4;
                        T.AccumulatePairs(
                            T.And(T.ShiftRight16(bytes, 4), nibble), T.Broadcast32(in a, at), T.Broadcast32(in b, at),
                            T.Broadcast32(in c, at), T.Broadcast32(in d, at), ref p0, ref p1, ref p2, ref p3);
                    }
                    V scale = T.Load(in k, ScalesOffset);
                    y0 = T.AddF32(y0, Scaled(p0, scale, in a));
                    y1 = T.AddF32(y1, Scaled(p1, scale, in b));
                    y2 = T.AddF32(y2, Scaled(p2, scale, in c));
                    y3 = T.AddF32(y3, Scaled(p3, scale, in d));
                    k = ref Unsafe.AddByteOffset(ref k, GroupBytes);
                    a = ref Unsafe.AddByteOffset(ref a, QueryGroupBytes);
                }
                (most0, most1) = (T.MaxF32(most0, y0), T.MaxF32(most1, y1));
                (most2, most3) = (T.MaxF32(most2, y2), T.MaxF32(most3, y3));
            }
        }
        (best[0], best[1]) = (T.LargestF32(most0), T.LargestF32(most1));
        (best[2], best[3]) = (T.LargestF32(most2), T.LargestF32(most3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Score2(ref byte keys, nint tiles, nint groups, ref byte queries, nint stride, Span<float> best)
    {
        V most0 = T.BroadcastF32(float.NegativeInfinity), most1 = most0, nibble = T.Splat(15);
        for (nint tile = 0; tile < tiles; tile++)
        {
            for (nint lane = 0; lane < Tokens; lane += T.Lanes)
            {
                ref byte k = ref Unsafe.AddByteOffset(ref keys, (tile * groups * GroupBytes) + (4 * lane));
                ref byte a = ref queries;
                V y0 = T.Zero, y1 = T.Zero;
                for (nint g = 0; g < groups; g++)
                {
                    ref byte b = ref Unsafe.AddByteOffset(ref a, stride);
                    V p0 = Begin(in a), p1 = Begin(in b);
                    for (nint v = 0; v < 4; v++)
                    {
                        V bytes = T.Load(in k, v * VectorBytes), low = T.And(bytes, nibble), high = T.And(T.ShiftRight16(bytes, 4), nibble);
                        nint at = 8 * v;
                        p0 = T.AccumulatePairs(p0, low, T.Broadcast32(in a, at));
                        p1 = T.AccumulatePairs(p1, low, T.Broadcast32(in b, at));
                        p0 = T.AccumulatePairs(p0, high, T.Broadcast32(in a, at + 4));
                        p1 = T.AccumulatePairs(p1, high, T.Broadcast32(in b, at + 4));
                    }
                    V scale = T.Load(in k, ScalesOffset);
                    y0 = T.AddF32(y0, Scaled(p0, scale, in a));
                    y1 = T.AddF32(y1, Scaled(p1, scale, in b));
                    k = ref Unsafe.AddByteOffset(ref k, GroupBytes);
                    a = ref Unsafe.AddByteOffset(ref a, QueryGroupBytes);
                }
                (most0, most1) = (T.MaxF32(most0, y0), T.MaxF32(most1, y1));
            }
        }
        (best[0], best[1]) = (T.LargestF32(most0), T.LargestF32(most1));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Score1(ref byte keys, nint tiles, nint groups, ref byte query)
    {
        V most = T.BroadcastF32(float.NegativeInfinity), nibble = T.Splat(15);
        for (nint tile = 0; tile < tiles; tile++)
        {
            for (nint lane = 0; lane < Tokens; lane += T.Lanes)
            {
                ref byte k = ref Unsafe.AddByteOffset(ref keys, (tile * groups * GroupBytes) + (4 * lane));
                ref byte a = ref query;
                V y = T.Zero;
                for (nint g = 0; g < groups; g++)
                {
                    V p = Begin(in a);
                    for (nint v = 0; v < 4; v++)
                    {
                        V bytes = T.Load(in k, v * VectorBytes);
                        p = T.AccumulatePairs(p, T.And(bytes, nibble), T.Broadcast32(in a, 8 * v));
                        p = T.AccumulatePairs(p, T.And(T.ShiftRight16(bytes, 4), nibble), T.Broadcast32(in a, 8 * v + 4));
                    }
                    y = T.AddF32(y, Scaled(p, T.Load(in k, ScalesOffset), in a));
                    k = ref Unsafe.AddByteOffset(ref k, GroupBytes);
                    a = ref Unsafe.AddByteOffset(ref a, QueryGroupBytes);
                }
                most = T.MaxF32(most, y);
            }
        }
        return T.LargestF32(most);
    }

    // −8·Σ codes, as the partial of every lane.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Begin(ref readonly byte group) => T.PartialFromPairs(T.Broadcast32(in group, QueryOffsetOffset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Scaled(V partial, V scale, ref readonly byte group) =>
        T.MultiplyF32(T.ConvertI32ToF32(T.Widen(partial)), T.MultiplyF32(scale, T.Broadcast32(in group, QueryScaleOffset)));
}
