using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>
/// The answer to a whole conversation, for programs that are given one anew with every request, as a chat server is;
/// its pieces are enumerated once.
/// </summary>
/// <remarks>
/// Made by <see cref="TextModel.Complete"/>, alone on its model, and by <see cref="TextEngine"/>, beside others. With a cache, only what no
/// kept session has read is read, and on the way sessions are kept for the requests to come: before the last turns, at the last chunks of
/// the prompt, where the answer ends, and in a long reading every 4,096 tokens.
/// <para>The text is cut into passes by its ids alone, so logits are to the bit those of an answer without a cache, but behind an
/// earlier answer that is reused as it was generated, token by token: there they are equal within rounding, as with any other cut.</para>
/// </remarks>
public sealed class Completion : IAsyncEnumerable<string>
{
    private readonly TextModel _model;
    private readonly CompletionPrompt _prompt;
    private readonly PrefixCache? _cache;
    private readonly TextEngine? _engine;
    private readonly SharedPrompt? _shared;
    private readonly CompletionOptions _options;
    private readonly GenerationOptions _generation;
    private readonly IProgress<ReadingProgress>? _progress;
    private Func<GenerationStatistics?>? _statistics;
    private int _started;
    private LanguageSession? _answering; // while it has an archive and answers
    private long _retrieved;

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal Completion(TextModel model, CompletionPrompt prompt, CompletionOptions? options, IProgress<ReadingProgress>? progress,
        PrefixCache? cache = null, TextEngine? engine = null, SharedPrompt? shared = null)
    {
        (_model, _prompt, _progress, _engine, _shared) = (model, prompt, progress, engine, shared);
        _options = options ?? new CompletionOptions();
        _cache = _options.ReusesPrefix ? cache : null;
        _generation = _options.Drawn();
    }

    /// <summary>
    /// What the answer took, <see cref="GenerationStatistics.ReusedTokens"/> among it; null before its first piece was asked for.
    /// </summary>
    public GenerationStatistics? Statistics => _statistics?.Invoke() is { } took
        ? took with { RetrievedTokens = _answering?.RetrievedTokens ?? _retrieved } : null;

    /// <summary>
    /// The passages that were read from the archive for the answer, heaviest first, once it has ended; none without an archive, or where
    /// <see cref="CompletionOptions.RecordsSources"/> does not ask for them.
    /// </summary>
    public IReadOnlyList<AnswerSource> Sources { get; private set; } = [];

    /// <summary>
    /// Whether the prompt opened thoughts that the answer begins in (<see cref="AnswerReader"/>); known with its first piece.
    /// </summary>
    public bool BeginsInThoughts { get; private set; }

    /// <summary>Starts the answer. It ends, and its session is freed, when the enumerator is disposed.</summary>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    public IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        TextsOf(PiecesAsync(cancellationToken), cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Starts the answer, as pieces with their tokens.</summary>
    /// <inheritdoc cref="GetAsyncEnumerator"/>
    public IAsyncEnumerable<AnswerPiece> PiecesAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("Expected an answer that is enumerated once, found a second enumeration: make another.");
        return _engine is null ? AloneAsync(cancellationToken) : InEngineAsync(_engine, cancellationToken);
    }

    /// <summary>The whole answer.</summary>
    public async Task<string> TextAsync(CancellationToken cancellationToken = default)
    {
        StringBuilder text = new();
        await foreach (string piece in this.WithCancellation(cancellationToken).ConfigureAwait(false)) text.Append(piece);
        return text.ToString();
    }

    private static async IAsyncEnumerable<string> TextsOf(
        IAsyncEnumerable<AnswerPiece> pieces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (AnswerPiece piece in pieces.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (piece.Text.Length > 0) yield return piece.Text;
        }
    }

    private async IAsyncEnumerable<AnswerPiece> AloneAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] prompt = await Task.Run(() => _prompt.Encode(_options), cancellationToken).ConfigureAwait(false);
        BeginsInThoughts = new Thoughts(_model.Tokenizer, prompt).AreOpen;
        LanguageSession session = _prompt.Open(prompt, _cache, _options);
        Record(session);
        using Generator generator = new(_model.Model, _model.Tokenizer, session) { Cuts = CutsOf(prompt) };
        _statistics = () => generator.Statistics;
        bool isWhole = false;
        try
        {
            await foreach (AnswerPiece piece in generator.GeneratePiecesAsync(
                prompt.AsMemory((int)session.Position), null, _generation, _progress, cancellationToken).ConfigureAwait(false))
                yield return piece;
            isWhole = true;
        }
        finally
        {
            Keep(session, isWhole);
        }
    }

    private async IAsyncEnumerable<AnswerPiece> InEngineAsync(
        TextEngine engine, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using IDisposable turn = await engine.EnterAsync(cancellationToken).ConfigureAwait(false);
        int[] prompt = await (_shared?.IdsAsync ?? Task.Run(() => _prompt.Encode(_options), cancellationToken)).ConfigureAwait(false);
        BeginsInThoughts = new Thoughts(_model.Tokenizer, prompt).AreOpen;
        Answer.CheckRoom(_model.Tokenizer, _model.Model.Config.VocabularySize, _generation);
        (LanguageSession session, int readBefore) = _shared is null
            ? (_prompt.Open(prompt, _cache, _options), 0)
            : await _shared.ForkAsync(cancellationToken).ConfigureAwait(false);
        using (session)
        {
            Record(session);
            Sequence sequence = new(session, []) { Cuts = CutsOf(prompt) };
            sequence.AppendPrompt(prompt.AsSpan((int)session.Position));
            Answer answer = sequence.NewAnswer(_model.Tokenizer, _generation, readBefore);
            _statistics = () => answer.Statistics;
            bool isWhole = false;
            try
            {
                await foreach (AnswerPiece piece in engine.RunAsync(sequence, answer, _progress, cancellationToken).ConfigureAwait(false))
                    yield return piece;
                isWhole = true;
            }
            finally
            {
                Keep(session, isWhole);
            }
        }
    }

    private PromptCuts CutsOf(int[] prompt) => new(prompt, _model.Tokenizer, _model.Model.ChunkTokens, _cache);

    private void Record(LanguageSession session)
    {
        if (session.Archive is null) return;
        session.ArchiveUse = new ArchiveUse();
        _answering = session;
    }

    // Also where somebody stopped it: who asks again goes on from there.
    private void Keep(LanguageSession session, bool isWhole)
    {
        (_retrieved, _answering) = (session.RetrievedTokens ?? 0, null);
        if (_options.RecordsSources && session.ArchiveUse is { } use) Sources = AnswerSource.Of(session, _model.Tokenizer, use);
        session.ArchiveUse = null;
        _cache?.Add(session, passing: !isWhole);
    }
}
