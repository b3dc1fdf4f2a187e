using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Checks;

/// <summary>
/// Checks of <see cref="Gemm"/> on each tier against products in double; every matrix ends at a guard page where the system has them.
/// </summary>
internal static class GemmChecks
{
    private enum Element
    {
        F32,
        F16,
        S8,
    }

    private static readonly int[] s_m = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 17];
    private static readonly int[] s_k = [0, 1, 2, 3, 5, 16, 64, 129, 300];
    private static readonly int[] s_n = [1, 3, 4, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 100];

    public static IEnumerable<Check> Of(Isa isa)
    {
        string? lacking = KernelTable.IsSupported(isa) ? null : $"this processor lacks {KernelTable.NameOf(isa)}";
        if (lacking is null && !GuardedBuffer.IsSupported) lacking = "no guard pages on this system";
        string name = $"small products {KernelTable.NameOf(isa)}";
        yield return new Check($"{name}: f32, every blocking and edge, within guard pages", lacking, () => All(isa, Element.F32));
        yield return new Check($"{name}: f16, every blocking and edge, within guard pages", lacking, () => All(isa, Element.F16));
        yield return new Check($"{name}: s8, every blocking and edge, within guard pages", lacking, () => All(isa, Element.S8));
        yield return new Check($"{name}: f16 subnormals and signs", lacking, () => Subnormals(isa));
    }

    private static void All(Isa isa, Element element)
    {
        Gemm gemm = KernelTable.GemmOf(isa);
        var random = new Random(7);
        foreach (int m in s_m)
        {
            foreach (int k in s_k)
            {
                foreach (int n in s_n)
                {
                    // Strides beyond the width, except in the last row, which ends at the guard page.
                    int xStride = k + 3, aStride = n + 2, cStride = n + 5;
                    float[] x = Values(random, ((m - 1) * xStride) + k);
                    float[] a = Values(random, Math.Max(0, ((k - 1) * aStride) + n));
                    for (int i = 0; i < a.Length; i++) a[i] = Rounded(a[i], element);
                    float[] c = Values(random, ((m - 1) * cStride) + n);
                    foreach (bool accumulate in (bool[])[false, true])
                        One(gemm, x, xStride, a, aStride, c, cStride, m, k, n, accumulate, element);
                }
            }
        }
    }

    private static void One(
        Gemm gemm, float[] x, int xStride, float[] a, int aStride, float[] c, int cStride, int m, int k, int n,
        bool accumulate, Element element)
    {
        using GuardedBuffer guardedX = GuardedBuffer.Of<float>(x), guardedC = GuardedBuffer.Of<float>(c);
        using GuardedBuffer guardedA = element switch
        {
            Element.F16 => GuardedBuffer.Of<Half>(Array.ConvertAll(a, value => (Half)value)),
            Element.S8 => GuardedBuffer.Of<sbyte>(Array.ConvertAll(a, value => (sbyte)value)),
            _ => GuardedBuffer.Of<float>(a),
        };
        if (element == Element.S8)
        {
            gemm.Multiply(in guardedX.Ref<float>(), xStride, in guardedA.Ref<sbyte>(), aStride, ref guardedC.Ref<float>(), cStride, m,
                k, n, accumulate);
        }
        else if (element == Element.F16)
        {
            gemm.Multiply(in guardedX.Ref<float>(), xStride, in guardedA.Ref<Half>(), aStride, ref guardedC.Ref<float>(), cStride, m,
                k, n, accumulate);
        }
        else
        {
            gemm.Multiply(in guardedX.Ref<float>(), xStride, in guardedA.Ref<float>(), aStride, ref guardedC.Ref<float>(), cStride, m,
                k, n, accumulate);
        }
        ReadOnlySpan<float> found = MemoryMarshal.Cast<byte, float>(guardedC.Bytes);
        for (int at = 0; at < c.Length; at++)
        {
            int i = at / cStride, j = at % cStride;
            double sum = j >= n || accumulate ? c[at] : 0, magnitude = Math.Abs(sum);
            for (int q = 0; j < n && q < k; q++)
            {
                double product = (double)x[(i * xStride) + q] * a[(q * aStride) + j];
                sum += product;
                magnitude += Math.Abs(product);
            }
            double allowed = j >= n ? 0 : DotReference.Tolerance * magnitude;
            if (!(Math.Abs(found[at] - sum) <= allowed))
            {
                throw new CheckFailedException(
                    $"m {m}, k {k}, n {n}, accumulate {accumulate}: c[{i}, {j}] expected {sum} ± {allowed:g3}, found {found[at]}");
            }
        }
    }

    private static float Rounded(float value, Element element) => element switch
    {
        Element.F16 => (float)(Half)value,
        Element.S8 => MathF.Round(254 * value), // −127 … 127
        _ => value,
    };

    private static void Subnormals(Isa isa)
    {
        Gemm gemm = KernelTable.GemmOf(isa);
        float[] one = [1];
        for (int from = 0; from <= ushort.MaxValue; from += 64)
        {
            Half[] a = new Half[64];
            for (int i = 0; i < a.Length; i++) a[i] = BitConverter.UInt16BitsToHalf((ushort)(from + i));
            float[] c = new float[64];
            gemm.Multiply(in one[0], 1, in a[0], 64, ref c[0], 64, 1, 1, 64, accumulate: false);
            for (int i = 0; i < a.Length; i++)
            {
                if (Half.IsFinite(a[i]) && c[i] != (float)a[i])
                    throw new CheckFailedException($"half {from + i:x4}: expected {(float)a[i]:r}, found {c[i]:r}");
            }
        }
    }

    private static float[] Values(Random random, int count)
    {
        float[] values = new float[Math.Max(0, count)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() - 0.5);
        return values;
    }
}
