using System;
using System.Collections.Immutable;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>Probabilities of tokens from logits: log p(i) = logit(i) − log Σ e^logit.</summary>
internal static class LogProbabilities
{
    /// <summary>Of the chosen token, and of the likeliest ones.</summary>
    /// <param name="logits">[vocabulary], each finite, as the model gave them.</param>
    /// <param name="id">The chosen token.</param>
    /// <param name="top">How many of the likeliest.</param>
    public static GeneratedToken Of(ReadOnlySpan<float> logits, int id, int top)
    {
        double logSum = LogNormalizer.Of(logits);
        Span<int> ids = stackalloc int[GenerationOptions.MaxTopLogProbabilities];
        int found = Likeliest(logits, ids[..Math.Min(top, logits.Length)]);
        ImmutableArray<TokenLogProbability>.Builder likeliest = ImmutableArray.CreateBuilder<TokenLogProbability>(found);
        foreach (int other in ids[..found]) likeliest.Add(new TokenLogProbability(other, logits[other] - logSum));
        return new GeneratedToken(id, logits[id] - logSum, likeliest.MoveToImmutable());
    }

    // Sorted by insertion: after the first few hundred of 152k logits hardly one enters.
    private static int Likeliest(ReadOnlySpan<float> logits, Span<int> ids)
    {
        int count = 0;
        for (int id = 0; id < logits.Length && ids.Length > 0; id++)
        {
            if (count == ids.Length && logits[id] <= logits[ids[^1]]) continue;
            int at = count < ids.Length ? count++ : count - 1;
            for (; at > 0 && logits[ids[at - 1]] < logits[id]; at--) ids[at] = ids[at - 1];
            ids[at] = id;
        }
        return count;
    }
}
