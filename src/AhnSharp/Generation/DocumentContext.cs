using System;
using System.Collections.Generic;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>A text that was read before, to be asked about by any number of conversations at once; made by
/// <see cref="TextEngine.OpenDocument"/>.</summary>
/// <remarks>Each conversation goes on from a fork of the session that read it: nothing of the text is read again.</remarks>
public sealed class DocumentContext : IDisposable
{
    private readonly LanguageSession _session;
    private readonly Conversation _conversation;
    private readonly int[] _unread;

    private DocumentContext(TextModel model, string path, LanguageSession session, Conversation conversation, int[] unread) =>
        (Model, Path, _session, _conversation, _unread) = (model, path, session, conversation, unread);

    /// <summary>The snapshot.</summary>
    public string Path { get; }

    /// <summary>Where the tokens of the text are.</summary>
    public Tally Tokens => _session.Tally;

    /// <summary>The text's system turn; null where it has none of its own.</summary>
    public string? System => _conversation.System;

    internal TextModel Model { get; }

    /// <summary>The tokens that were read.</summary>
    internal ReadOnlySpan<int> Ids => _session.Tokens;

    /// <exception cref="SnapshotException">It is damaged, or of another model.</exception>
    internal static DocumentContext Open(TextModel model, string path)
    {
        (LanguageSession session, Conversation conversation, int[] unread) = model.OpenSnapshot(path, null, null);
        return new DocumentContext(model, path, session, conversation, unread);
    }

    /// <summary>Whether questions about it can have earlier turns: not where the template leaves earlier turns out.</summary>
    public bool HasTurns => _conversation.Template is not null && _conversation.History != TurnHistory.Forgets;

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    // Questions with their answers, and the last question.
    internal int[] Encode(IReadOnlyList<ChatMessage> turns, bool? thinking)
    {
        Conversation conversation = _conversation.Fork();
        conversation.Thinking = thinking;
        List<int> ids = [.. _session.Tokens, .. _unread];
        for (int i = 0; i + 1 < turns.Count; i += 2)
        {
            if (conversation.Rewrite(turns[i].Content ?? "", turns[i + 1].Content ?? "") is not var (turn, commitTurn, _))
            {
                throw new InvalidOperationException("A document and its template, which leaves earlier turns out: expected a question "
                    + $"alone, found {turns.Count} messages: send the last one only.");
            }
            ids.AddRange(turn);
            commitTurn();
        }
        (int[] asked, Action commit) = conversation.Ask(turns[^1].Content ?? "");
        commit();
        ids.AddRange(asked);
        return [.. ids];
    }

    internal LanguageSession Fork(ReadOnlySpan<int> ids, PrefixCache? cache)
    {
        if (cache?.Find(ids, _session.Plan) is { } kept)
        {
            if (kept.Position > _session.Position) return kept;
            kept.Dispose();
        }
        return _session.Fork();
    }
}
