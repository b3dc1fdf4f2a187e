using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace AhnSharp.Documents.Html;

/// <summary>Builds text from runs and breaks: white space collapses as in a browser, and breaks that meet count once.</summary>
internal sealed class HtmlWriter
{
    // Say where a word may be broken, or nothing at all: soft hyphen, zero-width space and joiner, byte order mark, controls.
    private static readonly SearchValues<char> s_unseen = SearchValues.Create([.. "\u00AD\u200B\u2060\uFEFF", .. Controls()]);
    private readonly StringBuilder _text = new();
    private int _breaks;     // line ends that are due before the next character
    private bool _space;     // a space is due before the next character of the line
    private bool _marked;    // nothing stands behind the last mark yet
    private bool _lineOpen;  // text stands on the line already, so a space before the next is one

    public string Text => _text.ToString();

    public static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f' or '\u0085' or '\u00A0';

    public static string Collapsed(ReadOnlySpan<char> text)
    {
        HtmlWriter writer = new();
        writer.Run(text);
        return writer.Text;
    }

    /// <summary>Text between tags.</summary>
    public void Run(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int spaces = 0;
            while (spaces < text.Length && IsSpace(text[spaces])) spaces++;
            if (spaces > 0) _space = true;
            text = text[spaces..];
            int word = 0;
            while (word < text.Length && !IsSpace(text[word])) word++;
            if (word > 0) Put(text[..word]);
            text = text[word..];
        }
    }

    /// <summary>Text whose spaces and line ends stand as they are.</summary>
    public void Preformatted(ReadOnlySpan<char> text)
    {
        for (int i = 0; ; i++)
        {
            if (i > 0) (_breaks, _space) = (_breaks + 1, false);
            int end = text.IndexOf('\n');
            ReadOnlySpan<char> line = (end < 0 ? text : text[..end]).TrimEnd('\r');
            if (line.Length > 0) Put(line);
            if (end < 0) return;
            text = text[(end + 1)..];
        }
    }

    /// <summary>
    /// What stands before something, such as the sign of a list item: what follows is on the same line, without a space of its own.
    /// </summary>
    public void Mark(string mark)
    {
        Put(mark);
        (_lineOpen, _marked) = (false, true);
    }

    /// <summary>What the mark stands before is over, also where it was empty.</summary>
    public void EndMark() => _marked = false;

    /// <summary>A line ends here if one is open.</summary>
    public void Line() => Break(1);

    /// <summary>A paragraph ends here if one is open.</summary>
    public void Paragraph() => Break(2);

    /// <summary>A line ends here, open or not: a second one leaves a blank line.</summary>
    public void LineEnd()
    {
        Break(Math.Min(2, _breaks + 1));
    }

    private void Break(int lines)
    {
        if (!_marked) _breaks = Math.Max(_breaks, lines);
        _space = false;
    }

    private void Put(ReadOnlySpan<char> text)
    {
        if (text.ContainsAny(s_unseen)) text = WithoutUnseen(text);
        if (text.IsEmpty) return;
        if (_breaks > 0 && _text.Length > 0)
        {
            _text.Append('\n', _breaks);
            _lineOpen = false;
        }
        if (_space && _lineOpen) _text.Append(' ');
        _text.Append(text);
        (_breaks, _space, _lineOpen, _marked) = (0, false, true, false);
    }

    private static string WithoutUnseen(ReadOnlySpan<char> text)
    {
        StringBuilder seen = new(text.Length);
        foreach (char c in text)
        {
            if (!s_unseen.Contains(c)) seen.Append(c);
        }
        return seen.ToString();
    }

    private static char[] Controls()
    {
        List<char> controls = [];
        for (char c = '\0'; c <= '\u009F'; c++)
        {
            if (char.IsControl(c) && c != '\t') controls.Add(c);
        }
        return [.. controls];
    }
}
