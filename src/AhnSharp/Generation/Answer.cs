using System;
using System.Diagnostics;
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
    private readonly Utf8Stream _characters = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _promptTokens, _reusedTokens;
    private TimeSpan _promptTime, _timeToFirstToken, _generationTime;
    private int _generated;
    private StopReason _reason;

    /// <param name="tokenizer">Whose ids they are.</param>
    /// <param name="options">How to draw, where to end.</param>
    /// <param name="sampler">Has been told of the text before.</param>
    /// <param name="promptTokens">Tokens that are read before the first one.</param>
    /// <param name="reusedTokens">Tokens of the text that were read before.</param>
    public Answer(QwenTokenizer tokenizer, GenerationOptions options, Sampler sampler, long promptTokens, long reusedTokens)
    {
        (_tokenizer, _options, _sampler, _promptTokens, _reusedTokens) = (tokenizer, options, sampler, promptTokens, reusedTokens);
        _stops = new StopStrings(options.Stop);
    }

    /// <summary>Whether nothing more comes.</summary>
    public bool HasEnded => _reason != StopReason.None;

    public GenerationStatistics Statistics => new()
    {
        PromptTokens = _promptTokens,
        ReusedTokens = _reusedTokens,
        PromptTime = _promptTime,
        GeneratedTokens = _generated,
        TimeToFirstToken = _timeToFirstToken,
        GenerationTime = _generationTime,
        StopReason = _reason,
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
    /// <returns>The token where it is the next of the text; null where it is not, because the answer has ended before it.</returns>
    public int? Accept(LastLogits logits, out string text)
    {
        if (_generated == 0 && _promptTime == default) PromptIsRead();
        int id = _sampler.Next(logits);
        _sampler.Accept(id);
        if (++_generated == 1) _timeToFirstToken = Stopwatch.GetElapsedTime(_started);
        if (_tokenizer.EndTokens.Contains(id))
        {
            _reason = StopReason.EndToken;
            text = Rest();
            return null;
        }
        // Other control tokens are part of the session's text, and no text for people.
        string piece = _tokenizer.IsSpecial(id) ? "" : _characters.Push(_tokenizer.BytesOf(id));
        text = _stops.Push(piece);
        if (_stops.Found is { } stop)
        {
            _reason = StopReason.StopString;
            // A token that showed something stays in the text; one that is all stop string was never said.
            return piece.Length > stop.Length ? id : null;
        }
        if (_generated < _options.MaxTokens) return id;
        _reason = StopReason.MaxTokens;
        text += Rest();
        return id;
    }

    /// <summary>Notes why it ended, where it has not ended by itself.</summary>
    public void End(StopReason reason)
    {
        if (_reason == StopReason.None) _reason = reason;
    }

    private string Rest()
    {
        string last = _stops.Push(_characters.Flush());
        if (_stops.Found is not null) _reason = StopReason.StopString;
        return last + _stops.Flush();
    }
}
