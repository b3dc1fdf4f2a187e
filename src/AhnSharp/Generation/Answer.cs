using System;
using System.Collections.Generic;
using System.Diagnostics;
using AhnSharp.Constraints;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>
/// One answer while it is written: logits go in, token by token, and text comes out, until it ends. It knows no model and no session.
/// </summary>
internal sealed class Answer
{
    private readonly QwenTokenizer _tokenizer;
    private readonly GenerationOptions _options;
    private readonly Sampler _sampler;
    private readonly StopStrings _stops;
    private readonly ConstraintMatcher? _constraint;
    private readonly CallMatcher? _calls;
    private readonly Thoughts _thoughts;
    private readonly Utf8Stream _characters = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _promptTokens, _reusedTokens;
    private TimeSpan _promptTime, _timeToFirstToken, _generationTime;
    private int _generated;
    private bool _isClosed;
    private StopReason _reason;
    private List<GeneratedToken> _tokens = []; // since they were taken

    /// <param name="tokenizer">Whose ids they are.</param>
    /// <param name="options">How to draw, where to end.</param>
    /// <param name="sampler">Has been told of the text before.</param>
    /// <param name="prompt">The end of the text before it, at least the beginning of the answer's turn.</param>
    /// <param name="promptTokens">Tokens that are read before the first one.</param>
    /// <param name="reusedTokens">Tokens of the text that were read before.</param>
    public Answer(
        QwenTokenizer tokenizer, GenerationOptions options, Sampler sampler, ReadOnlySpan<int> prompt, long promptTokens, long reusedTokens)
    {
        (_tokenizer, _options, _sampler, _promptTokens, _reusedTokens) = (tokenizer, options, sampler, promptTokens, reusedTokens);
        _stops = new StopStrings(options.Stop);
        _thoughts = new Thoughts(tokenizer, prompt);
        if (options.Constraint is { } constraint) _constraint = new ConstraintMatcher(constraint, tokenizer, sampler.VocabularySize);
        else if (options.Calls is { } calls)
            _calls = new CallMatcher(calls, tokenizer, sampler.VocabularySize, options.ParallelCalls, _thoughts.AreOpen);
    }

    /// <summary>Refuses an answer that cannot become whole, before anything is read for it.</summary>
    /// <exception cref="ArgumentException">The shortest text that its constraint allows takes more tokens than it may have.</exception>
    public static void CheckRoom(QwenTokenizer tokenizer, int vocabularySize, GenerationOptions options)
    {
        if (options.Constraint is not { } constraint) return;
        long least = new ConstraintMatcher(constraint, tokenizer, vocabularySize).LeastTokens;
        if (options.MaxTokens >= least) return;
        throw new ArgumentException(
            $"MaxTokens: expected at least {least} tokens, which the shortest answer takes that the constraint allows, found "
            + $"{options.MaxTokens}: allow more, or ask for less.", nameof(options));
    }

    /// <summary>Whether its first token was chosen.</summary>
    public bool HasBegun => _generated > 0;

    /// <summary>Whether nothing more comes.</summary>
    public bool HasEnded => _reason != StopReason.None;

    public GenerationStatistics Statistics => new()
    {
        PromptTokens = _promptTokens,
        ReusedTokens = _reusedTokens,
        PromptTime = _promptTime,
        GeneratedTokens = _generated,
        ThoughtTokens = _thoughts.Tokens,
        TimeToFirstToken = _timeToFirstToken,
        GenerationTime = _generationTime,
        StopReason = _reason,
        IsWhole = _reason is StopReason.None or StopReason.StopString ? null
            : _constraint?.MayEnd ?? (_calls is null ? null : _calls.Open is null),
        StopString = _stops.Found,
        Seed = _options.Sampling.Temperature > 0 ? _sampler.Seed : null,
    };

    /// <summary>The prompt has been read.</summary>
    public void PromptIsRead() => _promptTime = Stopwatch.GetElapsedTime(_started);

    /// <summary>Counts computing time of the tokens.</summary>
    public void Spend(TimeSpan time) => _generationTime += time;

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">Those behind the last token of the text.</param>
    /// <param name="text">What can be shown now; often empty.</param>
    /// <param name="room">Tokens that the text has room for, this one among them.</param>
    /// <returns>The token where it is the next of the text; null where it is not, because the answer has ended before it.</returns>
    public int? Accept(LastLogits logits, out string text, long room = long.MaxValue)
    {
        if (_generated == 0 && _promptTime == default) PromptIsRead();
        long left = Math.Min(_options.MaxTokens - _generated, room);
        int id = Choose(logits, left);
        _sampler.Accept(id);
        if (++_generated == 1) _timeToFirstToken = Stopwatch.GetElapsedTime(_started);
        if (_tokenizer.EndTokens.Contains(id))
        {
            _reason = _isClosed ? StopReason.MaxTokens : StopReason.EndToken;
            text = Rest();
            return null;
        }
        if (_options.TopLogProbabilities is { } top) _tokens.Add(LogProbabilities.Of(logits.Values, id, top));
        // Other control tokens are part of the session's text, and no text for people, but for the marks of thoughts and calls.
        string piece = _tokenizer.IsSpecial(id) && !_tokenizer.IsMark(id) ? "" : _characters.Push(_tokenizer.BytesOf(id));
        text = _stops.Push(piece);
        if (_stops.Found is { } stop)
        {
            _reason = StopReason.StopString;
            // A token that showed something stays in the text; one that is all stop string was never said.
            return piece.Length > stop.Length ? id : null;
        }
        bool isComplete = _constraint is { MustEnd: true } || _calls is { MustEnd: true };
        // A text that is whole ends with the context, too: it need not meet its end.
        bool isOver = _generated == _options.MaxTokens || (left == 1 && _constraint is { MayEnd: true });
        if (!isOver && !isComplete) return id;
        _reason = isComplete && !_isClosed ? StopReason.Complete : StopReason.MaxTokens;
        text += Rest();
        return id;
    }

    /// <summary>The tokens chosen since the last call, where they are asked for.</summary>
    public IReadOnlyList<GeneratedToken> TakeTokens()
    {
        if (_tokens.Count == 0) return [];
        List<GeneratedToken> taken = _tokens;
        _tokens = [];
        return taken;
    }

    /// <summary>Notes why it ended, where it has not ended by itself.</summary>
    public void End(StopReason reason)
    {
        if (_reason == StopReason.None) _reason = reason;
    }

    private int Choose(LastLogits logits, long left)
    {
        if (_constraint is not null && !_thoughts.AreOver && !HaveRoom(left) && _thoughts.End() is { } mark)
        {
            _isClosed = true;
            return mark;
        }
        if (_constraint is null || !_thoughts.AreOver)
        {
            int free = Draw(logits, _calls?.Open, left);
            if (_calls?.Accept(free) == false)
            {
                free = Draw(logits, _calls.Open, left);
                _calls.Accept(free);
            }
            if (_thoughts.Take(free) || _constraint is null) return free;
        }
        int id = Draw(logits, _constraint, left);
        if (!_constraint.Accept(id))
            throw new InvalidOperationException($"Expected a token that the answer's constraint allows, found {id}; please report this.");
        return id;
    }

    // A token behind which the text could no longer be made whole is drawn again, from those behind which it can.
    private int Draw(LastLogits logits, ConstraintMatcher? matcher, long left)
    {
        int id = _sampler.Next(logits, matcher);
        if (matcher is null || matcher.CanEndBehind(id, left - 1) || !matcher.Narrow(left - 1)) return id;
        _isClosed = true;
        return _sampler.Next(logits, matcher);
    }

    // Whether thoughts may go on by one token and the shortest answer still fits behind them. Where it does not fit as it is, they may.
    private bool HaveRoom(long left)
    {
        long answer = _constraint!.TokensToEnd;
        return left > _thoughts.TokensToEnd + answer || left < answer + (_thoughts.AreOpen ? 1 : 0);
    }

    private string Rest()
    {
        string last = _stops.Push(_characters.Flush());
        if (_stops.Found is not null) _reason = StopReason.StopString;
        return last + _stops.Flush();
    }
}
