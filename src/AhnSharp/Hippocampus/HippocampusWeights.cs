using System;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>The parameters of one layer's memory as the files hold them, in f32. H query heads, E hidden size, D head dimension.</summary>
/// <remarks>
/// Alpha, ALog, DtBias and GateBias are there for the kinds that have them, and null otherwise; <see cref="Hippocampus.Create"/> checks it.
/// </remarks>
internal sealed record HippocampusWeights
{
    /// <summary>[H, E]: write strength; σ of it is β (DN, GDN), softplus of it is Δ (Mamba2: <c>dt_proj</c>).</summary>
    public required float[] Beta { get; init; }

    /// <summary>[H, E]: decay of GDN, before softplus.</summary>
    public float[]? Alpha { get; init; }

    /// <summary>[H]: logarithm of the decay's rate (GDN, Mamba2).</summary>
    public float[]? ALog { get; init; }

    /// <summary>[H]: added before softplus (GDN, Mamba2; of Mamba2 the sum of <c>dt_bias</c> and <c>dt_proj.bias</c>).</summary>
    public float[]? DtBias { get; init; }

    /// <summary>[H, E]: the gate γ of reading.</summary>
    public required float[] Gate { get; init; }

    /// <summary>[H]: bias of γ (Mamba2).</summary>
    public float[]? GateBias { get; init; }

    /// <summary>[D] (DN, GDN: one for all heads) or [H·D] (Mamba2: over all heads together).</summary>
    public required float[] Norm { get; init; }

    /// <summary>P [H, D in, D out]: one matrix per head, out_j = Σ_i y_i P[i, j].</summary>
    public required float[] Out { get; init; }

    /// <summary>
    /// Whether every number of <see cref="Out"/> is a finite half, as in a file that holds it in F16: then it is kept in halves,
    /// and a token reads half the bytes.
    /// </summary>
    public bool OutIsHalf { get; init; }

    /// <summary>Added to the mean square in the norm; 1e-5 in every published memory.</summary>
    public float NormEpsilon { get; init; } = 1e-5f;

    internal void Check(MemoryRule rule, int heads, int headDim, int hidden)
    {
        Expect(rule, nameof(Beta), Beta, heads * hidden);
        Expect(rule, nameof(Alpha), Alpha, rule.HasAlpha ? heads * hidden : null);
        Expect(rule, nameof(ALog), ALog, rule.Decays ? heads : null);
        Expect(rule, nameof(DtBias), DtBias, rule.Decays ? heads : null);
        Expect(rule, nameof(Gate), Gate, heads * hidden);
        Expect(rule, nameof(GateBias), GateBias, rule.HasGateBias ? heads : null);
        Expect(rule, nameof(Norm), Norm, rule.NormsAllHeads ? heads * headDim : headDim);
        Expect(rule, nameof(Out), Out, heads * headDim * headDim);
        if (NormEpsilon is not (>= 0 and < float.PositiveInfinity))
        {
            throw new ArgumentException(
                $"{nameof(NormEpsilon)} of a {rule} memory: expected a finite number, 0 or more, found {NormEpsilon}.");
        }
    }

    private static void Expect(MemoryRule rule, string name, float[]? found, int? length)
    {
        if (found?.Length == length) return;
        throw new ArgumentException($"{name} of a {rule} memory: expected {Count(length)}, found {Count(found?.Length)}.");

        static string Count(int? n) => n is int known ? $"{known} numbers" : "none";
    }
}
