using System;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>Where an answer stands with the thoughts that it may begin with, between the tokens &lt;think&gt; and &lt;/think&gt;.</summary>
/// <remarks>What an answer may be does not count for its thoughts: they are left free, and so is white space behind them.</remarks>
internal sealed class Thoughts
{
    // White space between the end of the thoughts and the answer: Qwen3 writes one token, two line ends.
    private const int MaxSpaces = 2;

    private readonly QwenTokenizer _tokenizer;
    private readonly int? _begin, _end;
    private int _spaces;
    private State _state;

    private enum State
    {
        MayBegin,
        Inside,
        Behind,
        Over,
    }

    /// <param name="tokenizer">Whose tokens they are; one without these two knows no thoughts.</param>
    /// <param name="prompt">What stands before the answer: a template may have opened the thoughts, or closed them.</param>
    public Thoughts(QwenTokenizer tokenizer, ReadOnlySpan<int> prompt)
    {
        (_tokenizer, _begin, _end) = (tokenizer, tokenizer.IdOf("<think>"), tokenizer.IdOf("</think>"));
        _state = State.Over;
        if (_begin is not { } begin || _end is not { } end) return;
        // The beginning of the answer's turn, as templates write it, is a few tokens long.
        ReadOnlySpan<int> tail = prompt[^Math.Min(16, prompt.Length)..];
        int opened = tail.LastIndexOf(begin), closed = tail.LastIndexOf(end);
        _state = closed > opened ? State.Over : opened >= 0 ? State.Inside : State.MayBegin;
    }

    /// <summary>Whether the last token stands within them.</summary>
    public bool AreOpen => _state == State.Inside;

    /// <summary>Whether no token can be a part of them any more.</summary>
    public bool AreOver => _state == State.Over;

    /// <summary>How many tokens they have, their marks among them.</summary>
    public int Tokens { get; private set; }

    /// <summary>Whether a token would be a part of the thoughts, or white space behind them.</summary>
    public bool Take(int id)
    {
        switch (_state)
        {
            case State.MayBegin:
                _state = id == _begin ? State.Inside : State.Over;
                if (_state == State.Over) return false;
                Tokens++;
                return true;
            case State.Inside:
                Tokens++;
                if (id == _end) _state = State.Behind;
                return true;
            case State.Behind when _spaces < MaxSpaces && !_tokenizer.IsSpecial(id) && IsWhiteSpace(_tokenizer.BytesOf(id)):
                _spaces++;
                return true;
            default:
                _state = State.Over;
                return false;
        }
    }

    /// <summary>Tokens that must still be left where one more is taken here, beside those of the answer: the mark of the end.</summary>
    public int TokensToEnd => _state is State.Inside or State.MayBegin ? 1 : 0;

    /// <summary>Ends them: nothing that follows belongs to them.</summary>
    /// <returns>The mark that must be said for it; null: none.</returns>
    public int? End()
    {
        bool wereOpen = AreOpen;
        _state = wereOpen ? State.Behind : State.Over;
        if (wereOpen) Tokens++;
        return wereOpen ? _end : null;
    }

    private static bool IsWhiteSpace(ReadOnlySpan<byte> bytes) => bytes.Length > 0 && bytes.IndexOfAnyExcept(" \t\r\n"u8) < 0;
}
