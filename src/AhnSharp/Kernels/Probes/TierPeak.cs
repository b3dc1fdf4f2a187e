using System.Runtime.CompilerServices;
using AhnSharp.Kernels.Tiers;

namespace AhnSharp.Kernels.Probes;

/// <summary>
/// The inner operations of the kernels on enough independent sums to hide their latency (12: 6 cycles of
/// SSE's multiply and add, 2 a cycle).
/// </summary>
internal sealed class TierPeak<V, T> : MultiplyAddPeak
    where V : struct
    where T : struct, ITier<V>
{
    private const int FloatSums = 12, Int8Sums = 8;
    private readonly byte[] _x = new byte[4 * 64];
    private readonly byte[] _result = new byte[64];

    private protected override int FloatPerStep => FloatSums * T.Lanes;

    private protected override int Int8PerStep => Int8Sums * T.Lanes * 4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override void RunFloat()
    {
        V x = T.BroadcastF32(0.999f), w = T.BroadcastF32(0.001f);
        V a = w, b = w, c = w, d = w, e = w, f = w, g = w, h = w, k = w, l = w, m = w, n = w;
        for (int i = 0; i < Steps; i++)
        {
            a = T.MultiplyAddF32(a, x, w);
            b = T.MultiplyAddF32(b, x, w);
            c = T.MultiplyAddF32(c, x, w);
            d = T.MultiplyAddF32(d, x, w);
            e = T.MultiplyAddF32(e, x, w);
            f = T.MultiplyAddF32(f, x, w);
            g = T.MultiplyAddF32(g, x, w);
            h = T.MultiplyAddF32(h, x, w);
            k = T.MultiplyAddF32(k, x, w);
            l = T.MultiplyAddF32(l, x, w);
            m = T.MultiplyAddF32(m, x, w);
            n = T.MultiplyAddF32(n, x, w);
        }
        V sum = T.AddF32(T.AddF32(T.AddF32(a, b), T.AddF32(c, d)), T.AddF32(T.AddF32(e, f), T.AddF32(g, h)));
        T.Store(T.AddF32(sum, T.AddF32(T.AddF32(k, l), T.AddF32(m, n))), ref _result[0], 0);
    }

    // The x are read anew each step, or the compiler takes the products out of the loop. They are 0: no partial overflows, and
    // speed does not depend on values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private protected override void RunInt8()
    {
        ref readonly byte x = ref _x[0];
        V w = T.Splat(15);
        V a = T.Zero, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
        for (int i = 0; i < Steps; i++)
        {
            nint at = i & 192;
            V x0 = T.Load(in x, at), x1 = T.Load(in x, at ^ 64), x2 = T.Load(in x, at ^ 128), x3 = T.Load(in x, at ^ 192);
            T.AccumulatePairs(w, x0, x1, x2, x3, ref a, ref b, ref c, ref d);
            T.AccumulatePairs(T.Or(w, x0), x1, x2, x3, x0, ref e, ref f, ref g, ref h);
        }
        T.Store(T.AddI32(T.AddI32(T.AddI32(a, b), T.AddI32(c, d)), T.AddI32(T.AddI32(e, f), T.AddI32(g, h))), ref _result[0], 0);
    }
}
