using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Documents.Html;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>Reads the body of a Word file, or one of its notes, tag by tag.</summary>
internal sealed class WordWalk(WordStyles styles, WordLists lists, WordLeftOut leftOut)
{
    // Earlier properties, codes of fields, drawings' second form, phonetic guides: not text, whatever is in them.
    private static readonly FrozenSet<string> s_skipped = FrozenSet.ToFrozenSet(
        ["pprchange", "rprchange", "sectprchange", "tblprchange", "tcprchange", "trprchange", "tblgridchange", "numberingchange",
            "instrtext", "delinstrtext", "fallback", "sectpr", "tblprexchange"]);

    private readonly StringBuilder _text = new();
    private readonly Stack<Story> _stories = [];
    private Story _story = new();
    private string? _skipUntil;
    private int _skipDepth, _deleted, _ruby;
    private bool _isText, _vanishes, _isList, _wasList;

    public string Text => _text.ToString();

    public void Read(MarkupReader tags)
    {
        while (tags.Read()) Take(tags);
        Finish();
    }

    /// <summary>The notes of a part, each with its number.</summary>
    public static List<(string Id, string Text)> ReadNotes(MarkupReader tags, WordStyles styles, WordLists lists, WordLeftOut leftOut)
    {
        List<(string Id, string Text)> notes = [];
        WordWalk? note = null;
        string id = "";
        while (tags.Read())
        {
            bool isNote = tags.Token != MarkupToken.Text && tags.Name is "footnote" or "endnote";
            if (isNote && tags.Token == MarkupToken.Open)
            {
                // Separators are notes of a type of their own.
                bool isReal = tags.Attribute("type") is null or "normal";
                (note, id) = (isReal ? new WordWalk(styles, lists, leftOut) : null, tags.Attribute("id") ?? "");
            }
            else if (isNote && note is not null)
            {
                note.Finish();
                notes.Add((id, note.Text.Replace("\n\n", "\n", StringComparison.Ordinal)));
                note = null;
            }
            else note?.Take(tags);
        }
        return notes;
    }

    private void Take(MarkupReader tags)
    {
        if (_skipUntil is not null)
        {
            if (tags.Token == MarkupToken.Open && tags.Name == _skipUntil && !tags.IsEmpty) _skipDepth++;
            else if (tags.Token == MarkupToken.Close && tags.Name == _skipUntil && --_skipDepth == 0) _skipUntil = null;
            return;
        }
        switch (tags.Token)
        {
            case MarkupToken.Text when _isText: Write(tags.Text); break;
            case MarkupToken.Open: Open(tags); break;
            case MarkupToken.Close: Close(tags.Name); break;
            default: break;
        }
    }

    private void Write(ReadOnlySpan<char> text)
    {
        if (_deleted > 0) leftOut.Deleted += text.Length;
        else if (_ruby > 0) leftOut.Readings += text.Length;
        else if (_vanishes) leftOut.Hidden += text.Length;
        else _story.Line.Append(text);
    }

    private void Open(MarkupReader tags)
    {
        string name = tags.Name;
        if (s_skipped.Contains(name))
        {
            if (!tags.IsEmpty) (_skipUntil, _skipDepth) = (name, 1);
            return;
        }
        switch (name)
        {
            case "p": _story.Begin(); break;
            case "r": _vanishes = false; break;
            case "t" or "deltext": _isText = !tags.IsEmpty; break;
            case "tab" or "ptab" when _story.IsInRun(tags): Write("\t"); break;
            case "br" or "cr": Write("\n"); break;
            case "nobreakhyphen": Write("-"); break;
            case "vanish" or "webhidden": _vanishes = tags.Attribute("val") is not ("0" or "false" or "off"); break;
            case "pstyle": _story.Style = tags.Attribute("val"); break;
            case "outlinelvl" when int.TryParse(tags.Attribute("val"), NumberStyles.None, CultureInfo.InvariantCulture, out int outline)
                && outline < 6:
                _story.Outline = outline + 1; break;
            case "numid": _story.List = tags.Attribute("val"); break;
            case "ilvl":
                _story.Level =
                int.TryParse(tags.Attribute("val"), NumberStyles.None, CultureInfo.InvariantCulture, out int level) ? level : 0; break;
            case "del" or "movefrom" when !tags.IsEmpty: _deleted++; break;
            case "rt" when !tags.IsEmpty: _ruby++; break;
            case "sym": WriteSymbol(tags.Attribute("char")); break;
            case "footnotereference": Write($"[^{tags.Attribute("id")}]"); break;
            case "endnotereference": Write($"[^e{tags.Attribute("id")}]"); break;
            case "docpr": _story.Description = tags.Attribute("descr") ?? ""; break;
            case "blip" or "imagedata": WritePicture(); break;
            case "altchunk": leftOut.Inserts++; break;
            case "sup" when _story.Line.Length > 0 && !tags.IsEmpty: Write("^"); break;
            case "sub" when _story.Line.Length > 0 && !tags.IsEmpty: Write("_"); break;
            case "txbxcontent" when !tags.IsEmpty:
                _stories.Push(_story);
                _story = new Story();
                break;
            case "tbl":
                if (_story.Tables++ == 0) _wasList = false;
                break;
            case "tr" when _story.Tables == 1: _story.Cells.Clear(); break;
            case "tc" when _story.Tables == 1 && tags.IsEmpty: _story.Cells.Add(""); break;
            case "tc" when _story.Tables == 1: _story.Cell = new StringBuilder(); break;
            default: break;
        }
        if (name == "p" && tags.IsEmpty) EndParagraph();
    }

    private void Close(string name)
    {
        switch (name)
        {
            case "t" or "deltext": _isText = false; break;
            case "p": EndParagraph(); break;
            case "del" or "movefrom": _deleted = Math.Max(0, _deleted - 1); break;
            case "rt": _ruby = Math.Max(0, _ruby - 1); break;
            case "num" when _story.Line.Length > 0: Write("/"); break;
            case "txbxcontent" when _stories.Count > 0:
                Story box = _story;
                box.EndAll();
                _story = _stories.Pop();
                _story.Boxes.AddRange(box.Blocks);
                break;
            case "tc" when _story.Tables == 1: _story.EndCell(); break;
            case "tr" when _story.Tables == 1: _story.EndRow(); break;
            case "tbl":
                _story.Tables = Math.Max(0, _story.Tables - 1);
                Flush();
                if (_story.Tables == 0) _wasList = false;
                break;
            default: break;
        }
    }

    private void EndParagraph()
    {
        string line = _story.TakeLine();
        int heading = _story.Outline > 0 ? _story.Outline : styles.Heading(_story.Style);
        string mark = "";
        if (line.Length > 0 && _story.Cell is null)
        {
            (string List, int Level)? list = _story.List is { } own ? (own, _story.Level) : styles.List(_story.Style);
            string? item = heading == 0 && list is { } found ? lists.Next(found.List, found.Level) : null;
            mark = heading > 0 ? new string('#', heading) + " " : item ?? "";
            _isList = item is not null;
        }
        else _isList = false;
        _story.EndParagraph(mark + line, _isList);
        Flush();
    }

    private void Flush()
    {
        if (_stories.Count > 0 || _story.Tables > 0) return;
        foreach ((string block, bool isClose) in _story.Blocks)
        {
            if (_text.Length > 0) _text.Append(isClose && _wasList ? "\n" : "\n\n");
            _text.Append(block);
            _wasList = isClose;
        }
        _story.Blocks.Clear();
    }

    private void Finish()
    {
        while (_stories.Count > 0) Close("txbxcontent");
        _story.EndAll();
        _story.Tables = 0;
        Flush();
    }

    private void WriteSymbol(string? code)
    {
        if (int.TryParse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int number) && number is > 0x20 and < 0xD800)
            Write(((char)number).ToString());
        else leftOut.Symbols++;
    }

    private void WritePicture()
    {
        string description = HtmlWriter.Collapsed(_story.Description);
        _story.Description = "";
        if (description.Length > 0) Write($"[Image: {description}]");
        else leftOut.Pictures++;
    }
}
