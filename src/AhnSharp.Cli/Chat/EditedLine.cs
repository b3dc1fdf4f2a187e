using System.Text;

namespace AhnSharp.Cli.Chat;

/// <summary>A text that is being typed, and the place in it where the next character goes.</summary>
internal sealed class EditedLine
{
    private readonly StringBuilder _text = new();

    internal string Text => _text.ToString();

    /// <summary>The place, in characters.</summary>
    internal int At { get; private set; }

    internal bool IsEmpty => _text.Length == 0;

    internal void Insert(string text)
    {
        _text.Insert(At, text);
        At += text.Length;
    }

    internal void Set(string text)
    {
        _text.Clear().Append(text);
        At = text.Length;
    }

    internal void Home() => At = At == 0 ? 0 : Text.LastIndexOf('\n', At - 1) + 1;

    internal void End() => At = Text.IndexOf('\n', At) is var end and >= 0 ? end : _text.Length;

    internal void Left() => At = Before();

    internal void Right() => At = Behind();

    internal void WordLeft() => At = WordBefore();

    internal void WordRight()
    {
        while (At < _text.Length && !char.IsLetterOrDigit(_text[At])) At++;
        while (At < _text.Length && char.IsLetterOrDigit(_text[At])) At++;
    }

    internal void Backspace() => Remove(Before(), At);

    internal void Delete() => Remove(At, Behind());

    internal void DeleteWord() => Remove(WordBefore(), At);

    internal void DeleteToHome()
    {
        int end = At;
        Home();
        if (At == end) Backspace();
        else Remove(At, end);
    }

    internal void DeleteToEnd()
    {
        int start = At;
        End();
        Remove(start, At);
    }

    private void Remove(int from, int to)
    {
        _text.Remove(from, to - from);
        At = from;
    }

    // Halves of a pair belong together.
    private int Before() => At == 0 ? 0 : At - (At > 1 && char.IsLowSurrogate(_text[At - 1]) ? 2 : 1);

    private int Behind() => At == _text.Length ? At : At + (At + 1 < _text.Length && char.IsHighSurrogate(_text[At]) ? 2 : 1);

    private int WordBefore()
    {
        int at = At;
        while (at > 0 && char.IsWhiteSpace(_text[at - 1])) at--;
        while (at > 0 && !char.IsWhiteSpace(_text[at - 1])) at--;
        return at;
    }
}
