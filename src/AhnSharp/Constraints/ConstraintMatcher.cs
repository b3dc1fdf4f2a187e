using System;
using System.Linq;
using AhnSharp.Tokenizer;

namespace AhnSharp.Constraints;

/// <summary>Holds one answer to a constraint: where it stands, and which tokens may be next. Not for two threads; forks are
/// apart.</summary>
internal sealed class ConstraintMatcher
{
    private readonly MaskEngine _engine;
    private Place _place;
    private ulong[]? _mask;
    private bool _ended;

    /// <param name="constraint">What the answer is held to.</param>
    /// <param name="tokenizer">Whose tokens the answer is made of.</param>
    /// <param name="vocabularySize">Logits of the model: bits in <see cref="Allowed"/>. Ids that the tokenizer has not are never
    /// allowed.</param>
    internal ConstraintMatcher(Constraint constraint, QwenTokenizer tokenizer, int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(vocabularySize);
        _engine = VocabularyIndex.Of(tokenizer, vocabularySize).EngineOf(constraint.Grammar);
        _place = _engine.Start();
    }

    private ConstraintMatcher(ConstraintMatcher other) =>
        (_engine, _place, _mask, _ended) = (other._engine, other._place, other._mask, other._ended);

    /// <summary>The text so far is whole.</summary>
    internal bool MayEnd => _ended || _place.MayEnd;

    /// <summary>Only an end may follow.</summary>
    internal bool MustEnd => _ended || _place.MustEnd;

    /// <summary>Bit id % 64 of word id / 64: whether the token may be next.</summary>
    internal ReadOnlySpan<ulong> Allowed => _mask ??= _ended ? EndsOnly() : _engine.Mask(_place);

    /// <summary>Trees of the vocabulary that were walked for this constraint so far, by all answers.</summary>
    internal int Walks => _engine.Made.Walks;

    /// <summary>What masks and steps of this constraint cost so far, in steps of about ten nanoseconds.</summary>
    internal long Work => _engine.Work;

    /// <summary>Whether a token may be next. Where there is no mask yet, the token's bytes are followed alone.</summary>
    internal bool Allows(int id)
    {
        if (id < 0 || id >= _engine.Index.Size) return false;
        if (_mask is not null) return (_mask[id >> 6] >> id & 1) != 0;
        if (_engine.Index.Ends.Contains(id)) return MayEnd;
        return !_ended && _engine.Step(_place, id) is not null;
    }

    /// <summary>Takes a token. False: it is not allowed, and nothing changed.</summary>
    internal bool Accept(int id)
    {
        if (_engine.Index.Ends.Contains(id))
        {
            if (!MayEnd) return false;
            (_ended, _mask) = (true, null);
            return true;
        }
        if (_ended || _engine.Step(_place, id) is not Place next) return false;
        (_place, _mask) = (next, null);
        return true;
    }

    /// <summary>Takes text, wherever the borders of its tokens lie. False: it is not allowed, and nothing changed.</summary>
    internal bool Accept(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return true;
        if (_ended || _engine.Step(_place, text) is not Place next) return false;
        (_place, _mask) = (next, null);
        return true;
    }

    /// <summary>Tokens of the shortest text that makes the answer whole; 0 where it is.</summary>
    internal long TokensToEnd => _ended ? 0 : _engine.TokensToEnd(_place);

    /// <summary>Bytes of that text.</summary>
    internal long BytesToEnd => _ended ? 0 : _engine.BytesToEnd(_place);

    /// <summary>Tokens without which no answer is whole: those of the shortest text, or of a very long one what its bytes take at
    /// least.</summary>
    internal long LeastTokens
    {
        get
        {
            long bytes = BytesToEnd;
            return bytes <= ShortestText.MaxWritten ? TokensToEnd : bytes / Math.Max(1, _engine.Index.MaxLength);
        }
    }

    /// <summary>Whether the answer can be made whole with so many tokens behind this one.</summary>
    internal bool CanEndBehind(int id, long tokens)
    {
        if (_ended || _engine.Index.Ends.Contains(id)) return true;
        return _engine.Step(_place, id) is not Place next || _engine.CanEnd(next, tokens);
    }

    /// <summary>
    /// Allows, until the next token, those alone behind which so many tokens make the answer whole. False: there are none, and all stays
    /// as it is.
    /// </summary>
    internal bool Narrow(long tokens)
    {
        if (_ended || tokens < 0 || !_engine.CanEnd(_place, tokens + 1)) return false;
        ulong[] narrow = _engine.EndingMask(_place, tokens);
        if (!narrow.AsSpan().ContainsAnyExcept(0UL)) return false;
        _mask = narrow;
        return true;
    }

    internal ConstraintMatcher Fork() => new(this);

    private ulong[] EndsOnly()
    {
        ulong[] mask = new ulong[_engine.Index.Words];
        foreach (int id in _engine.Index.Ends) mask[id >> 6] |= 1UL << id;
        return mask;
    }
}
