using System;
using System.Text;
using System.Text.Json;

namespace AhnSharp.Generation;

/// <summary>One call of a tool, character by character: <c>{"name": …, "arguments": {…}}</c> and its end mark.</summary>
/// <param name="before">White space before the call's mark, which comes back where it is no call.</param>
internal sealed class ToolCallScanner(string before)
{
    private const int MaxKey = 64;

    private readonly StringBuilder _text = new(before + AnswerReader.CallMark);
    private readonly StringBuilder _keyText = new(), _value = new(), _arguments = new(), _mark = new();
    private State _state = State.Start;
    private string _key = "";
    private int _depth; // brackets open in a value
    private bool _inString, _isEscaped;
    private int _told; // characters of the arguments that were handed out

    public enum Step
    {
        /// <summary>It goes on.</summary>
        More,

        /// <summary>Its end mark is complete.</summary>
        Ended,

        /// <summary>The last character cannot stand there.</summary>
        Broken,

        /// <summary>It is whole, and the last character belongs to what follows.</summary>
        Left,
    }

    private enum State
    {
        Start,
        Key,
        InKey,
        Colon,
        Value,
        InValue,
        Next,
        Whole,
    }

    /// <summary>The tool's name, once it is known.</summary>
    public string? Name { get; private set; }

    /// <summary>Whether its object is closed and names a tool.</summary>
    public bool IsWhole => _state == State.Whole && Name is not null;

    /// <summary>Whether the arguments come as an object, so that they can be handed out as they come.</summary>
    public bool Streams => _arguments.Length > 0 && _arguments[0] == '{';

    /// <summary>Whether its beginning was handed out.</summary>
    public bool IsTold { get; set; }

    /// <summary>All that was written of it.</summary>
    public string Text => _text.ToString();

    /// <summary>What was read of its end mark.</summary>
    public string OpenMark => _mark.ToString();

    private bool IsArguments => _key is "arguments" or "parameters";

    /// <summary>What of the arguments was not handed out yet.</summary>
    public string TakeArguments()
    {
        string text = _arguments.ToString(_told, _arguments.Length - _told);
        _told = _arguments.Length;
        return text;
    }

    /// <summary>The arguments as the text of a JSON object; null where they are none.</summary>
    public string? WholeArguments()
    {
        string text = _arguments.ToString();
        if (Name is null) return null;
        if (text.Length == 0 || text == "null") return "{}";
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return text;
            // Small models write the object as a string at times.
            if (document.RootElement.ValueKind != JsonValueKind.String) return null;
            string inner = document.RootElement.GetString()!;
            using JsonDocument unwrapped = JsonDocument.Parse(inner);
            return unwrapped.RootElement.ValueKind == JsonValueKind.Object ? inner : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    public Step Take(char next)
    {
        if (_state == State.Whole && !Belongs(next)) return Step.Left;
        _text.Append(next);
        bool space = next is ' ' or '\t' or '\r' or '\n';
        switch (_state)
        {
            case State.Start when next == '{':
            case State.Next when next == ',':
                return Go(State.Key);
            case State.Key when next == '"':
                _keyText.Clear();
                return Go(State.InKey);
            case State.Key or State.Next when next == '}':
                return Name is null ? Step.Broken : Go(State.Whole);
            case State.Start or State.Key or State.Colon or State.Value or State.Next when space:
                return Step.More;
            case State.InKey:
                if (next != '"')
                {
                    _keyText.Append(next);
                    return _keyText.Length > MaxKey ? Step.Broken : Step.More;
                }
                _key = _keyText.ToString();
                return Go(State.Colon);
            case State.Colon when next == ':':
                _value.Clear();
                return Go(State.Value);
            case State.Value when next is not ('}' or ']' or ',' or ':'):
                (_state, _depth, _inString, _isEscaped) = (State.InValue, 0, false, false);
                return TakeOfValue(next);
            case State.InValue:
                return TakeOfValue(next);
            case State.Whole:
                return _mark.Length == AnswerReader.CallEndMark.Length ? Step.Ended : Step.More;
            default:
                return Step.Broken;
        }
    }

    // Behind the object: white space, a bracket too many, and the end mark.
    private bool Belongs(char next)
    {
        if (_mark.Length == 0 && next is ' ' or '\t' or '\r' or '\n' or '}') return true;
        if (AnswerReader.CallEndMark[_mark.Length] != next) return false;
        _mark.Append(next);
        return true;
    }

    private Step TakeOfValue(char next)
    {
        bool isPlain = !_inString && _depth == 0 && _value.Length > 0;
        if (isPlain && next is ',' or '}' or ']' or ' ' or '\t' or '\r' or '\n')
        {
            // A number or a word ends at what follows it.
            if (next == ']' || !EndValue()) return Step.Broken;
            return next == ',' ? Go(State.Key) : next == '}' ? (Name is null ? Step.Broken : Go(State.Whole)) : Go(State.Next);
        }
        _value.Append(next);
        if (IsArguments) _arguments.Append(next);
        if (_inString)
        {
            if (_isEscaped) _isEscaped = false;
            else if (next == '\\') _isEscaped = true;
            else if (next == '"') _inString = false;
            else return Step.More;
            return !_inString && _depth == 0 ? Closed() : Step.More;
        }
        switch (next)
        {
            case '"':
                _inString = true;
                return Step.More;
            case '{' or '[':
                _depth++;
                return Step.More;
            case '}' or ']':
                return --_depth == 0 ? Closed() : Step.More;
            default:
                return Step.More;
        }
    }

    private Step Closed() => EndValue() ? Go(State.Next) : Step.Broken;

    private bool EndValue()
    {
        if (_key != "name") return true;
        try
        {
            using JsonDocument document = JsonDocument.Parse(_value.ToString());
            Name = document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString() : null;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            Name = null;
        }
        return !string.IsNullOrEmpty(Name);
    }

    private Step Go(State state)
    {
        _state = state;
        return Step.More;
    }
}
