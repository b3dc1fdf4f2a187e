using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels.Tiers;

/// <summary>Exact scores on one tier: lane = token; a pair of keys is turned in registers and multiplied with 4, 2 or 1 queries.</summary>
/// <remarks>Two sums a query, one for each half of the dimensions, so that no addition waits for the one before.</remarks>
internal sealed class TierBlock<V, T> : BlockKernel
    where V : struct
    where T : struct, ITier<V>
{
    /// <inheritdoc/>
    public override void Score(
        ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, ReadOnlySpan<float> cos, ReadOnlySpan<float> sin,
        ReadOnlySpan<float> queries, int headDim, Span<float> scores)
    {
        int b = scales.Length, half = headDim / 2, heads = queries.Length / headDim;
        ref byte k = ref MemoryMarshal.GetReference(MemoryMarshal.AsBytes(codes)), c = ref Bytes(cos), s = ref Bytes(sin),
            scale = ref Bytes(scales);
        for (int lane = 0; lane < b; lane += T.Lanes)
        {
            ref byte keys = ref Unsafe.AddByteOffset(ref k, lane), cosines = ref Unsafe.AddByteOffset(ref c, 4 * lane),
                sines = ref Unsafe.AddByteOffset(ref s, 4 * lane);
            V scaleOf = T.Load(in scale, 4 * lane);
            for (int g = 0, count; g < heads; g += count)
            {
                ref byte u = ref Bytes(queries[(g * headDim)..]), to = ref Bytes(scores[(g * b + lane)..]);
                count = heads - g >= 4 ? 4 : Math.Min(heads - g, 2);
                if (count == 4) Score4(ref keys, ref cosines, ref sines, b, half, ref u, scaleOf, ref to);
                else if (count == 2) Score2(ref keys, ref cosines, ref sines, b, half, ref u, scaleOf, ref to);
                else Score1(ref keys, ref cosines, ref sines, b, half, ref u, scaleOf, ref to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Score4(ref byte k, ref byte c, ref byte s, nint b, nint half, ref byte u, V scale, ref byte scores)
    {
        V a0 = T.Zero, a1 = T.Zero, a2 = T.Zero, a3 = T.Zero, b0 = T.Zero, b1 = T.Zero, b2 = T.Zero, b3 = T.Zero;
        nint stride = 8 * half, second = 4 * half;
        ref byte u1 = ref Unsafe.AddByteOffset(ref u, stride), u2 = ref Unsafe.AddByteOffset(ref u1, stride),
            u3 = ref Unsafe.AddByteOffset(ref u2, stride);
        for (nint i = 0; i < second; i += 4)
        {
            Turn(ref k, ref c, ref s, b, half, out V x, out V y);
            a0 = T.MultiplyAddF32(T.Broadcast32(in u, i), x, a0);
            a1 = T.MultiplyAddF32(T.Broadcast32(in u1, i), x, a1);
            a2 = T.MultiplyAddF32(T.Broadcast32(in u2, i), x, a2);
            a3 = T.MultiplyAddF32(T.Broadcast32(in u3, i), x, a3);
            b0 = T.MultiplyAddF32(T.Broadcast32(in u, i + second), y, b0);
            b1 = T.MultiplyAddF32(T.Broadcast32(in u1, i + second), y, b1);
            b2 = T.MultiplyAddF32(T.Broadcast32(in u2, i + second), y, b2);
            b3 = T.MultiplyAddF32(T.Broadcast32(in u3, i + second), y, b3);
            k = ref Unsafe.AddByteOffset(ref k, b);
            c = ref Unsafe.AddByteOffset(ref c, 4 * b);
            s = ref Unsafe.AddByteOffset(ref s, 4 * b);
        }
        T.Store(T.MultiplyF32(scale, T.AddF32(a0, b0)), ref scores, 0);
        T.Store(T.MultiplyF32(scale, T.AddF32(a1, b1)), ref scores, 4 * b);
        T.Store(T.MultiplyF32(scale, T.AddF32(a2, b2)), ref scores, 8 * b);
        T.Store(T.MultiplyF32(scale, T.AddF32(a3, b3)), ref scores, 12 * b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Score2(ref byte k, ref byte c, ref byte s, nint b, nint half, ref byte u, V scale, ref byte scores)
    {
        V a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero;
        nint second = 4 * half;
        ref byte u1 = ref Unsafe.AddByteOffset(ref u, 2 * second);
        for (nint i = 0; i < second; i += 4)
        {
            Turn(ref k, ref c, ref s, b, half, out V x, out V y);
            a0 = T.MultiplyAddF32(T.Broadcast32(in u, i), x, a0);
            a1 = T.MultiplyAddF32(T.Broadcast32(in u1, i), x, a1);
            b0 = T.MultiplyAddF32(T.Broadcast32(in u, i + second), y, b0);
            b1 = T.MultiplyAddF32(T.Broadcast32(in u1, i + second), y, b1);
            k = ref Unsafe.AddByteOffset(ref k, b);
            c = ref Unsafe.AddByteOffset(ref c, 4 * b);
            s = ref Unsafe.AddByteOffset(ref s, 4 * b);
        }
        T.Store(T.MultiplyF32(scale, T.AddF32(a0, b0)), ref scores, 0);
        T.Store(T.MultiplyF32(scale, T.AddF32(a1, b1)), ref scores, 4 * b);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Score1(ref byte k, ref byte c, ref byte s, nint b, nint half, ref byte u, V scale, ref byte scores)
    {
        V a = T.Zero, o = T.Zero;
        nint second = 4 * half;
        for (nint i = 0; i < second; i += 4)
        {
            Turn(ref k, ref c, ref s, b, half, out V x, out V y);
            a = T.MultiplyAddF32(T.Broadcast32(in u, i), x, a);
            o = T.MultiplyAddF32(T.Broadcast32(in u, i + second), y, o);
            k = ref Unsafe.AddByteOffset(ref k, b);
            c = ref Unsafe.AddByteOffset(ref c, 4 * b);
            s = ref Unsafe.AddByteOffset(ref s, 4 * b);
        }
        T.Store(T.MultiplyF32(scale, T.AddF32(a, o)), ref scores, 0);
    }

    // The keys' pair of Lanes tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(ref byte k, ref byte c, ref byte s, nint b, nint half, out V first, out V second)
    {
        V x = T.LoadS8AsF32(in k, 0), y = T.LoadS8AsF32(in k, half * b), cos = T.Load(in c, 0), sin = T.Load(in s, 0);
        first = T.SubtractF32(T.MultiplyF32(x, cos), T.MultiplyF32(y, sin));
        second = T.MultiplyAddF32(x, sin, T.MultiplyF32(y, cos));
    }

    private static ref byte Bytes(ReadOnlySpan<float> values) => ref MemoryMarshal.GetReference(MemoryMarshal.AsBytes(values));
}
