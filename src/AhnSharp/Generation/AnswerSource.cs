using System;
using System.Collections.Generic;
using AhnSharp.Archive;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>A passage of the text that was read from the archive for an answer.</summary>
/// <param name="FirstToken">Position of its first token.</param>
/// <param name="Tokens">How many it has.</param>
/// <param name="Text">What they say.</param>
/// <param name="Weight">
/// Its share of what the answer looked up, heads that look at one passage counting more (squares of attention); all sum to 1 at most.
/// </param>
public sealed record AnswerSource(long FirstToken, int Tokens, string Text, double Weight)
{
    private const int MostPassages = 5;

    // The blocks that were read most, neighbours among them together, heaviest passage first.
    internal static IReadOnlyList<AnswerSource> Of(LanguageSession session, QwenTokenizer tokenizer, ArchiveUse use)
    {
        ReadOnlySpan<double> weights = use.Weights;
        double all = 0;
        foreach (double weight in weights) all += weight;
        if (all == 0) return [];
        var best = new TopBlocks(MostPassages);
        best.Clear(MostPassages);
        for (int block = 0; block < weights.Length; block++)
        {
            if (weights[block] > 0) best.Offer((float)weights[block], block);
        }
        int[] blocks = best.Blocks.ToArray();
        Array.Sort(blocks);
        ArchiveShape shape = session.Archive!.Shape;
        List<AnswerSource> sources = [];
        for (int i = 0, next; i < blocks.Length; i = next)
        {
            double weight = 0;
            for (next = i; next < blocks.Length && blocks[next] - blocks[i] == next - i; next++) weight += weights[blocks[next]];
            int first = (int)shape.First(blocks[i]), count = (next - i) * shape.Block;
            sources.Add(new AnswerSource(first, count, tokenizer.Decode(session.Tokens.Slice(first, count)), weight / all));
        }
        sources.Sort(static (a, b) => b.Weight.CompareTo(a.Weight));
        return sources;
    }
}
