using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp;

/// <summary>
/// Answers many conversations at once over one model: their tokens share its passes, and what they begin with is read once.
/// </summary>
/// <remarks>
/// A pass over the tokens of eight answers reads the weights once. An answer is written whether or not its pieces are taken at once; it
/// ends when its enumerator is disposed. For any number of threads. The model must outlive it.
/// </remarks>
/// <example>
/// <code>
/// await using TextEngine engine = new(model);
/// await foreach (string piece in engine.Complete([new ChatMessage("user", "Who was Vlad?")])) Console.Write(piece);
/// </code>
/// </example>
public sealed class TextEngine : IAsyncDisposable
{
    private readonly Scheduler _scheduler;
    private readonly SemaphoreSlim _turns;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private readonly Lock _gate = new();
    private readonly HashSet<EngineRun> _runs = [];
    private long _promptTokens, _generatedTokens;
    private int _waiting;
    private bool _disposed;

    /// <summary>An engine over a model that nothing else computes with while it answers.</summary>
    public TextEngine(TextModel model, TextEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Options = options ?? new TextEngineOptions();
        Options.Validate();
        Model = model;
        Cache = new PrefixCache(model.Model, Options.CacheBytes);
        _scheduler = new Scheduler(model.Model, Options.PieceTokens);
        _turns = new SemaphoreSlim(Options.MaxAnswers, Options.MaxAnswers);
        // Passes block their thread for as long as they take: one of its own. Of the pool's it would be every second one on two cores.
        _running = Task.Factory.StartNew(
            () => _scheduler.Run(_end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The model.</summary>
    public TextModel Model { get; }

    /// <summary>How many answers at once, and what is kept.</summary>
    public TextEngineOptions Options { get; }

    /// <summary>Sessions kept between answers.</summary>
    public PrefixCache Cache { get; }

    /// <summary>What it does now.</summary>
    public TextEngineLoad Load
    {
        get
        {
            lock (_gate)
            {
                Tally tokens = default;
                foreach (EngineRun run in _runs) tokens += run.Tokens;
                return new TextEngineLoad(_runs.Count(static run => !run.IsBackground), Volatile.Read(ref _waiting),
                    _runs.Sum(static run => run.StateBytes), _disposed ? 0 : Cache.HeldBytes, tokens, _promptTokens, _generatedTokens,
                    _scheduler.Passes);
            }
        }
    }

    /// <summary>Answers a whole conversation.</summary>
    /// <param name="messages">The turns, oldest first; the last is the one to answer.</param>
    /// <param name="options">How to draw, what to keep; null: the defaults.</param>
    /// <param name="progress">Of the reading before the first token.</param>
    /// <returns>The answer, which starts when it is enumerated, and what it took.</returns>
    /// <exception cref="InvalidOperationException">The file has no chat template.</exception>
    /// <exception cref="ArgumentException">No messages, or an option out of range.</exception>
    public Completion Complete(
        IReadOnlyList<ChatMessage> messages, CompletionOptions? options = null, IProgress<ReadingProgress>? progress = null) =>
            New(new MessagesPrompt(Model, messages), options, progress);

    /// <summary>Answers a conversation about a text that was read before.</summary>
    /// <param name="document">The text.</param>
    /// <param name="messages">Questions and answers in turn; the last is the question to answer.</param>
    /// <param name="options">How to draw; <see cref="CompletionOptions.Session"/> is the document's own.</param>
    /// <param name="progress">Of the reading before the first token.</param>
    /// <exception cref="ArgumentException">
    /// The messages are not questions and answers in turn, or the document is of another model.
    /// </exception>
    public Completion Complete(DocumentContext document, IReadOnlyList<ChatMessage> messages, CompletionOptions? options = null,
        IProgress<ReadingProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Model != Model) throw new ArgumentException("The document was opened by another model.", nameof(document));
        return New(new DocumentTurns(document, messages), options, progress);
    }

    /// <summary>Several answers to a conversation, which is read once.</summary>
    /// <param name="messages">As for one.</param>
    /// <param name="count">How many.</param>
    /// <param name="options">As for one; where a seed is given, answer i draws with the seed + i.</param>
    /// <param name="progress">As for one.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one answer.</exception>
    /// <inheritdoc cref="Complete(IReadOnlyList{ChatMessage}, CompletionOptions?, IProgress{ReadingProgress}?)"/>
    public CompletionSet CompleteMany(IReadOnlyList<ChatMessage> messages, int count, CompletionOptions? options = null,
        IProgress<ReadingProgress>? progress = null) => Many(new MessagesPrompt(Model, messages), count, options, progress);

    /// <summary>Several answers about a text that was read before.</summary>
    /// <inheritdoc cref="CompleteMany(IReadOnlyList{ChatMessage}, int, CompletionOptions?, IProgress{ReadingProgress}?)"/>
    public CompletionSet CompleteMany(DocumentContext document, IReadOnlyList<ChatMessage> messages, int count,
        CompletionOptions? options = null, IProgress<ReadingProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Model != Model) throw new ArgumentException("The document was opened by another model.", nameof(document));
        return Many(new DocumentTurns(document, messages), count, options, progress);
    }

    /// <summary>Continues a text as it stands, without the chat template.</summary>
    /// <param name="text">The text; nothing in it is special.</param>
    /// <param name="options">As for a conversation.</param>
    /// <param name="progress">As for a conversation.</param>
    /// <exception cref="ArgumentException">The text is empty, or an option out of range.</exception>
    public Completion Continue(string text, CompletionOptions? options = null, IProgress<ReadingProgress>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return New(new TextPrompt(Model, text), options, progress);
    }

    /// <summary>Several continuations of a text, which is read once.</summary>
    /// <inheritdoc cref="CompleteMany(IReadOnlyList{ChatMessage}, int, CompletionOptions?, IProgress{ReadingProgress}?)"/>
    public CompletionSet ContinueMany(
        string text, int count, CompletionOptions? options = null, IProgress<ReadingProgress>? progress = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Many(new TextPrompt(Model, text), count, options, progress);
    }

    /// <summary>Opens a text that was read before (<see cref="TextSession.Save"/>, <c>ahn read</c>).</summary>
    /// <exception cref="Snapshots.SnapshotException">It is damaged, or of another model.</exception>
    public DocumentContext OpenDocument(string path) => DocumentContext.Open(Model, path);

    /// <summary>Ends all answers, waits for the pass that runs, and frees what is kept; the model stays.</summary>
    public async ValueTask DisposeAsync()
    {
        EngineRun[] runs;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            runs = [.. _runs];
        }
        await _end.CancelAsync().ConfigureAwait(false);
        foreach (EngineRun run in runs) run.Fail(new ObjectDisposedException(nameof(TextEngine), "The engine was disposed."));
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Cache.Dispose();
    }

    internal PromptCuts CutsOf(int[] prompt) => new(prompt, Model.Tokenizer, Model.Model.ChunkTokens, Cache);

    /// <summary>Waits for a turn, which ends when it is disposed.</summary>
    internal async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _end.Token);
        Interlocked.Increment(ref _waiting);
        try
        {
            await _turns.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(TextEngine), "The engine was disposed.");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        return new Turn(_turns);
    }

    /// <summary>
    /// Reads at most <paramref name="most"/> of the ids that wait, in what answers leave of the passes; takes none of their turns. Blocks.
    /// </summary>
    internal void ReadInBackground(Sequence sequence, int most, IProgress<ReadingProgress>? progress, CancellationToken cancellation)
    {
        (sequence.MaxToRead, sequence.BackgroundFrom) = (most, sequence.Session.Position);
        try
        {
            ReadAsync().GetAwaiter().GetResult();
        }
        finally
        {
            (sequence.BackgroundFrom, sequence.Read, sequence.Advanced) = (null, null, null);
        }

        async Task ReadAsync()
        {
            await foreach (AnswerPiece _ in RunAsync(sequence, null, progress, cancellation).ConfigureAwait(false))
            {
            }
        }
    }

    /// <summary>Lets a sequence take part until it is at rest, and hands out what its answer says.</summary>
    /// <param name="sequence">Nobody else's while this is enumerated.</param>
    /// <param name="answer">What is written; null: the sequence only reads.</param>
    /// <param name="progress">Of its reading.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async IAsyncEnumerable<AnswerPiece> RunAsync(
        Sequence sequence, Answer? answer, IProgress<ReadingProgress>? progress, [EnumeratorCancellation] CancellationToken cancellation)
    {
        EngineRun run = new(sequence, answer, progress, cancellation);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _runs.Add(run);
        }
        _scheduler.Add(sequence);
        try
        {
            await foreach (AnswerPiece piece in run.Pieces.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            // Waits for the pass that it is in: afterwards nobody else has the session.
            await _scheduler.RemoveAsync(sequence).ConfigureAwait(false);
            answer?.End(StopReason.Cancelled);
            lock (_gate)
            {
                _runs.Remove(run);
                _promptTokens += run.ReadTokens;
                _generatedTokens += answer?.Statistics.GeneratedTokens ?? 0;
            }
        }
    }

    private Completion New(CompletionPrompt prompt, CompletionOptions? options, IProgress<ReadingProgress>? progress) =>
        new(Model, prompt, options, progress, Cache, this);

    private CompletionSet Many(CompletionPrompt prompt, int count, CompletionOptions? options, IProgress<ReadingProgress>? progress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        options ??= new CompletionOptions();
        SharedPrompt shared = new(this, prompt, options, progress);
        Completion[] answers = new Completion[count];
        for (int i = 0; i < count; i++) answers[i] = new Completion(Model, prompt, Seeded(options, i), null, Cache, this, shared);
        return new CompletionSet(shared, answers);
    }

    private static CompletionOptions Seeded(CompletionOptions options, int i)
    {
        GenerationOptions generation = options.Generation ?? new GenerationOptions();
        return generation.Sampling.Seed is not { } seed
            ? options
            : options with { Generation = generation with { Sampling = generation.Sampling with { Seed = seed + (ulong)i } } };
    }

    private sealed class Turn(SemaphoreSlim turns) : IDisposable
    {
        public void Dispose() => turns.Release();
    }
}
