using System;
using System.Collections.Generic;
using AhnSharp.Tokenizer;
using AhnSharp.Tokenizer.Templates;

namespace AhnSharp.Generation;

/// <summary>
/// The turns of a text as the chat template writes them, made into ids as the text comes, so that nothing is ever read twice or kept.
/// </summary>
/// <remarks>
/// The session holds what was fed, answers token by token as they were generated. What a turn adds is the template's frame around it
/// (<see cref="TurnFrame"/>) and its words; a word is handed out once no later text can change it, and the words not settled yet, mostly
/// one, are all that is kept of a text. Without a template the text stands as it is.
/// </remarks>
internal sealed class Conversation
{
    private readonly QwenTokenizer _tokenizer;
    private TurnFrame? _frame; // of the turn to come or the open one

    private TurnHistory? _history;

    public Conversation(QwenTokenizer tokenizer, ChatTemplate? template, string? system, ConversationState? state = null)
    {
        (_tokenizer, Template, System, State) = (tokenizer, template, system, state ?? ConversationState.Empty);
    }

    /// <summary>Without a template: whether names of special tokens in the text are these tokens.</summary>
    public bool WritesSpecials { get; init; }

    /// <summary>What the template does to earlier turns.</summary>
    public TurnHistory History =>
        Template is null ? TurnHistory.Appends : _history ??= TurnFrame.HistoryOf(Template.WithThinking(Thinking), System);

    /// <summary>How the turns are written; null where the text stands as it is.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>The system turn; null leaves it to the template.</summary>
    public string? System { get; }

    /// <summary>Where the conversation stands.</summary>
    public ConversationState State { get; private set; }

    /// <summary>
    /// Whether answers begin with thoughts, where the template knows <c>enable_thinking</c>; null leaves it to the template.
    /// </summary>
    public bool? Thinking
    {
        get => field;
        set => (field, _frame, _history) = (value, null, null);
    }

    /// <summary>The same conversation, to go on by itself.</summary>
    public Conversation Fork() =>
        new(_tokenizer, Template, System, State) { Thinking = Thinking, WritesSpecials = WritesSpecials, _history = _history };

    /// <summary>A conversation of the same kind in which nothing was said yet.</summary>
    public Conversation New() =>
        new(_tokenizer, Template, System) { Thinking = Thinking, WritesSpecials = WritesSpecials, _history = _history };

    /// <summary>Adds to the open turn; returns the ids that can be fed now, and what makes the addition final.</summary>
    public (int[] Ids, Action Commit) Read(string text)
    {
        if (Trims && !State.HasText) text = PythonText.TrimStart(text);
        if (text.Length == 0) return ([], static () => { });
        List<int> ids = [];
        string open = Open(ids) + text;
        int settled =
            WritesSpecials ? _tokenizer.SettledWithSpecials(open) : QwenPreTokenizer.SettledLength(Trims ? PythonText.TrimEnd(open) : open);
        ids.AddRange(Encode(open[..settled]));
        ConversationState next = State with { HasText = true, Unsettled = open[settled..] };
        return ([.. ids], () => State = next);
    }

    /// <summary>Ends the open turn with a question; returns the ids up to where the answer begins, and what makes the turn final.</summary>
    public (int[] Ids, Action Commit) Ask(string question)
    {
        List<int> ids = [];
        string text = Turn(question, ids);
        ids.AddRange(Encode(text + Frame?.ClosingText));
        if (Frame is { } frame) ids.AddRange(frame.ClosingIds);
        ConversationState next = new(State.Answers + 1, HasText: false, "");
        return ([.. ids], () => (State, _frame) = (next, null));
    }

    /// <summary>
    /// The question and its answer as the template writes them before a further turn; to be asked of the conversation
    /// as it was before the question.
    /// </summary>
    /// <returns>Ids from where the question was asked, what makes them final, and whether they are what was read and said; null where
    /// earlier turns are left out.</returns>
    public (int[] Ids, Action Commit, bool IsAsSaid)? Rewrite(string question, string answer)
    {
        if (Template is null || History == TurnHistory.Forgets) return null;
        List<int> ids = [];
        string text = Turn(question, ids);
        if (TurnFrame.Rewritten(Template.WithThinking(Thinking), System, State.Answers, answer) is not var (rest, trusted, isAsSaid))
            return null;
        bool[] ofTemplate = new bool[text.Length + rest.Length];
        trusted.CopyTo(ofTemplate, text.Length);
        ids.AddRange(_tokenizer.Encode(text + rest, ofTemplate));
        ConversationState next = new(State.Answers + 1, HasText: false, "");
        return ([.. ids], () => (State, _frame) = (next, null), isAsSaid);
    }

    /// <summary>
    /// Hands out the words that wait for what follows, which will begin a new word; returns their ids, and what makes that final.
    /// </summary>
    public (int[] Ids, Action Commit) Settle()
    {
        ConversationState next = State with { Unsettled = "" };
        return (Encode(State.Unsettled), () => State = next);
    }

    private TurnFrame? Frame =>
        Template is null ? null : _frame ??= TurnFrame.Of(Template.WithThinking(Thinking), _tokenizer, System, State.Answers, History);

    private bool Trims => Frame is { Trims: true };

    // What is not settled of the turn with its question; the ids before it, where the turn begins now.
    private string Turn(string question, List<int> ids)
    {
        string separator = Template is null || !State.HasText || question.Length == 0 ? "" : "\n\n";
        string open = Open(ids);
        string text = State.HasText ? open + separator + question : question;
        if (Trims) text = PythonText.TrimEnd(State.HasText ? text : PythonText.TrimStart(text));
        return State.HasText ? text : open + text;
    }

    private int[] Encode(string text) => WritesSpecials ? _tokenizer.EncodeWithSpecials(text) : _tokenizer.Encode(text);

    // What words of the open turn begin with; the ids before it, where the turn begins now.
    private string Open(List<int> ids)
    {
        if (Template is null && State == ConversationState.Empty) ids.AddRange(_tokenizer.Begun([]));
        if (State.HasText || Frame is not { } frame) return State.Unsettled;
        ids.AddRange(frame.OpeningIds);
        return frame.OpeningText;
    }
}
