using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;
using AhnSharp.Constraints;
using AhnSharp.Gguf;
using AhnSharp.Seeds;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>Chooses the next token from the logits of the last one, by <see cref="SamplingOptions"/> and in its order.</summary>
/// <remarks>
/// Holds the recent tokens (for the penalties) and the state of the draws, so one sampler serves one text. Choosing allocates nothing.
/// </remarks>
public sealed class Sampler
{
    // How many of what a device picks may be tokens that are never chosen.
    private const int SpareTopTokens = 8;

    private readonly SamplingOptions _options;
    private readonly int[] _unused;
    private readonly (int Id, float Bias)[] _bias;
    private readonly float[] _logits;          // [vocabulary], after bias and penalties
    private readonly int[] _recent;            // ring of the last PenaltyTokens ids
    private readonly int[] _timesRecent;       // [vocabulary]: how often each id stands in _recent
    private readonly Candidates? _candidates;  // null: greedy
    private SplitMix64 _random;
    private long _accepted;

    /// <summary>A sampler over <paramref name="vocabularySize"/> logits that never chooses one of <paramref name="unusedIds"/>.</summary>
    public Sampler(int vocabularySize, SamplingOptions options, IEnumerable<int>? unusedIds = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _unused = unusedIds?.Where(id => id >= 0 && id < vocabularySize).Distinct().ToArray() ?? [];
        if (_unused.Length == vocabularySize)
            throw new InvalidModelException("All tokens of the vocabulary are marked unused: there is none to choose.");
        _bias = options.LogitBias is null ? [] : [.. options.LogitBias.Select(static pair => (pair.Key, pair.Value))];
        foreach ((int id, _) in _bias)
        {
            if ((uint)id < (uint)vocabularySize) continue;
            throw new ArgumentException(
                $"LogitBias: expected ids of the vocabulary, 0 to {vocabularySize - 1}, found {id}.", nameof(options));
        }
        _logits = new float[vocabularySize];
        _recent = new int[options.PenaltyTokens];
        _timesRecent = new int[HasPenalties ? vocabularySize : 0];
        _candidates = options.Temperature > 0 ? new Candidates(vocabularySize) : null;
        Seed = options.Seed ?? (ulong)Random.Shared.Next();
        _random = new SplitMix64(Seed);
    }

    /// <summary>The seed of the draws: the given one, or the one that was drawn for want of it.</summary>
    public ulong Seed { get; }

    /// <summary>How many logits it takes.</summary>
    public int VocabularySize => _logits.Length;

    private bool HasPenalties =>
        _options.PenaltyTokens > 0 && (_options.RepeatPenalty != 1 || _options.FrequencyPenalty != 0 || _options.PresencePenalty != 0);

    /// <summary>A sampler for the logits of a model: rows that only pad the vocabulary are never chosen.</summary>
    public static Sampler For(QwenTokenizer tokenizer, int vocabularySize, SamplingOptions options)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new Sampler(vocabularySize, options, Enumerable.Range(0, vocabularySize).Where(
            id => id >= tokenizer.VocabularySize || tokenizer.IsUnused(id)));
    }

    /// <summary>Tells that <paramref name="id"/> was read or generated; the penalties count it.</summary>
    public void Accept(int id)
    {
        if (!HasPenalties || (uint)id >= (uint)_logits.Length) return;
        int slot = (int)(_accepted % _recent.Length);
        if (_accepted >= _recent.Length) _timesRecent[_recent[slot]]--;
        _recent[slot] = id;
        _timesRecent[id]++;
        _accepted++;
    }

    /// <summary>The next token of a session: the same as of its <see cref="LanguageSession.LastLogits"/>.</summary>
    /// <remarks>
    /// A device that picks the likeliest tokens itself keeps the logits where these are all it takes: for greedy choices and for top-k up
    /// to 56, without bias and penalties; top-p and min-p may follow. Otherwise all logits are looked at.
    /// </remarks>
    public int Next(LanguageSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Next(session.Logits, null);
    }

    /// <param name="last">The logits.</param>
    /// <param name="constraint">What the answer may be; null: anything.</param>
    internal int Next(LastLogits last, ConstraintMatcher? constraint)
    {
        int wanted = _candidates is null ? 1 : _options.TopK;
        if (!HasPenalties && _bias.Length == 0 && wanted is > 0 and <= LastLogits.MaxTopTokens - SpareTopTokens)
        {
            Span<int> ids = stackalloc int[wanted + SpareTopTokens];
            Span<float> logits = stackalloc float[wanted + SpareTopTokens];
            int found = last.TopTokens(ids, logits), kept = 0;
            for (int i = 0; i < found; i++)
            {
                if (_unused.AsSpan().Contains(ids[i]) || constraint?.Allows(ids[i]) == false) continue;
                (ids[kept], logits[kept]) = (ids[i], logits[i]);
                kept++;
            }
            if (kept >= wanted && _candidates is null) return ids[0];
            if (kept >= wanted)
            {
                _candidates!.Fill(ids[..kept], logits[..kept]);
                return Draw(_candidates);
            }
        }
        return Next(last.Values, constraint);
    }

    /// <summary>The next token. It is not accepted: that is for the caller, who may discard it.</summary>
    /// <param name="logits">[vocabulary], each finite.</param>
    public int Next(ReadOnlySpan<float> logits) => Next(logits, null);

    private int Next(ReadOnlySpan<float> logits, ConstraintMatcher? constraint)
    {
        if (logits.Length != _logits.Length)
        {
            throw new ArgumentException(
                $"Expected {_logits.Length} logits, one per token of the vocabulary, found {logits.Length}.", nameof(logits));
        }
        if (!TensorPrimitives.IsFiniteAll(logits)) ThrowNotFinite(logits);
        logits.CopyTo(_logits);
        foreach ((int id, float bias) in _bias) _logits[id] = Math.Clamp(_logits[id] + bias, float.MinValue, float.MaxValue);
        if (HasPenalties) Penalize();
        foreach (int id in _unused) _logits[id] = float.NegativeInfinity;
        if (_candidates is null)
        {
            int likeliest = TensorPrimitives.IndexOfMax<float>(_logits);
            // Most greedy tokens are allowed as they are, and then no mask is made.
            if (constraint is null || constraint.Allows(likeliest)) return likeliest;
            Mask(constraint);
            return TensorPrimitives.IndexOfMax<float>(_logits);
        }
        if (constraint is not null) Mask(constraint);
        _candidates.Fill(_logits);
        return Draw(_candidates);
    }

    private int Draw(Candidates candidates)
    {
        if (_options.TopK > 0) candidates.KeepTopK(_options.TopK);
        if (_options.TopP < 1) candidates.KeepTopP(_options.TopP);
        if (_options.MinP > 0) candidates.KeepMinP(_options.MinP);
        return candidates.Draw(_options.Temperature, _random.NextDouble());
    }

    private void Penalize()
    {
        int held = (int)Math.Min(_accepted, _recent.Length);
        for (int i = 0; i < held; i++)
        {
            int id = _recent[i], times = _timesRecent[id];
            if (times < 0) continue;
            float logit = _logits[id];
            logit = logit > 0 ? logit / _options.RepeatPenalty : logit * _options.RepeatPenalty;
            _logits[id] = Math.Clamp(logit - times * _options.FrequencyPenalty - _options.PresencePenalty, float.MinValue, float.MaxValue);
            // Marked as done: an id that stands here several times is penalised once, by its count.
            _timesRecent[id] = -times;
        }
        for (int i = 0; i < held; i++) _timesRecent[_recent[i]] = Math.Abs(_timesRecent[_recent[i]]);
    }

    // −∞ for what the constraint does not allow here; something is always left, since every single byte is a token.
    private void Mask(ConstraintMatcher constraint)
    {
        ReadOnlySpan<ulong> allowed = constraint.Allowed;
        for (int word = 0; word < allowed.Length; word++)
        {
            ulong bits = allowed[word];
            int first = 64 * word, count = Math.Min(64, _logits.Length - first);
            if (bits == 0)
            {
                _logits.AsSpan(first, count).Fill(float.NegativeInfinity);
                continue;
            }
            for (int bit = 0; bit < count; bit++)
            {
                if ((bits >> bit & 1) == 0) _logits[first + bit] = float.NegativeInfinity;
            }
        }
    }

    private static void ThrowNotFinite(ReadOnlySpan<float> logits)
    {
        int id = 0;
        while (float.IsFinite(logits[id])) id++;
        throw new InvalidModelException($"The logit of token {id}: expected a finite number, found {logits[id]}; "
            + "the weights of the model or of its memory are broken.");
    }
}
