using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Generation;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;

namespace AhnSharp;

/// <summary>One text or conversation: read documents into it, ask, and go on asking; only what is new is ever read.</summary>
/// <remarks>
/// Made by <see cref="TextModel.CreateSession"/>. With a chat template, what is read opens a user's turn and a question ends it; without
/// one, everything stands as it is given. One call at a time. Reading and generating run off the caller's thread.
/// </remarks>
public sealed class TextSession : IDisposable
{
    private Generator _generator;
    private Conversation _conversation;
    private AskedTurn? _asked; // the last question, where the template may write its answer otherwise
    private GenerationStatistics? _statistics;
    private long _retrieved; // tokens, by the last answer

    internal TextSession(Generator generator, Conversation conversation) => (_generator, _conversation) = (generator, conversation);

    /// <summary>The state behind the text: tokens seen, kept exactly, archived, compressed, dropped; bytes.</summary>
    public LanguageSession State => _generator.Session;

    /// <summary>What the last answer took; null before the first.</summary>
    public GenerationStatistics? Statistics => (_generator.Statistics ?? _statistics) is { } took
        ? took with { RetrievedTokens = State.RetrievedTokens ?? _retrieved } : null;

    /// <summary>
    /// What the chat template does to earlier turns. Where it rewrites or forgets, the next call after an answer goes on from
    /// the state before the question.
    /// </summary>
    /// <exception cref="InvalidModelException">The template refuses a single turn.</exception>
    public TurnHistory History => _conversation.History;

    /// <summary>Whether its template knows <c>enable_thinking</c>, so that <see cref="Thinking"/> changes anything.</summary>
    public bool KnowsThinking => _conversation.Template is { KnowsThinking: true };

    /// <summary>
    /// Whether answers begin with thoughts, where the template knows <c>enable_thinking</c> (Qwen3's); null leaves it to the template.
    /// </summary>
    /// <remarks>Counts from the next question on. A fork takes it over, a snapshot does not.</remarks>
    public bool? Thinking
    {
        get => _conversation.Thinking;
        set => _conversation.Thinking = value;
    }

    /// <summary>Whether <see cref="Sources"/> are recorded, where the session has an archive. A fork takes it over.</summary>
    public bool RecordsSources { get; set; }

    /// <summary>The passages that were read from the archive for the last answer, heaviest first; none where none are recorded.</summary>
    public IReadOnlyList<AnswerSource> Sources { get; private set; } = [];

    /// <summary>Reads a document, or the next part of one. A last word that may still go on waits for what follows.</summary>
    /// <exception cref="OperationCanceledException">The state stands at its last whole chunk; the rest of the text is read
    /// before what follows.</exception>
    /// <exception cref="ContextOverflowException">Nothing of the text was read or kept.</exception>
    public async Task ReadAsync(string text, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        SettleTurn();
        (int[] ids, Action commit) = await Task.Run(() => _conversation.Read(text), cancellationToken).ConfigureAwait(false);
        await _generator.ReadAsync(ids, commit, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The engine whose answers <see cref="ReadInPiecesAsync"/> lets go first; null: it runs passes of its own.</summary>
    internal TextEngine? BackgroundOf
    {
        get => _generator.BackgroundOf;
        set => _generator.BackgroundOf = value;
    }

    /// <summary>Tokens of the text that wait to be read, because a reading stopped before them.</summary>
    public int UnreadTokens => _generator.UnreadTokens;

    /// <summary>
    /// Reads a document in pieces, between which the session may be saved or forked; what is not read yet waits and is saved with it.
    /// </summary>
    /// <param name="text">The document, or the next part of one; empty to go on with what waits.</param>
    /// <param name="pieceTokens">Tokens of a piece, rounded up to whole chunks: the pieces change no bit of what is read.</param>
    /// <param name="progress">Of each piece, after every chunk.</param>
    /// <param name="cancellationToken">Ends the reading; what was not read waits.</param>
    /// <returns>After each piece, how many tokens are left.</returns>
    /// <exception cref="OperationCanceledException">The state stands at its last whole chunk; the rest of the text is read
    /// before what follows.</exception>
    /// <exception cref="ContextOverflowException">Nothing of the text was read or kept.</exception>
    public async IAsyncEnumerable<int> ReadInPiecesAsync(
        string text, int pieceTokens, IProgress<ReadingProgress>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(pieceTokens, 1);
        SettleTurn();
        (int[] ids, Action commit) = await Task.Run(() => _conversation.Read(text), cancellationToken).ConfigureAwait(false);
        _generator.Accept(ids, commit);
        int chunk = State.Model.ChunkTokens, piece = (int)Math.Min(int.MaxValue, ((long)pieceTokens + chunk - 1) / chunk * chunk);
        while (UnreadTokens > 0)
        {
            await _generator.ReadWaitingAsync(piece, progress, cancellationToken).ConfigureAwait(false);
            yield return UnreadTokens;
        }
    }

    /// <summary>
    /// Reads ids as they are behind what was read so far: for programs that write their prompts, or draw tokens from
    /// <see cref="LanguageSession.LastLogits"/>, themselves.
    /// </summary>
    /// <remarks>
    /// A last word of a text that waited for what follows is read before them. Without ids, what an answer or a
    /// cancelled reading left is read.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">An id is not of the vocabulary; nothing was read.</exception>
    /// <exception cref="OperationCanceledException">As for a text.</exception>
    /// <exception cref="ContextOverflowException">As for a text.</exception>
    public async Task ReadAsync(
        ReadOnlyMemory<int> ids, IProgress<ReadingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        SettleTurn();
        (int[] settled, Action commit) = _conversation.Settle();
        await _generator.ReadAsync((int[])[.. settled, .. ids.Span], commit, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks, about what was read or in a conversation, and streams the answer.</summary>
    /// <param name="question">May be empty where the text that was read asks already.</param>
    /// <param name="options">How to draw, and where to end.</param>
    /// <param name="progress">Of the reading before the first token.</param>
    /// <param name="cancellationToken">Ends the answer; the conversation can go on.</param>
    public async IAsyncEnumerable<string> AskAsync(
        string question, GenerationOptions? options = null, IProgress<ReadingProgress>? progress = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        SettleTurn();
        (int[] ids, Action commit) = await Task.Run(() => _conversation.Ask(question), cancellationToken).ConfigureAwait(false);
        // What the last turn left is read before the session is forked: else every further question would read it again.
        if (History != TurnHistory.Appends && UnreadTokens > 0)
            await _generator.ReadWaitingAsync(int.MaxValue, progress, cancellationToken).ConfigureAwait(false);
        Sources = [];
        _retrieved = 0;
        State.ArchiveUse = State.Archive is null ? null : new ArchiveUse();
        AskedTurn? asked = History == TurnHistory.Appends ? null : new AskedTurn(_generator.Fork(), _conversation.Fork(), question);
        try
        {
            await foreach (string piece in _generator.GenerateAsync(ids, Commit, options, progress, cancellationToken)
                .ConfigureAwait(false))
            {
                asked?.Said(piece);
                yield return piece;
            }
        }
        finally
        {
            _retrieved = State.RetrievedTokens ?? 0;
            if (RecordsSources && State.ArchiveUse is { } use) Sources = AnswerSource.Of(State, _generator.Tokenizer, use);
            State.ArchiveUse = null;
            // Refused before anything was taken: nothing is to be rewritten.
            if (_asked != asked) asked?.Dispose();
        }

        void Commit()
        {
            commit();
            _asked = asked;
        }
    }

    /// <summary>Asks and returns the whole answer.</summary>
    public async Task<string> AnswerAsync(string question, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        StringBuilder answer = new();
        await foreach (string piece in AskAsync(question, options, null, cancellationToken).ConfigureAwait(false)) answer.Append(piece);
        return answer.ToString();
    }

    /// <summary>
    /// An independent session at the same point of the same conversation, in a time that does not depend on what was read
    /// (<see cref="LanguageSession.Fork"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">A reading or an answer is under way.</exception>
    public TextSession Fork()
    {
        SettleTurn();
        return new TextSession(_generator.Fork(), _conversation.Fork()) { RecordsSources = RecordsSources };
    }

    /// <summary>
    /// Keeps the text and the conversation in a file, from which <see cref="TextModel.LoadSession"/> goes on
    /// (<see cref="SessionSnapshots.Save(LanguageSession, string, SnapshotOptions?, CancellationToken)"/>).
    /// </summary>
    /// <param name="path">The file, usually NAME.ahn; it is whole at every moment.</param>
    /// <param name="options">Compression, and sections of the application beside that of the conversation.</param>
    /// <param name="cancellationToken">Ends the saving; the old file stays.</param>
    /// <exception cref="InvalidOperationException">A reading or an answer is under way.</exception>
    public void Save(string path, SnapshotOptions? options = null, CancellationToken cancellationToken = default)
    {
        SettleTurn();
        _generator.Use((session, unread) =>
        {
            Dictionary<string, byte[]> sections = new(options?.Sections ?? new Dictionary<string, byte[]>(), StringComparer.Ordinal);
            if (!sections.TryAdd(ConversationSection.Name, ConversationSection.Write(_conversation, _generator.Tokenizer, unread)))
            {
                throw new ArgumentException(
                    $"Sections of an application: expected none of the name '{ConversationSection.Name}', found one.", nameof(options));
            }
            session.Save(path, (options ?? new SnapshotOptions()) with { Sections = sections }, cancellationToken);
        });
    }

    /// <summary>Forgets the text; the system turn stays.</summary>
    public void Reset()
    {
        _generator.Reset();
        _asked?.Dispose();
        (_asked, _statistics) = (null, null);
        _conversation = _conversation.New();
    }

    /// <summary>Ends what runs, waits for it, and frees the state.</summary>
    public void Dispose()
    {
        _generator.Dispose();
        _asked?.Dispose();
    }

    // Before anything follows an answer that the template writes otherwise from now on: the text goes on from before the question.
    private void SettleTurn()
    {
        if (_asked is not { } asked) return;
        _generator.Use(static (_, _) => { }); // refuses while the answer is under way
        if (asked.Settle() is var (generator, conversation))
        {
            _statistics = Statistics;
            _generator.Dispose();
            (_generator, _conversation) = (generator, conversation);
        }
        _asked = null;
    }
}
