using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Channels;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>A sequence on its way through a <see cref="TextEngine"/>: what the scheduler's thread hands to who reads the answer.</summary>
internal sealed class EngineRun
{
    private readonly Channel<AnswerPiece> _pieces =
        Channel.CreateUnbounded<AnswerPiece>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Sequence _sequence;
    private readonly Answer? _answer;
    private long _last = Stopwatch.GetTimestamp();
    private bool _isWriting;

    /// <summary>Prepares the sequence to be added to a scheduler.</summary>
    public EngineRun(Sequence sequence, Answer? answer, IProgress<ReadingProgress>? progress, CancellationToken cancellation)
    {
        (_sequence, _answer) = (sequence, answer);
        sequence.Answer = answer;
        sequence.Cancellation = cancellation;
        int total = Math.Min(sequence.WaitingCount, sequence.MaxToRead), read = 0;
        long started = _last;
        sequence.Read = count =>
        {
            if (read >= total) return; // the answer's own tokens
            read += count;
            ReadTokens = read;
            progress?.Report(new ReadingProgress(
                read, total, sequence.Session.Tally, sequence.Session.StateBytes, Stopwatch.GetElapsedTime(started)));
        };
        sequence.Advanced = Advance;
    }

    /// <summary>What the answer says, until it ends or fails.</summary>
    public ChannelReader<AnswerPiece> Pieces => _pieces.Reader;

    /// <summary>Whether it is a reading in the background, no answer.</summary>
    public bool IsBackground => _sequence.BackgroundFrom is not null;

    /// <summary>Tokens of its prompt that were read.</summary>
    public int ReadTokens { get; private set; }

    /// <summary>Where its tokens were after the last pass.</summary>
    public Tally Tokens { get; private set; }

    /// <summary>Bytes of its session after the last pass.</summary>
    public long StateBytes { get; private set; }

    /// <summary>Ends it for who reads it.</summary>
    public void Fail(Exception cause) => _pieces.Writer.TryComplete(cause);

    // On the scheduler's thread, after each pass.
    private void Advance()
    {
        long now = Stopwatch.GetTimestamp();
        if (_isWriting) _answer?.Spend(Stopwatch.GetElapsedTime(_last, now));
        _last = now;
        _isWriting = _answer is { HasBegun: true };
        (Tokens, StateBytes) = (_sequence.Session.Tally, _sequence.Session.StateBytes);
        string text = _sequence.TakeText();
        IReadOnlyList<GeneratedToken> tokens = _answer?.TakeTokens() ?? [];
        if (text.Length > 0 || tokens.Count > 0) _pieces.Writer.TryWrite(new AnswerPiece(text, tokens));
        if (_sequence.IsAtRest) _pieces.Writer.TryComplete(_sequence.Failure);
    }
}
