using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace AhnSharp.Cli.Chat;

/// <summary>Reads what a person types, with the keys that shells have taught: arrows, history, words; pasted text is one piece.</summary>
/// <remarks>
/// Written on keys alone, as the one library for it is a preview. Bracketed paste (\e[200~ … \e[201~) tells pasted line ends from
/// the Enter that sends: .NET hands unknown sequences over key by key, an Alt-[ or an Escape first.
/// </remarks>
internal sealed class LineEditor
{
    private const string PasteOn = "\e[?2004h", PasteOff = "\e[?2004l", PasteBegins = "200~", PasteEnds = "201~";
    private readonly TextWriter _to;
    private readonly Func<ConsoleKeyInfo> _read;
    private readonly LineScreen _screen;
    private readonly IReadOnlyList<string> _history;
    private readonly Func<string, IReadOnlyList<string>> _complete;
    private readonly EditedLine _line = new();
    private int _recalled;
    private string _draft = "";
    private bool _isPasting, _isDone, _isEnd;

    /// <param name="to">The terminal.</param>
    /// <param name="prompt">What stands before the text.</param>
    /// <param name="size">Columns and rows of the terminal.</param>
    /// <param name="read">The next key.</param>
    /// <param name="history">Earlier lines, the oldest first.</param>
    /// <param name="complete">What a beginning may go on as, whole lines.</param>
    internal LineEditor(
        TextWriter to, string prompt, Func<(int Columns, int Rows)> size, Func<ConsoleKeyInfo> read, IReadOnlyList<string> history,
        Func<string, IReadOnlyList<string>> complete)
    {
        (_to, _read, _history, _complete) = (to, read, history, complete);
        _screen = new LineScreen(to, prompt, size);
        _recalled = history.Count;
    }

    /// <summary>Leaves what was typed where it stands: somebody else prints below it.</summary>
    internal void Leave() => _screen.End(_line.Text);

    /// <summary>Gives the terminal its own way with pasted text back, where a line is left that was never sent.</summary>
    internal void Release() => _to.Write(PasteOff);

    /// <summary>Begins anew below what somebody else has printed: what was typed is gone.</summary>
    internal void Restart()
    {
        _line.Set("");
        _screen.Begin();
        _screen.Draw("", 0);
    }

    /// <summary>The text that was typed and sent; null at its end (Ctrl-D on an empty line).</summary>
    internal string? ReadLine()
    {
        _to.Write(PasteOn);
        try
        {
            _screen.Begin();
            _screen.Draw("", 0);
            while (!_isDone)
            {
                Take(_read());
                if (!_isPasting && !_isDone) _screen.Draw(_line.Text, _line.At);
            }
            _screen.End(_line.Text);
            return _isEnd ? null : _line.Text;
        }
        finally
        {
            _to.Write(PasteOff);
        }
    }

    private void Take(ConsoleKeyInfo key)
    {
        bool alt = key.Modifiers.HasFlag(ConsoleModifiers.Alt), control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        if ((alt && key.KeyChar == '[') || (key.Key == ConsoleKey.Escape && !alt)) Sequence(key);
        else if (_isPasting) Paste(key);
        else if (key.Key == ConsoleKey.Enter) Enter(alt || key.Modifiers.HasFlag(ConsoleModifiers.Shift));
        else if (control || key.KeyChar is > '\0' and < ' ') Control(key);
        else if (alt) Alt(key);
        else if (!Move(key) && key.KeyChar != '\0') _line.Insert(key.KeyChar.ToString());
    }

    // What follows an Escape that no key is made of.
    private void Sequence(ConsoleKeyInfo first)
    {
        if (first.Key == ConsoleKey.Escape && _read() is var next && next.KeyChar != '[')
        {
            Take(new ConsoleKeyInfo(next.KeyChar, next.Key, false, alt: true, false));
            return;
        }
        StringBuilder digits = new();
        while (_read().KeyChar is var c)
        {
            digits.Append(c);
            if (c is (< '0' or > '9') and not ';') break;
        }
        if (digits.ToString() == PasteBegins) _isPasting = true;
        else if (digits.ToString() == PasteEnds) _isPasting = false;
    }

    private void Paste(ConsoleKeyInfo key) => _line.Insert(
        key.Key == ConsoleKey.Enter || key.KeyChar is '\r' or '\n' ? "\n" : key.KeyChar == '\0' ? "" : key.KeyChar.ToString());

    // A backslash at the end goes on on the next row, as in shells.
    private void Enter(bool goesOn)
    {
        if (!goesOn && _line.At == _line.Text.Length && _line.Text.EndsWith('\\'))
        {
            _line.Backspace();
            goesOn = true;
        }
        if (goesOn) _line.Insert("\n");
        else _isDone = true;
    }

    private void Control(ConsoleKeyInfo key)
    {
        if (Move(key)) return;
        switch (key.KeyChar is > '\0' and <= '\x1A' ? (char)(key.KeyChar + '@') : char.ToUpperInvariant(key.KeyChar))
        {
            case 'A': _line.Home(); break;
            case 'B': _line.Left(); break;
            case 'D' when _line.IsEmpty: (_isDone, _isEnd) = (true, true); break;
            case 'D': _line.Delete(); break;
            case 'E': _line.End(); break;
            case 'F': _line.Right(); break;
            case 'H': _line.Backspace(); break;
            case 'I': Complete(); break;
            case 'J': _line.Insert("\n"); break;
            case 'K': _line.DeleteToEnd(); break;
            case 'L':
                _to.Write("\e[H\e[2J");
                _screen.Begin();
                break;
            case 'N': Recall(1); break;
            case 'P': Recall(-1); break;
            case 'U': _line.DeleteToHome(); break;
            case 'W': _line.DeleteWord(); break;
        }
    }

    private void Alt(ConsoleKeyInfo key)
    {
        switch (char.ToLowerInvariant(key.KeyChar))
        {
            case 'b': _line.WordLeft(); break;
            case 'f': _line.WordRight(); break;
            case '\x7F' or '\b': _line.DeleteWord(); break;
            default: Move(key); break;
        }
    }

    private bool Move(ConsoleKeyInfo key)
    {
        bool words = key.Modifiers != 0;
        switch (key.Key)
        {
            case ConsoleKey.LeftArrow when words: _line.WordLeft(); break;
            case ConsoleKey.RightArrow when words: _line.WordRight(); break;
            case ConsoleKey.LeftArrow: _line.Left(); break;
            case ConsoleKey.RightArrow: _line.Right(); break;
            case ConsoleKey.Home: _line.Home(); break;
            case ConsoleKey.End: _line.End(); break;
            case ConsoleKey.UpArrow: Recall(-1); break;
            case ConsoleKey.DownArrow: Recall(1); break;
            case ConsoleKey.Backspace when words: _line.DeleteWord(); break;
            case ConsoleKey.Backspace: _line.Backspace(); break;
            case ConsoleKey.Delete: _line.Delete(); break;
            case ConsoleKey.Tab: Complete(); break;
            default: return false;
        }
        return true;
    }

    private void Recall(int step)
    {
        int to = _recalled + step;
        if (to < 0 || to > _history.Count) return;
        if (_recalled == _history.Count) _draft = _line.Text;
        _recalled = to;
        _line.Set(to == _history.Count ? _draft : _history[to]);
    }

    // As far as all that it may go on as agree.
    private void Complete()
    {
        if (_line.At < _line.Text.Length) return;
        IReadOnlyList<string> found = _complete(_line.Text);
        if (found.Count == 0) return;
        int same = found.Min(one => one.Zip(found[0]).TakeWhile(pair => pair.First == pair.Second).Count());
        if (same > _line.Text.Length) _line.Set(found[0][..same]);
    }
}
