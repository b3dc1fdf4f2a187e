using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Constraints;
using AhnSharp.Tokenizer;

namespace AhnSharp.Tests.Constraints;

/// <summary>Chooses the next token of an answer: one of those whose bits are set.</summary>
internal delegate int NextToken(IReadOnlyList<int> ids, ReadOnlySpan<ulong> allowed);

/// <summary>Answers under a constraint, whoever chooses the tokens: chance here, a model elsewhere.</summary>
internal static class ConstrainedDraw
{
    /// <summary>The text up to an end token; null where there was none within so many tokens.</summary>
    public static string? Text(Constraint constraint, QwenTokenizer tokenizer, int vocabularySize, NextToken next, int maxTokens)
    {
        ConstraintMatcher matcher = new(constraint, tokenizer, vocabularySize);
        List<int> ids = [];
        while (ids.Count < maxTokens)
        {
            int id = next(ids, matcher.Allowed);
            if (!matcher.Accept(id))
                throw new InvalidOperationException($"Token {id} has a bit and is refused behind '{tokenizer.Decode([.. ids])}'.");
            if (tokenizer.EndTokens.Contains(id)) return tokenizer.Decode([.. ids]);
            ids.Add(id);
        }
        return null;
    }

    /// <summary>
    /// Any allowed token; one in three times, and always after 150 tokens, one that closes something, where there is one: texts of chance
    /// alone would not end.
    /// </summary>
    public static NextToken Chance(Random random, QwenTokenizer tokenizer) => (ids, allowed) =>
    {
        List<int> all = [], closing = [];
        for (int id = 0; id < allowed.Length * 64; id++)
        {
            if ((allowed[id / 64] >> id % 64 & 1) == 0) continue;
            all.Add(id);
            if (tokenizer.EndTokens.Contains(id) || tokenizer.BytesOf(id) is [(byte)'"' or (byte)']' or (byte)'}', ..]) closing.Add(id);
        }
        if (all.Count == 0) throw new InvalidOperationException($"Nothing is allowed behind '{tokenizer.Decode([.. ids])}'.");
        List<int> from = closing.Count > 0 && (ids.Count > 150 || random.Next(3) == 0) ? closing : all;
        if (ReferenceEquals(from, closing) && closing.Exists(id => tokenizer.EndTokens.Contains(id)))
            return closing.First(id => tokenizer.EndTokens.Contains(id));
        return from[random.Next(from.Count)];
    };
}
