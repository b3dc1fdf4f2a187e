using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>eˣ in single precision, as wide as the processor's registers.</summary>
/// <remarks>
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; eʳ by a polynomial of degree 6 (the Taylor series; what it leaves out is 1.2e-7 of it at the
/// ends), 2ⁿ by the exponent's bits. Within 2.5e-7 of the exact value. TensorPrimitives.Exp computes in double precision: SwiGLU
/// took three times as long with it.
/// </remarks>
internal static class Exponential
{
    // Beyond them eˣ is 0 (below the normal numbers) or infinite; sums of attention and sigmoids ask for no more.
    private const float Least = -87.33654f, Most = 88.72283f;

    // ln 2 in two parts: n·High is exact.
    private const float PerLog2 = 1.44269504f, High = 0.693359375f, Low = -2.12194440e-4f;

    /// <summary>eˣ; arguments below −87.3 or above 88.7 count as these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Of(Vector<float> x)
    {
        x = Vector.Min(Vector.Max(x, new Vector<float>(Least)), new Vector<float>(Most));
        Vector<float> n = Vector.Round(x * PerLog2);
        Vector<float> r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Low), Vector.FusedMultiplyAdd(n, new Vector<float>(-High), x));
        Vector<float> power = new(1f / 720);
        power = Vector.FusedMultiplyAdd(power, r, new Vector<float>(1f / 120));
        power = Vector.FusedMultiplyAdd(power, r, new Vector<float>(1f / 24));
        power = Vector.FusedMultiplyAdd(power, r, new Vector<float>(1f / 6));
        power = Vector.FusedMultiplyAdd(power, r, new Vector<float>(0.5f));
        power = Vector.FusedMultiplyAdd(power, r, Vector<float>.One);
        power = Vector.FusedMultiplyAdd(power, r, Vector<float>.One);
        // 2ⁿ in two steps, since n = 128 is no exponent of a number.
        Vector<int> exponent = Vector.ConvertToInt32(n), half = exponent >> 1;
        return power * Power2(half) * Power2(exponent - half);
    }

    /// <summary>Every value becomes its exponential.</summary>
    public static void InPlace(Span<float> values)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (int i = 0; i < vectors.Length; i++) vectors[i] = Of(vectors[i]);
        Span<float> rest = values[(vectors.Length * Vector<float>.Count)..];
        if (rest.IsEmpty) return;
        Span<float> padded = stackalloc float[Vector<float>.Count];
        padded.Clear();
        rest.CopyTo(padded);
        Of(new Vector<float>(padded)).CopyTo(padded);
        padded[..rest.Length].CopyTo(rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Power2(Vector<int> n) => Vector.AsVectorSingle((n + new Vector<int>(127)) << 23);
}
