using System;
using System.Collections.Generic;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>Where the reading of a whole conversation is cut into passes, and what is kept of it on the way.</summary>
/// <remarks>
/// Cuts are every chunk (positions C, 2C, … of the text) and before each control token that begins a turn, or ends one, at least
/// <see cref="Apart"/> tokens behind the last such cut. So a beginning that two prompts share is cut the same in both, wherever one of
/// them starts from: their bits are those of a reading without a cache. Kept are the last two cuts before control tokens, from where
/// another question or answer may follow, and, in passing, the last whole chunk of every <see cref="PassingTokens"/> tokens and each
/// whole chunk of as many before the end: another question behind the same text, in one turn with it, reads a chunk of it again at most.
/// </remarks>
internal sealed class PromptCuts
{
    /// <summary>Fewest tokens between cuts before control tokens: a pass of a few takes as long as one of many.</summary>
    public const int Apart = 32;

    /// <summary>Tokens between sessions kept in passing.</summary>
    public const int PassingTokens = 4096;

    private readonly List<long> _turns = []; // cuts before control tokens, ascending
    private readonly PrefixCache? _cache;
    private readonly int _chunk;
    private readonly long _passing, _length;

    public PromptCuts(ReadOnlySpan<int> prompt, QwenTokenizer tokenizer, int chunkTokens, PrefixCache? cache)
    {
        (_cache, _chunk, _length) = (cache, chunkTokens, prompt.Length);
        _passing = (long)Math.Max(1, PassingTokens / chunkTokens) * chunkTokens;
        long last = 0;
        for (int i = 0; i < prompt.Length; i++)
        {
            if (i - last < Apart || !tokenizer.IsSpecial(prompt[i])) continue;
            _turns.Add(i);
            last = i;
        }
    }

    /// <summary>The first cut behind a position.</summary>
    public long After(long position)
    {
        long chunk = (position / _chunk + 1) * _chunk;
        int turn = _turns.BinarySearch(position + 1);
        if (turn < 0) turn = ~turn;
        return turn < _turns.Count ? Math.Min(chunk, _turns[turn]) : chunk;
    }

    /// <summary>Keeps the session where it stands at a place that is kept.</summary>
    public void Reached(LanguageSession session)
    {
        if (_cache is null) return;
        int turn = _turns.BinarySearch(session.Position);
        if (turn >= 0 && turn >= _turns.Count - 2) _cache.Add(session);
        else if (session.Position % (session.Position > _length - _passing ? _chunk : _passing) == 0) _cache.Add(session, passing: true);
    }
}
