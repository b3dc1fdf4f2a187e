using System;
using System.Diagnostics;
using System.Threading;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>One answer while it is generated: token by token from the logits, until it ends.</summary>
internal sealed class Answer
{
    private readonly Generator _generator;
    private readonly GenerationOptions _options;
    private readonly Sampler _sampler;
    private readonly StopStrings _stops;
    private readonly Utf8Stream _characters = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly long _promptTokens, _reusedTokens;
    private TimeSpan _promptTime, _timeToFirstToken, _generationTime;
    private int _generated;
    private StopReason _reason;

    public Answer(Generator generator, GenerationOptions options, Sampler sampler)
    {
        _generator = generator;
        _options = options;
        _sampler = sampler;
        _stops = new StopStrings(options.Stop);
        (_promptTokens, _reusedTokens) = (generator.UnreadTokens, generator.Session.Position);
    }

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

    /// <summary>Reads the prompt.</summary>
    public void Read(IProgress<ReadingProgress>? progress, CancellationToken cancellation)
    {
        _generator.ReadUnread(progress, cancellation);
        _promptTime = Stopwatch.GetElapsedTime(_started);
    }

    /// <summary>The next text that can be shown; null where the answer is over.</summary>
    public string? Next(CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        try
        {
            while (_reason == StopReason.None)
            {
                string text = Step(cancellation);
                if (text.Length > 0) return text;
            }
            return null;
        }
        finally
        {
            _generationTime += Stopwatch.GetElapsedTime(started);
        }
    }

    /// <summary>Notes why it ended, where it has not ended by itself.</summary>
    public void End(StopReason reason)
    {
        if (_reason == StopReason.None) _reason = reason;
    }

    private string Step(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _generator.ReadUnread(null, cancellation);
        int id = _sampler.Next(_generator.Session);
        _sampler.Accept(id);
        if (++_generated == 1) _timeToFirstToken = Stopwatch.GetElapsedTime(_started);
        QwenTokenizer tokenizer = _generator.Tokenizer;
        if (tokenizer.EndTokens.Contains(id))
        {
            _reason = StopReason.EndToken;
            return Rest();
        }
        // Other control tokens are part of the session's text, and no text for people.
        string piece = tokenizer.IsSpecial(id) ? "" : _characters.Push(tokenizer.BytesOf(id));
        string text = _stops.Push(piece);
        if (_stops.Found is { } stop)
        {
            _reason = StopReason.StopString;
            // A token that showed something stays in the text; one that is all stop string was never said.
            if (piece.Length > stop.Length) _generator.Append(id);
            return text;
        }
        _generator.Append(id);
        if (_generated < _options.MaxTokens) return text;
        _reason = StopReason.MaxTokens;
        return text + Rest();
    }

    private string Rest()
    {
        string last = _stops.Push(_characters.Flush());
        if (_stops.Found is not null) _reason = StopReason.StopString;
        return last + _stops.Flush();
    }
}
