using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;

namespace AhnSharp.Generation;

/// <summary>The turns of a text as the chat template writes them, made into ids turn by turn, so that nothing is ever read twice.</summary>
/// <remarks>
/// The session already holds the earlier turns, answers token by token as they were generated. What a new turn adds depends on the
/// template's frame alone, so the frame is rendered with the earlier turns left empty, once without and once with the new turn, and
/// the difference is what is fed: it begins with the end of the last answer. Without a template the text stands as it is.
/// While the user's turn is open, only that part of it is fed which later words cannot change (<see cref="StableLength"/>).
/// </remarks>
internal sealed class Conversation
{
    private static readonly ChatMessage EmptyAnswer = new("assistant", "");
    private readonly QwenTokenizer _tokenizer;
    private readonly ChatTemplate? _template;
    private readonly List<ChatMessage> _turns = [];
    private int[] _frame = [];       // ids of the earlier turns with nothing in them, up to where the last answer begins
    private string _open = "";       // text of the user's turn so far
    private int _openFed;            // ids of the open turn that were handed out

    public Conversation(QwenTokenizer tokenizer, ChatTemplate? template, string? system)
    {
        _tokenizer = tokenizer;
        _template = template;
        if (system is not null) _turns.Add(new ChatMessage("system", system));
    }

    /// <summary>Adds to the open turn; returns the ids that can be fed now, and what makes the addition final.</summary>
    public (int[] Ids, Action Commit) Read(string text)
    {
        string open = _open + text;
        string stable = open[..StableLength(open)];
        // The two continue differently from the stable part on: what they share is its ids and the frame before.
        ReadOnlySpan<int> ids = Turn(stable + " y");
        int known = stable.Length == 0 ? 0 : ids.CommonPrefixLength(Turn(stable + "\n\nx"));
        int[] next = known > _openFed ? ids[_openFed..known].ToArray() : [];
        return (next, () => (_open, _openFed) = (open, _openFed + next.Length));
    }

    /// <summary>Ends the open turn with a question; returns the ids up to where the answer begins, and what makes the turn final.</summary>
    public (int[] Ids, Action Commit) Ask(string question)
    {
        string separator = _template is null || _open.Length == 0 || question.Length == 0 ? "" : "\n\n";
        int[] turn = Turn(_open + separator + question);
        return (turn[_openFed..], Commit);

        void Commit()
        {
            (_open, _openFed) = ("", 0);
            if (_template is null) return;
            if (_frame.Length > 0) _turns.Add(EmptyAnswer);
            _turns.Add(new ChatMessage("user", ""));
            _frame = _template.Encode(_tokenizer, _turns);
        }
    }

    // Ids of the user's turn, with the end of the answer before it and the beginning of the answer after it.
    private int[] Turn(string text)
    {
        if (_template is null) return _tokenizer.Encode(text);
        List<ChatMessage> turns = [.. _turns];
        if (_frame.Length > 0) turns.Add(EmptyAnswer);
        turns.Add(new ChatMessage("user", text));
        int[] all = _template.Encode(_tokenizer, turns);
        if (!all.AsSpan().StartsWith(_frame))
            throw new InvalidModelException("The chat template writes earlier turns anew when one is added: expected a template that only appends, as Qwen2.5's does; use the text without a template.");
        return all[_frame.Length..];
    }

    /// <summary>Characters of <paramref name="text"/> whose ids do not depend on what follows: to the last letter before something else.</summary>
    /// <remarks>No word of Qwen2's pre-tokenizer goes on from a letter to anything but a letter, and words are cut from left to right.</remarks>
    internal static int StableLength(string text)
    {
        for (int i = text.Length - 1; i > 0; i--)
        {
            if (char.IsLetter(text[i - 1]) && !char.IsLetter(text[i]) && !char.IsSurrogate(text[i])) return i;
        }
        return 0;
    }
}
