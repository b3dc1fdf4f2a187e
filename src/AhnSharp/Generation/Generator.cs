using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Sessions;
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
    private readonly LanguageModel _model;
    private readonly Scheduler _scheduler;
    private readonly Sequence _sequence;
    private readonly CancellationTokenSource _disposing = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Answer? _answer;
    private bool _disposed;

    /// <summary>
    /// Takes over <paramref name="session"/>, of <paramref name="model"/>: what it has seen is the beginning of the text.
    /// </summary>
    public Generator(LanguageModel model, QwenTokenizer tokenizer, LanguageSession session) : this(model, tokenizer, session, [])
    {
    }

    /// <param name="model">As above.</param>
    /// <param name="tokenizer">As above.</param>
    /// <param name="session">As above.</param>
    /// <param name="unread">Ids of the text behind what the session has seen, that wait to be read.</param>
    internal Generator(LanguageModel model, QwenTokenizer tokenizer, LanguageSession session, ReadOnlySpan<int> unread)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(session);
        (_model, Tokenizer, _scheduler, _sequence) = (model, tokenizer, new Scheduler(model), new Sequence(session, unread));
    }

    /// <summary>The state of the text: how many tokens were seen, held exactly, compressed, dropped.</summary>
    public LanguageSession Session => _sequence.Session;

    /// <summary>Text ↔ ids.</summary>
    public QwenTokenizer Tokenizer { get; }

    /// <summary>Ids of the text that wait to be read into the session.</summary>
    public int UnreadTokens => _sequence.WaitingCount;

    /// <summary>Where readings are cut into passes; null: into whole chunks from where each begins.</summary>
    internal PromptCuts? Cuts
    {
        get => _sequence.Cuts;
        init => _sequence.Cuts = value;
    }

    /// <summary>Whose passes <see cref="ReadWaitingAsync"/> shares, in the background; null: it runs its own.</summary>
    internal TextEngine? BackgroundOf { get; set; }

    /// <summary>What the last answer took; null before the first.</summary>
    public GenerationStatistics? Statistics => _answer?.Statistics;

    /// <summary>Reads ids into the session.</summary>
    /// <exception cref="OperationCanceledException">The session stands at its last whole chunk; the rest is read
    /// before what follows.</exception>
    /// <exception cref="ContextOverflowException">Nothing of them was read or kept.</exception>
    public Task ReadAsync(
        ReadOnlyMemory<int> ids, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default) =>
            ReadAsync(ids, null, progress, cancellationToken);

    /// <param name="ids">As above.</param>
    /// <param name="accepted">Called once the ids are part of the text, read or waiting.</param>
    /// <param name="progress">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    internal async Task ReadAsync(
        ReadOnlyMemory<int> ids, Action? accepted, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using (Enter())
        {
            _sequence.AppendText(ids.Span);
            accepted?.Invoke();
            await ComputeAsync(cancellation => { Read(progress, cancellation); return true; }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes ids as the next part of the text, to be read later.</summary>
    /// <exception cref="ContextOverflowException">They were not taken.</exception>
    internal void Accept(ReadOnlySpan<int> ids, Action? accepted)
    {
        using (Enter())
        {
            _sequence.AppendText(ids);
            accepted?.Invoke();
        }
    }

    /// <summary>Reads at most <paramref name="most"/> of the ids that wait.</summary>
    internal async Task ReadWaitingAsync(int most, IProgress<ReadingProgress>? progress, CancellationToken cancellationToken)
    {
        using (Enter())
        {
            await ComputeAsync(cancellation =>
            {
                if (BackgroundOf is { } engine) engine.ReadInBackground(_sequence, most, progress, cancellation);
                else Read(progress, cancellation, most);
                return true;
            }, cancellationToken).ConfigureAwait(false);
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
        await foreach (AnswerPiece piece in GeneratePiecesAsync(prompt, accepted, options, progress, cancellationToken)
            .ConfigureAwait(false))
        {
            if (piece.Text.Length > 0) yield return piece.Text;
        }
    }

    /// <summary>As <see cref="GenerateAsync(ReadOnlyMemory{int}, GenerationOptions?, IProgress{ReadingProgress}?, CancellationToken)"/>,
    /// with the tokens where they are asked for.</summary>
    internal async IAsyncEnumerable<AnswerPiece> GeneratePiecesAsync(
        ReadOnlyMemory<int> prompt, Action? accepted, GenerationOptions? options, IProgress<ReadingProgress>? progress,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options ??= new GenerationOptions();
        options.Validate();
        Answer.CheckRoom(Tokenizer, _model.Config.VocabularySize, options);
        using Turn turn = Enter();
        _sequence.AppendPrompt(prompt.Span);
        accepted?.Invoke();
        if (Session.Position + UnreadTokens == 0)
            throw new InvalidOperationException("Expected a text to continue, found none: read something first.");
        Answer answer = _answer = _sequence.NewAnswer(Tokenizer, options);
        try
        {
            AnswerPiece? piece = await RunAsync(cancellation =>
            {
                Read(progress, cancellation);
                answer.PromptIsRead();
                return Write(answer, cancellation);
            }).ConfigureAwait(false);
            while (piece is not null)
            {
                yield return piece;
                piece = await RunAsync(cancellation => Write(answer, cancellation)).ConfigureAwait(false);
            }
        }
        finally
        {
            // Still open here: its reader left.
            answer.End(StopReason.Cancelled);
        }

        async Task<AnswerPiece?> RunAsync(Func<CancellationToken, AnswerPiece?> work)
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
        using (Enter()) return new Generator(_model, Tokenizer, Session.Fork(), _sequence.Waiting);
    }

    /// <summary>Hands over the session and the waiting ids while nothing runs.</summary>
    internal void Use(Action<LanguageSession, ReadOnlySpan<int>> action)
    {
        using (Enter()) action(Session, _sequence.Waiting);
    }

    /// <summary>Forgets the text.</summary>
    public void Reset()
    {
        using (Enter())
        {
            Session.Reset();
            _sequence.ClearWaiting();
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
        _scheduler.Dispose();
        _disposing.Dispose();
    }

    // Reads what waits, pass by pass; what a pass has read no longer waits, whatever happens to the next.
    private void Read(IProgress<ReadingProgress>? progress, CancellationToken cancellation, int most = int.MaxValue)
    {
        long started = Stopwatch.GetTimestamp();
        int total = Math.Min(UnreadTokens, most), read = 0;
        if (total == 0) return;
        _sequence.Read = count =>
        {
            read += count;
            progress?.Report(new ReadingProgress(read, total, Session.Tally, Session.StateBytes, Stopwatch.GetElapsedTime(started)));
        };
        Run(most, static () => false, cancellation);
    }

    // The next text that can be shown, or the last tokens where they show none; null where the answer is over.
    private AnswerPiece? Write(Answer answer, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        string text = "";
        _sequence.Answer = answer;
        try
        {
            if (answer.HasEnded) return null;
            Run(int.MaxValue, () => (text = _sequence.TakeText()).Length > 0, cancellation);
            IReadOnlyList<GeneratedToken> tokens = answer.TakeTokens();
            return text.Length > 0 || tokens.Count > 0 ? new AnswerPiece(text, tokens) : null;
        }
        finally
        {
            _sequence.Answer = null;
            answer.Spend(Stopwatch.GetElapsedTime(started));
        }
    }

    // A scheduler of one: steps until the sequence rests, or who waits for it has what he wants.
    private void Run(int most, Func<bool> isEnough, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        (_sequence.Cancellation, _sequence.MaxToRead) = (cancellation, most);
        _scheduler.Add(_sequence);
        try
        {
            while (!isEnough() && !_sequence.IsAtRest) _scheduler.Step();
        }
        finally
        {
            _scheduler.Remove(_sequence);
            _sequence.Read = null;
        }
        if (_sequence.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
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

    private Turn Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_turn.Wait(0))
        {
            throw new InvalidOperationException(
                "Expected one reading or answer at a time, found another under way: end it (or dispose its enumerator) first.");
        }
        return new Turn(_turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
