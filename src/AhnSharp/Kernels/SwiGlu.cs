using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace AhnSharp.Kernels;

/// <summary>gate ← SiLU(gate) ⊙ up, where SiLU(x) = x·σ(x) = x / (1 + e⁻ˣ).</summary>
internal static class SwiGlu
{
    /// <summary>In place; both of one length.</summary>
    public static void InPlace(Span<float> gate, ReadOnlySpan<float> up)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(up.Length, gate.Length);
        Span<Vector<float>> gates = MemoryMarshal.Cast<float, Vector<float>>(gate);
        ReadOnlySpan<Vector<float>> ups = MemoryMarshal.Cast<float, Vector<float>>(up);
        for (int i = 0; i < gates.Length; i++) gates[i] = gates[i] * ups[i] / (Vector<float>.One + Exponential.Of(-gates[i]));
        for (int i = gates.Length * Vector<float>.Count; i < gate.Length; i++) gate[i] = gate[i] * up[i] / (1 + MathF.Exp(-gate[i]));
    }
}
