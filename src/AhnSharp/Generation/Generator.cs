using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Model;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>Reads ids into a session and generates text from it, off the caller's thread.</summary>
/// <remarks>
/// Owns the session. Ids that belong to the text and are not in the session yet (the rest of a cancelled reading, the last token of an
/// answer) wait here and are read before anything that follows, so the text never has a hole. One call at a time; while one runs,
/// another is an <see cref="InvalidOperationException"/>. Dispose may be called at any moment: it cancels what runs and waits for it.
/// </remarks>
public sealed class Generator : IDisposable
{
    private readonly ILanguageModel _model;
    private readonly List<int> _unread;
    private readonly CancellationTokenSource _disposing = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Answer? _answer;
    private bool _disposed;

    /// <summary>Takes over <paramref name="session"/>, of <paramref name="model"/>: what it has seen is the beginning of the text.</summary>
    public Generator(ILanguageModel model, QwenTokenizer tokenizer, ILanguageSession session) : this(model, tokenizer, session, [])
    {
    }

    /// <param name="model">As above.</param>
    /// <param name="tokenizer">As above.</param>
    /// <param name="session">As above.</param>
    /// <param name="unread">Ids of the text behind what the session has seen, that wait to be read.</param>
    internal Generator(ILanguageModel model, QwenTokenizer tokenizer, ILanguageSession session, ReadOnlySpan<int> unread)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(session);
        (_model, Tokenizer, Session) = (model, tokenizer, session);
        _unread = [.. unread];
    }

    /// <summary>The state of the text: how many tokens were seen, held exactly, compressed, dropped.</summary>
    public ILanguageSession Session { get; }

    /// <summary>Text ↔ ids.</summary>
    public QwenTokenizer Tokenizer { get; }

    /// <summary>Ids of the text that wait to be read into the session.</summary>
    public int UnreadTokens => _unread.Count;

    /// <summary>Where readings are cut into passes; null: into whole chunks from where each begins.</summary>
    internal PromptCuts? Cuts { get; init; }

    /// <summary>What the last answer took; null before the first.</summary>
    public GenerationStatistics? Statistics => _answer?.Statistics;

    /// <summary>Reads ids into the session.</summary>
    /// <exception cref="OperationCanceledException">The session stands at its last whole chunk; the rest is read before what follows.</exception>
    /// <exception cref="ContextOverflowException">Nothing of them was read or kept.</exception>
    public Task ReadAsync(ReadOnlyMemory<int> ids, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ReadAsync(ids, null, progress, cancellationToken);

    /// <param name="ids">As above.</param>
    /// <param name="accepted">Called once the ids are part of the text, read or waiting.</param>
    /// <param name="progress">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    internal async Task ReadAsync(ReadOnlyMemory<int> ids, Action? accepted, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using (Take())
        {
            Append(ids.Span);
            accepted?.Invoke();
            await ComputeAsync(cancellation => { ReadUnread(progress, cancellation); return true; }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes ids as the next part of the text, to be read later.</summary>
    /// <exception cref="ContextOverflowException">They were not taken.</exception>
    internal void Accept(ReadOnlySpan<int> ids, Action? accepted)
    {
        using (Take())
        {
            Append(ids);
            accepted?.Invoke();
        }
    }

    /// <summary>Reads at most <paramref name="most"/> of the ids that wait.</summary>
    internal async Task ReadWaitingAsync(int most, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using (Take())
        {
            await ComputeAsync(cancellation => { ReadUnread(progress, cancellation, most); return true; }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads <paramref name="prompt"/> and generates what follows, as pieces of text that never end in half a character.</summary>
    /// <remarks>
    /// Nothing is computed but while the next piece is asked for. Cancellation ends the enumeration with an
    /// <see cref="OperationCanceledException"/>; <see cref="Statistics"/> are right however it ends.
    /// </remarks>
    public IAsyncEnumerable<string> GenerateAsync(
        ReadOnlyMemory<int> prompt, GenerationOptions? options = null, IProgress<ReadingProgress>? progress = null,
        CancellationToken cancellationToken = default) => GenerateAsync(prompt, null, options, progress, cancellationToken);

    internal async IAsyncEnumerable<string> GenerateAsync(
        ReadOnlyMemory<int> prompt, Action? accepted, GenerationOptions? options, IProgress<ReadingProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options ??= new GenerationOptions();
        options.Validate();
        using Turn turn = Take();
        Append(prompt.Span);
        accepted?.Invoke();
        if (Session.Position + UnreadTokens == 0) throw new InvalidOperationException("Expected a text to continue, found none: read something first.");
        Answer answer = _answer = new Answer(this, options, CreateSampler(options.Sampling));
        try
        {
            string? piece = await RunAsync(cancellation => { answer.Read(progress, cancellation); return answer.Next(cancellation); }).ConfigureAwait(false);
            while (piece is not null)
            {
                yield return piece;
                piece = await RunAsync(answer.Next).ConfigureAwait(false);
            }
        }
        finally
        {
            // Still open here: its reader left.
            answer.End(StopReason.Cancelled);
        }

        async Task<string?> RunAsync(Func<CancellationToken, string?> work)
        {
            try
            {
                return await ComputeAsync(work, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                answer.End(e is OperationCanceledException ? StopReason.Cancelled : StopReason.Failed);
                throw;
            }
        }
    }

    /// <summary>A generator of its own that stands where this one does, the waiting ids included; it has given no answer yet.</summary>
    public Generator Fork()
    {
        using (Take()) return new Generator(_model, Tokenizer, Session.Fork(), CollectionsMarshal.AsSpan(_unread));
    }

    /// <summary>Hands over the session and the waiting ids while nothing runs.</summary>
    internal void Use(Action<ILanguageSession, ReadOnlySpan<int>> action)
    {
        using (Take()) action(Session, CollectionsMarshal.AsSpan(_unread));
    }

    /// <summary>Forgets the text.</summary>
    public void Reset()
    {
        using (Take())
        {
            Session.Reset();
            _unread.Clear();
            _answer = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _disposing.Cancel();
        lock (_disposing) Session.Dispose();
        _disposing.Dispose();
    }

    internal void Append(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_model.Config.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(ids), $"Expected token ids from 0 to {_model.Config.VocabularySize - 1}, found {id}.");
        }
        // Says that they do not fit before hours are spent on those that do.
        Session.Reserve(_unread.Count + ids.Length);
        _unread.AddRange(ids);
    }

    internal void Append(int id) => _unread.Add(id);

    /// <summary>Reads what waits, chunk by chunk; a chunk that was read no longer waits, whatever happens to the next.</summary>
    internal void ReadUnread(IProgress<ReadingProgress>? progress, CancellationToken cancellation, int most = int.MaxValue)
    {
        long started = Stopwatch.GetTimestamp();
        int total = Math.Min(_unread.Count, most), read = 0;
        try
        {
            while (read < total)
            {
                long cut = Cuts?.After(Session.Position) ?? Session.Position + _model.ChunkTokens;
                int count = (int)Math.Min(cut - Session.Position, total - read);
                _model.Forward(Session, CollectionsMarshal.AsSpan(_unread).Slice(read, count), cancellation);
                read += count;
                Cuts?.Reached(Session);
                progress?.Report(new ReadingProgress(
                    read, total, Session.TokensExact, Session.TokensCompressed, Session.TokensDropped, Session.StateBytes, Stopwatch.GetElapsedTime(started)));
            }
        }
        finally
        {
            _unread.RemoveRange(0, read);
        }
    }

    private Sampler CreateSampler(SamplingOptions options)
    {
        Sampler sampler = Sampler.For(Tokenizer, _model.Config.VocabularySize, options);
        // The last ids of the text, for penalties: what waits stands behind what was read.
        ReadOnlySpan<int> waiting = CollectionsMarshal.AsSpan(_unread), read = Session.Tokens;
        foreach (int id in read[^Math.Clamp(options.PenaltyTokens - waiting.Length, 0, read.Length)..]) sampler.Accept(id);
        foreach (int id in waiting[^Math.Min(options.PenaltyTokens, waiting.Length)..]) sampler.Accept(id);
        return sampler;
    }

    private async Task<T> ComputeAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        CancellationToken cancellation = either.Token;
        return await Task.Run(
            () =>
            {
                // Dispose waits here, so that the session's memory is not freed under a running pass.
                lock (_disposing)
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    return work(cancellation);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Turn Take()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_turn.Wait(0)) throw new InvalidOperationException("Expected one reading or answer at a time, found another under way: end it (or dispose its enumerator) first.");
        return new Turn(_turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
