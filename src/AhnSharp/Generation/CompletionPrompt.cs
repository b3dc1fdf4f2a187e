using System;
using System.Collections.Generic;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>What is answered: its ids, and the session that has read the most of them.</summary>
internal abstract class CompletionPrompt(TextModel model)
{
    protected TextModel Model { get; } = model;

    /// <summary>All ids, from the first of the text.</summary>
    public abstract int[] Encode(CompletionOptions options);

    /// <summary>A session that has read a beginning of these ids, and at least one token less than all; the caller's own.</summary>
    public virtual LanguageSession Open(ReadOnlySpan<int> ids, PrefixCache? cache, CompletionOptions options) =>
        cache?.Take(ids, options.Session) ?? Model.Model.CreateSession(options.Session);
}

/// <summary>A whole conversation as the chat template writes it.</summary>
internal sealed class MessagesPrompt : CompletionPrompt
{
    private readonly IReadOnlyList<ChatMessage> _messages;

    /// <exception cref="ArgumentException">No messages.</exception>
    /// <exception cref="InvalidOperationException">The file has no chat template.</exception>
    public MessagesPrompt(TextModel model, IReadOnlyList<ChatMessage> messages) : base(model)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0) throw new ArgumentException("Expected at least one message, found none.", nameof(messages));
        if (model.Template is null) throw new InvalidOperationException("Messages need a chat template, and the file has none.");
        _messages = messages;
    }

    public override int[] Encode(CompletionOptions options) =>
        Model.Template!.WithThinking(options.Thinking).Encode(Model.Tokenizer, _messages, options.ShownTools);
}

/// <summary>A text that is continued as it stands.</summary>
internal sealed class TextPrompt(TextModel model, string text) : CompletionPrompt(model)
{
    public override int[] Encode(CompletionOptions options) => Model.Tokenizer.Begun(Model.Tokenizer.Encode(text));
}
