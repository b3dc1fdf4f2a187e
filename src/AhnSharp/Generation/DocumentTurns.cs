using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>Questions about a text that was read before: user and assistant in turn, the last one to be answered.</summary>
internal sealed class DocumentTurns : CompletionPrompt
{
    private readonly DocumentContext _document;
    private readonly IReadOnlyList<ChatMessage> _turns;

    /// <exception cref="ArgumentException">The messages are not questions and answers in turn.</exception>
    public DocumentTurns(DocumentContext document, IReadOnlyList<ChatMessage> turns) : base(document.Model)
    {
        ArgumentNullException.ThrowIfNull(turns);
        (_document, _turns) = (document, turns);
        bool areInTurn = turns.Index().All(static turn => turn.Item.Role == (turn.Index % 2 == 0 ? "user" : "assistant"));
        if (turns.Count % 2 == 1 && areInTurn) return;
        throw new ArgumentException(
            $"{document.Path}: expected questions about it, that is messages of user and assistant in turn that end with a question, found "
            + $"{(turns.Count == 0 ? "none" : string.Join(", ", turns.Select(static turn => GgufText.Quote(turn.Role))))}; "
            + "the document was read under a system turn of its own.",
            nameof(turns));
    }

    public override int[] Encode(CompletionOptions options)
    {
        if (options.ShownTools is not null)
        {
            throw new NotSupportedException($"{_document.Path}: tools stand before a document, and it was read without: "
                + "leave the tools out, or send the text with the messages.");
        }
        return _document.Encode(_turns, options.Thinking);
    }

    public override LanguageSession Open(ReadOnlySpan<int> ids, PrefixCache? cache, CompletionOptions options) =>
        _document.Fork(ids, cache);
}
