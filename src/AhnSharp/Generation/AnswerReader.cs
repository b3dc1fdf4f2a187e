using System;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Generation;

/// <summary>Finds thoughts and calls of tools in an answer while it is written, as Qwen2.5 and Qwen3 write them (Hermes style).</summary>
/// <remarks>
/// A call is <c>&lt;tool_call&gt; {"name": …, "arguments": {…}} &lt;/tool_call&gt;</c>, and an answer may have several. Its arguments are
/// handed out as they come, once its name is known. What begins so and is not a call becomes text again, whole. The parts do not depend on
/// how the text is cut into pieces, but for where parts of one kind are cut. White space around calls and thoughts belongs to neither.
/// </remarks>
public sealed class AnswerReader
{
    internal const string CallMark = "<tool_call>", CallEndMark = "</tool_call>", ThoughtMark = "<think>", ThoughtEndMark = "</think>";

    private readonly bool _hasTools;
    private readonly List<AnswerPart> _parts = [];
    private readonly StringBuilder _space = new(), _mark = new(); // held back: white space, and behind it what may begin a mark
    private ToolCallScanner? _call;
    private int _calls;
    private bool _inThoughts, _hasSaid, _hasThought;

    /// <param name="hasTools">Whether there are tools to call: else a call is text.</param>
    /// <param name="inThoughts">Whether the prompt has opened the thoughts already (<see cref="Completion.BeginsInThoughts"/>).</param>
    public AnswerReader(bool hasTools, bool inThoughts = false) =>
        (_hasTools, _inThoughts, _hasThought) = (hasTools, inThoughts, inThoughts);

    // Whether what was read last stands in a call, or in what may yet turn out to be none.
    internal bool IsInCall => _call is not null;

    /// <summary>Takes the next text and returns what can be told now; the list is used again by the next call.</summary>
    public IReadOnlyList<AnswerPart> Push(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _parts.Clear();
        foreach (char next in text) Take(next);
        Join();
        return _parts;
    }

    /// <summary>The answer is over: returns what was held back.</summary>
    public IReadOnlyList<AnswerPart> Finish()
    {
        _parts.Clear();
        if (_call is { } call)
        {
            _call = null;
            // Some end without the mark.
            if (call.IsWhole) End(call);
            else Break(call);
        }
        string rest = _mark.ToString();
        _mark.Clear();
        // White space at the end is the text's own, but behind a call or thoughts nobody's.
        if (rest.Length > 0 || (_calls == 0 && !_inThoughts)) Say(TakeSpace() + rest);
        Join();
        return _parts;
    }

    private void Take(char next)
    {
        if (_call is { } call)
        {
            TakeOfCall(call, next);
            return;
        }
        if (_mark.Length == 0 && char.IsWhiteSpace(next))
        {
            _space.Append(next); // it waits for what follows it
            return;
        }
        _mark.Append(next);
        string mark = _mark.ToString();
        if (_inThoughts)
        {
            if (mark == ThoughtEndMark)
            {
                (_inThoughts, _hasSaid) = (false, false);
                TakeSpace();
                _mark.Clear();
            }
            else if (!ThoughtEndMark.StartsWith(mark, StringComparison.Ordinal))
            {
                SayFirst(mark);
            }
            return;
        }
        bool mayThink = !_hasSaid && !_hasThought && _calls == 0;
        if (mayThink && mark == ThoughtMark)
        {
            (_inThoughts, _hasThought) = (true, true);
            TakeSpace();
            _mark.Clear();
        }
        else if (_hasTools && mark == CallMark)
        {
            _call = new ToolCallScanner(TakeSpace());
            _mark.Clear();
        }
        else if (!(mayThink && ThoughtMark.StartsWith(mark, StringComparison.Ordinal))
            && !(_hasTools && CallMark.StartsWith(mark, StringComparison.Ordinal)))
        {
            SayFirst(mark);
        }
    }

    private string TakeSpace()
    {
        string space = _space.ToString();
        _space.Clear();
        return space;
    }

    // What is held begins no mark: its white space and its first character are text, and the rest is looked at again.
    private void SayFirst(string mark)
    {
        _mark.Clear();
        Say(TakeSpace() + mark[0]);
        foreach (char next in mark.AsSpan(1)) Take(next);
    }

    private void Say(string text)
    {
        // White space behind the thoughts, at the beginning and behind a call belongs to nobody.
        if (!_hasSaid && (_inThoughts || _hasThought || _calls > 0)) text = text.TrimStart();
        if (text.Length == 0) return;
        _hasSaid = true;
        _hasThought |= _inThoughts;
        _parts.Add(new AnswerPart(_inThoughts ? AnswerPartKind.Thought : AnswerPartKind.Text, text));
    }

    private void TakeOfCall(ToolCallScanner call, char next)
    {
        switch (call.Take(next))
        {
            case ToolCallScanner.Step.Ended:
                _call = null;
                End(call);
                break;
            case ToolCallScanner.Step.Broken:
                _call = null;
                Break(call);
                break;
            case ToolCallScanner.Step.Left:
                // Something else begins behind a whole call without its end mark.
                _call = null;
                End(call);
                foreach (char left in call.OpenMark + next) Take(left);
                break;
            default:
                Tell(call);
                break;
        }
    }

    // The name, and what of the arguments is new.
    private void Tell(ToolCallScanner call)
    {
        if (call.Name is null || !call.Streams) return;
        if (!call.IsTold)
        {
            call.IsTold = true;
            _parts.Add(new AnswerPart(AnswerPartKind.CallBegins, call.Name, _calls));
        }
        string arguments = call.TakeArguments();
        if (arguments.Length > 0) _parts.Add(new AnswerPart(AnswerPartKind.CallArguments, arguments, _calls));
    }

    private void End(ToolCallScanner call)
    {
        if (call.WholeArguments() is not { } arguments)
        {
            Break(call);
            return;
        }
        if (call.IsTold)
        {
            Tell(call);
        }
        else
        {
            _parts.Add(new AnswerPart(AnswerPartKind.CallBegins, call.Name!, _calls));
            _parts.Add(new AnswerPart(AnswerPartKind.CallArguments, arguments, _calls));
        }
        _parts.Add(new AnswerPart(AnswerPartKind.CallEnds, "", _calls));
        (_calls, _hasSaid) = (_calls + 1, false);
    }

    private void Break(ToolCallScanner call)
    {
        string text = call.Text;
        if (call.IsTold) _parts.Add(new AnswerPart(AnswerPartKind.CallBreaks, text, _calls++));
        else _parts.Add(new AnswerPart(AnswerPartKind.Text, text));
        _hasSaid = true;
    }

    // Neighbours of one kind are one part.
    private void Join()
    {
        int kept = 0;
        for (int i = 0; i < _parts.Count;)
        {
            AnswerPart part = _parts[i];
            int end = i + 1;
            bool joins = part.Kind is AnswerPartKind.Text or AnswerPartKind.Thought or AnswerPartKind.CallArguments;
            while (joins && end < _parts.Count && _parts[end].Kind == part.Kind && _parts[end].Call == part.Call) end++;
            if (end > i + 1)
            {
                StringBuilder text = new();
                for (; i < end; i++) text.Append(_parts[i].Text);
                part = part with { Text = text.ToString() };
            }
            i = end;
            _parts[kept++] = part;
        }
        _parts.RemoveRange(kept, _parts.Count - kept);
    }
}
