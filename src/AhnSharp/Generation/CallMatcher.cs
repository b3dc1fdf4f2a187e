using System;
using AhnSharp.Constraints;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>
/// Holds the calls of tools that a model begins by itself to what calls may be. It sleeps until the answer has a call's mark, from there
/// allows a call, and sleeps again behind it.
/// </summary>
/// <remarks>
/// What is no call is never changed and never masked: asleep, the bytes of the chosen token are looked at, and that is all. Tokens may hold
/// the mark in part, and more than its end (<c>&gt;{</c> of Qwen's vocabulary). Not for two threads.
/// </remarks>
internal sealed class CallMatcher
{
    private readonly Constraint _call;
    private readonly QwenTokenizer _tokenizer;
    private readonly int _vocabularySize;
    private readonly bool _parallel;
    private CallMarks _marks;

    /// <param name="call">What a call may be, its marks and white space behind it among it.</param>
    /// <param name="tokenizer">Whose tokens the answer is made of.</param>
    /// <param name="vocabularySize">Logits of the model.</param>
    /// <param name="parallel">Whether there may be several calls.</param>
    /// <param name="inThoughts">Whether the prompt has opened thoughts that the answer begins in.</param>
    public CallMatcher(Constraint call, QwenTokenizer tokenizer, int vocabularySize, bool parallel, bool inThoughts)
    {
        (_call, _tokenizer, _vocabularySize, _parallel) = (call, tokenizer, vocabularySize, parallel);
        _marks = new CallMarks(inThoughts);
    }

    /// <summary>What the next token is held to; null: nothing.</summary>
    public ConstraintMatcher? Open { get; private set; }

    /// <summary>Whether the answer has called and may not call again.</summary>
    public bool MustEnd { get; private set; }

    /// <summary>
    /// Takes the token that was chosen. False: it would end a call's mark and go on as no call can; it was not taken, and another is to be
    /// chosen from what <see cref="Open"/> allows now.
    /// </summary>
    public bool Accept(int id)
    {
        if (Open is { } open)
        {
            if (!open.Accept(id))
                throw new InvalidOperationException($"Expected a token that the call of a tool allows, found {id}; please report this.");
            if (open.MayEnd) Close();
            return true;
        }
        // End tokens show nothing, and neither do other control tokens.
        if (_tokenizer.EndTokens.Contains(id) || (_tokenizer.IsSpecial(id) && !_tokenizer.IsMark(id))) return true;
        ReadOnlySpan<byte> bytes = _tokenizer.BytesOf(id);
        CallMarks marks = _marks;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!marks.Take(bytes[i])) continue;
            ConstraintMatcher begun = Begin(CallMarks.Call);
            if (begun.Accept(bytes[(i + 1)..]))
            {
                Open = begun;
                return true;
            }
            Open = Begin(CallMarks.Call[.._marks.Held]);
            return false;
        }
        _marks = marks;
        return true;
    }

    private ConstraintMatcher Begin(ReadOnlySpan<byte> mark)
    {
        ConstraintMatcher begun = new(_call, _tokenizer, _vocabularySize);
        return begun.Accept(mark)
            ? begun
            : throw new InvalidOperationException("Expected a constraint of calls that begin with their mark; please report this.");
    }

    private void Close()
    {
        (Open, MustEnd) = (null, !_parallel);
        _marks = new CallMarks(inThoughts: false);
    }
}
