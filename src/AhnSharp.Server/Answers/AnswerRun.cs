using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using AhnSharp.Extensions.AI;
using AhnSharp.Generation;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Metrics;
using AhnSharp.Server.Models;
using AhnSharp.Sessions;

namespace AhnSharp.Server.Answers;

/// <summary>An answer under way, or several to one prompt: what they say, as it comes, until all have ended.</summary>
/// <remarks>It has its turn and its model until it is disposed; whoever leaves in the middle disposes it, and its passes end.</remarks>
internal sealed class AnswerRun : IAsyncDisposable
{
    private readonly AnswerRequest _request;
    private readonly Completion[] _answers;
    private readonly IOpenDocuments? _documents;
    private readonly IDisposable?[] _held;
    private readonly AhnOperation _operation;
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _serverEnds;
    private readonly ServerMetrics _metrics;
    private readonly Channel<AnswerEvent> _events = Channel.CreateUnbounded<AnswerEvent>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly StringBuilder _said = new();
    private readonly Task _pumping;

    public AnswerRun(AnswerRequest request, Completion[] answers, ModelLease lease, IOpenDocuments? documents, IDisposable?[] held,
        AhnOperation operation, ServerMetrics metrics, CancellationToken cancellation, CancellationToken serverEnds)
    {
        (_request, _answers, _documents, _held, _operation) = (request, answers, documents, held, operation);
        (ModelId, Tokenizer) = (lease.ModelId, lease.Engine.Model.Tokenizer);
        (_metrics, _serverEnds) = (metrics, serverEnds);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, serverEnds);
        _pumping = PumpAllAsync();
    }

    /// <summary>The model's name.</summary>
    public string ModelId { get; }

    /// <summary>The model's tokenizer, for what tokens say.</summary>
    public Tokenizer.QwenTokenizer Tokenizer { get; }

    /// <summary>When it began, in seconds since 1970.</summary>
    public long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>Tokens that were read.</summary>
    public long ReadTokens => _answers.Sum(static answer => answer.Statistics?.PromptTokens ?? 0);

    /// <summary>Tokens of the prompt that had been read before.</summary>
    public long ReusedTokens => _answers.Length == 0 ? 0 : _answers.Min(static answer => answer.Statistics?.ReusedTokens ?? 0);

    /// <summary>Tokens that were written.</summary>
    public int WrittenTokens => _answers.Sum(static answer => answer.Statistics?.GeneratedTokens ?? 0);

    /// <summary>Since it began.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>What the first answer says so far.</summary>
    public string Said => _said.ToString();

    /// <summary>Everything that is said, until all answers have ended.</summary>
    public IAsyncEnumerable<AnswerEvent> EventsAsync(CancellationToken cancellation) => _events.Reader.ReadAllAsync(cancellation);

    /// <summary>Waits until something was said or a while has passed; a failure before that is thrown, and can still be a status.</summary>
    public async Task SettleAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            await _events.Reader.WaitToReadAsync(cancellation).AsTask().WaitAsync(atMost, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is being read: what fails from now on is told in the stream.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _pumping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (IDisposable? held in _held) held?.Dispose();
        _operation.Dispose();
        _end.Dispose();
    }

    private async Task PumpAllAsync()
    {
#pragma warning disable CA1031 // It is told to whoever reads the events.
        try
        {
            await Task.WhenAll(_answers.Select((answer, index) => PumpAsync(index, answer))).ConfigureAwait(false);
            _operation.Succeed(ReadTokens + ReusedTokens, WrittenTokens);
            _events.Writer.TryComplete();
        }
        catch (Exception cause)
        {
            Exception failure = cause is OperationCanceledException && _serverEnds.IsCancellationRequested
                ? new ObjectDisposedException(nameof(ServerHost)) : cause;
            _operation.Fail(failure);
            _events.Writer.TryComplete(failure);
        }
#pragma warning restore CA1031
    }

    private async Task PumpAsync(int index, Completion answer)
    {
        AnswerReader? reader = null;
        bool hasTools = _request is { Tools.Count: > 0, ToolChoice.HasTools: true }, isFull = false;
        int calls = 0;
        long last = 0;
        try
        {
            await foreach (AnswerPiece piece in answer.PiecesAsync(_end.Token).ConfigureAwait(false))
            {
                reader ??= new AnswerReader(hasTools, answer.BeginsInThoughts);
                long now = Stopwatch.GetTimestamp();
                if (last == 0) _metrics.Began(ModelId, Stopwatch.GetElapsedTime(_started, now));
                else _metrics.WentOn(ModelId, Stopwatch.GetElapsedTime(last, now));
                last = now;
                Say(index, reader.Push(piece.Text), piece.Tokens, ref calls);
                if (calls > 0 && !_request.ParallelCalls) break;
            }
        }
        catch (ContextOverflowException) when (answer.Statistics?.GeneratedTokens > 0)
        {
            isFull = true; // nothing of the prompt was cut: the answer has reached the end of the context
        }
        if (reader is not null && (calls == 0 || _request.ParallelCalls)) Say(index, reader.Finish(), [], ref calls);
        GenerationStatistics took = answer.Statistics!;
        FinishReason reason = isFull || took.StopReason == StopReason.MaxTokens ? FinishReason.Length
            : calls > 0 ? FinishReason.Calls
            : took.StopReason == StopReason.StopString ? FinishReason.StopString : FinishReason.Stop;
        _events.Writer.TryWrite(new AnswerEvent(index, [], [], new AnswerEnd(reason, took,
            _documents?.PlacesOf(answer.Sources) ?? [.. answer.Sources.Select(static source => new AnswerPassage(source))])));
    }

    private void Say(int index, IReadOnlyList<AnswerPart> parts, IReadOnlyList<GeneratedToken> tokens, ref int calls)
    {
        if (parts.Count == 0 && tokens.Count == 0) return;
        List<AnswerPart> said = [];
        foreach (AnswerPart part in parts)
        {
            said.Add(part);
            if (index == 0 && part.Kind is AnswerPartKind.Text) _said.Append(part.Text);
            if (part.Kind != AnswerPartKind.CallEnds) continue;
            calls++;
            if (!_request.ParallelCalls) break;
        }
        _events.Writer.TryWrite(new AnswerEvent(index, said, tokens));
    }
}
