using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Cpu;
using AhnSharp.Generation;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;

namespace AhnSharp;

/// <summary>
/// A model that reads and writes text: the network, its tokenizer and its chat template, from one file (and an adapter beside it).
/// </summary>
/// <example>
/// <code>
/// using TextModel model = TextModel.Load("qwen2.5-3b-instruct-q8_0.gguf", "ahn-dn-qwen2.5-3b.gguf");
/// using TextSession session = model.CreateSession();
/// await session.ReadAsync(File.ReadAllText("book.txt"));
/// await foreach (string piece in session.AskAsync("Who is the narrator?")) Console.Write(piece);
/// </code>
/// </example>
public sealed class TextModel : IDisposable
{
    private readonly ChatTemplate? _template;
    private readonly ChatTemplateException? _wrong;

    private TextModel(LanguageModel model, QwenTokenizer tokenizer, string? template)
    {
        Model = model;
        Tokenizer = tokenizer;
        try
        {
            _template = template is null ? ChatTemplate.FromTokenizer(tokenizer) : ChatTemplate.Parse(template, tokenizer);
        }
        catch (ChatTemplateException wrong) when (template is null)
        {
            _wrong = wrong; // told where it is asked for: a text without a template needs none
        }
    }

    /// <summary>The network.</summary>
    public LanguageModel Model { get; }

    /// <summary>Text ↔ ids.</summary>
    public QwenTokenizer Tokenizer { get; }

    /// <summary>How conversations are written; null where the file has no template.</summary>
    /// <exception cref="ChatTemplateException">The file's template is broken or uses what is not supported.</exception>
    public ChatTemplate? Template => _wrong is null ? _template : throw _wrong;

    /// <summary>Loads a base or merged file, and the adapter beside it if one is named.</summary>
    /// <exception cref="System.IO.FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidModelException">A file is not what it should be, or has no tokenizer; the sentence says what.</exception>
    public static TextModel Load(
        string path, string? ahnPath = null, ModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        return Of(CpuModel.Load(path, ahnPath, options, cancellationToken));
    }

    /// <summary>Takes over a loaded network, on whatever it runs; it is disposed with this.</summary>
    /// <param name="model">The network.</param>
    /// <param name="template">Source of a chat template to use instead of the file's; null: the file's.</param>
    /// <exception cref="InvalidModelException">Its file has no tokenizer, or the given template is broken; the
    /// network is disposed.</exception>
    public static TextModel Of(LanguageModel model, string? template = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            return new TextModel(model, QwenTokenizer.FromGguf(model.Metadata), template);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Starts a text or conversation.</summary>
    /// <param name="options">What it keeps, and how.</param>
    /// <param name="system">The system turn; null leaves it to the template.</param>
    /// <param name="raw">Leaves the chat template out: everything stands as it is given.</param>
    /// <param name="specials">With <paramref name="raw"/>: names of special tokens in the text are these tokens.
    /// For text that is trusted.</param>
    /// <exception cref="ArgumentException">A system turn, and no template that could write it; or special
    /// tokens, and a template.</exception>
    public TextSession CreateSession(SessionOptions? options = null, string? system = null, bool raw = false, bool specials = false)
    {
        if (specials && !raw)
        {
            throw new ArgumentException(
                "Special tokens by their names need raw: in a chat, nothing that is said is special.", nameof(specials));
        }
        Conversation conversation =
            specials ? new Conversation(Tokenizer, null, null) { WritesSpecials = true } : NewConversation(system, raw);
        return new TextSession(new Generator(Model, Tokenizer, Model.CreateSession(options)), conversation);
    }

    /// <summary>
    /// Goes on reading a text whose beginning a session has read: as if its reading had stopped there, the rest waits
    /// (<see cref="TextSession.ReadInPiecesAsync"/>).
    /// </summary>
    /// <param name="begun">The session; taken over where it can go on, else left as it is.</param>
    /// <param name="text">The whole text, from its beginning.</param>
    /// <param name="common">Tokens with which the session and the text, with the template's frame around it, begin in common.</param>
    /// <param name="system">As for <see cref="CreateSession"/>.</param>
    /// <param name="raw">As for <see cref="CreateSession"/>.</param>
    /// <returns>null where the session has read anything else than the beginning of the text: a memory cannot be rewound.</returns>
    /// <exception cref="ContextOverflowException">The rest does not fit; the session was not taken.</exception>
    public TextSession? ContinueReading(LanguageSession begun, string text, out int common, string? system = null, bool raw = false)
    {
        ArgumentNullException.ThrowIfNull(begun);
        ArgumentNullException.ThrowIfNull(text);
        if (begun.Model != Model) throw new ArgumentException("The session belongs to another model.", nameof(begun));
        Conversation conversation = NewConversation(system, raw);
        (int[] ids, Action commit) = conversation.Read(text);
        common = PrefixCache.CommonPrefix(begun.Tokens, ids);
        if (common < begun.Tokens.Length) return null;
        begun.Reserve(ids.Length - common);
        commit();
        return new TextSession(new Generator(Model, Tokenizer, begun, ids.AsSpan(common)), conversation);
    }

    /// <summary>Goes on from what <see cref="TextSession.Save"/> kept: text, conversation, and what was still to be read.</summary>
    /// <param name="path">The snapshot.</param>
    /// <param name="expected">What the session must have been made with, where not null
    /// (<see cref="SessionSnapshots.LoadSession(LanguageModel, string, SessionOptions?, ArchiveAsking?)"/>).</param>
    /// <param name="asking">How it is asked from then on, where not as the file says.</param>
    /// <exception cref="SnapshotException">It is damaged, of another model, tokenizer or chat template, or was saved without a
    /// conversation; the sentence says what to do.</exception>
    public TextSession LoadSession(string path, SessionOptions? expected = null, ArchiveAsking? asking = null)
    {
        (LanguageSession session, Conversation conversation, int[] unread) = OpenSnapshot(path, expected, asking);
        return new TextSession(new Generator(Model, Tokenizer, session, unread), conversation);
    }

    /// <summary>What a snapshot of a text holds: the session, the conversation, and the ids that were still to be read.</summary>
    internal (LanguageSession Session, Conversation Conversation, int[] Unread) OpenSnapshot(
        string path, SessionOptions? expected, ArchiveAsking? asking)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        LanguageSession session = Model.LoadSession(file, expected, asking);
        try
        {
            byte[] section = file.ReadSection(ConversationSection.Name)
                ?? throw new SnapshotException($"{path}: expected the section '{ConversationSection.Name}' of a session of text, "
                    + "found none: it was saved as a session of ids.");
            (Conversation conversation, int[] unread) = ConversationSection.Read(section, path, Tokenizer, _template, session.Position);
            return (session, conversation, unread);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Answers a whole conversation, reading only what no session kept by the cache has read: for programs that get
    /// all messages with every request.
    /// </summary>
    /// <param name="messages">The turns, oldest first; the last is the one to answer.</param>
    /// <param name="cache">Where sessions are looked for and kept; null reads everything.</param>
    /// <param name="options">How to draw, what to keep; null: the defaults.</param>
    /// <param name="progress">Of the reading before the first token.</param>
    /// <returns>The answer, which starts when it is enumerated, and what it took.</returns>
    /// <exception cref="InvalidOperationException">The file has no chat template.</exception>
    /// <exception cref="ArgumentException">No messages, or a cache of another model.</exception>
    public Completion Complete(
        IReadOnlyList<ChatMessage> messages, PrefixCache? cache = null, CompletionOptions? options = null,
        IProgress<ReadingProgress>? progress = null)
    {
        if (cache is not null && cache.Model != Model)
            throw new ArgumentException("The cache keeps sessions of another model.", nameof(cache));
        return new Completion(this, new MessagesPrompt(this, messages), options, progress, cache);
    }

    /// <summary>Frees the model; sessions may be disposed before or after.</summary>
    public void Dispose() => Model.Dispose();

    private Conversation NewConversation(string? system, bool raw)
    {
        if (system is not null && (raw || Template is null))
        {
            throw new ArgumentException(raw ? "A system turn needs the chat template, and raw leaves it out."
                : "A system turn needs a chat template, and the file has none.", nameof(system));
        }
        return new Conversation(Tokenizer, raw ? null : Template, system);
    }
}
