using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Html;

/// <summary>Reads a page tag by tag and writes what can be read on it.</summary>
/// <remarks>
/// There is no tree: of the elements that are open their names and places are held, so a page costs what it is long, whatever it opens and
/// never closes. What HTML closes by itself is closed here too (p, li, cells and rows, an svg left open); formatting that crosses
/// paragraphs says nothing about text and is let be.
/// </remarks>
internal sealed class HtmlWalk
{
    private const int DeepestIndent = 8, LongestExponent = 32;
    private readonly MarkupReader _tags;
    private readonly MarkupKind _kind;
    private readonly HtmlOutline _outline;
    private readonly bool _isBook, _keepsAll;
    private readonly HtmlWriter _page = new();
    private readonly HtmlOpenElements _open = new();
    private readonly Stack<(bool Ordered, int Next)> _lists = [];
    private readonly StringBuilder _title = new();
    private HtmlTable? _table;
    private int _tables, _tableAt = -1, _silentAt = -1, _leftOutAt = -1, _titleAt = -1, _preAt = -1, _mainAt = -1;
    private HtmlLeftOut.Reason _reason;
    private bool _preBegins, _hasTitle;
    private string? _heading;

    /// <param name="markup">The page.</param>
    /// <param name="kind">HTML or XHTML.</param>
    /// <param name="isBook">A chapter: its asides and headers are text.</param>
    /// <param name="keepsAll">Reads also what the page marks as navigation, hidden or furniture.</param>
    public HtmlWalk(string markup, MarkupKind kind, bool isBook, bool keepsAll)
    {
        (_tags, _kind, _isBook, _keepsAll) = (new MarkupReader(markup, kind), kind, isBook, keepsAll);
        _outline = HtmlOutline.Of(markup, kind);
    }

    public string Text => _page.Text;

    public string Title => HtmlWriter.Collapsed(_title.ToString());

    public HtmlLeftOut LeftOut { get; } = new();

    private HtmlWriter Writer => _table?.Cell ?? _page;

    private bool IsSkipping => _silentAt >= 0 || _leftOutAt >= 0;

    public void Read()
    {
        while (_tags.Read())
        {
            switch (_tags.Token)
            {
                case MarkupToken.Text: Write(_tags.Text); break;
                case MarkupToken.Open: Open(_tags.Name); break;
                default: Close(_tags.Name); break;
            }
        }
        CloseTo(0);
    }

    private void Write(ReadOnlySpan<char> text)
    {
        if (_silentAt >= 0) return;
        if (_leftOutAt >= 0) LeftOut.Count(_reason, HtmlWriter.Collapsed(text).Length);
        else if (_titleAt >= 0) _title.Append(text);
        else if (_preAt >= 0)
        {
            if (_preBegins && text.StartsWith("\n")) text = text[1..];
            else if (_preBegins && text.StartsWith("\r\n")) text = text[2..];
            _preBegins = false;
            Writer.Preformatted(text);
        }
        else
        {
            if (_heading is not null && !text.IsWhiteSpace()) BeginHeading();
            Writer.Run(text);
        }
    }

    private void BeginHeading()
    {
        Writer.Mark(_heading!);
        _heading = null;
    }

    private void Open(string name)
    {
        if (HtmlElements.Void.Contains(name))
        {
            if (!IsSkipping) WriteVoid(name);
            return;
        }
        if (_silentAt >= 0 && _open[_silentAt].Name is "svg" && HtmlElements.BreaksOut(name) && _open.Last("foreignobject") < _silentAt)
            CloseTo(_silentAt);
        CloseWhatItCloses(name);
        if (name == "table") _tables++;
        bool skips = IsSkipping;
        int at = _open.Push(name);
        if (_mainAt < 0 && _tags.HasAttributes && _tags.Attribute("role") == "main") _mainAt = at;
        if (!skips)
        {
            if (HtmlElements.Silent.Contains(name)) _silentAt = at;
            else if (!_keepsAll && Reason(name) is var reason && reason != HtmlLeftOut.Reason.None) (_leftOutAt, _reason) = (at, reason);
            else Begin(name, at);
        }
        else if (_silentAt < 0 && HtmlElements.Silent.Contains(name)) _silentAt = at;
        if (_tags.IsEmpty && (_kind != MarkupKind.Html || _open.Last("svg") >= 0 || _open.Last("math") >= 0)) CloseTo(at);
    }

    private HtmlLeftOut.Reason Reason(string name)
    {
        bool isInside = _mainAt >= 0 || _open.Last("article") >= 0 || _open.Last("main") >= 0
            || (!_outline.HasMain && _open.Last("section") >= 0);
        // A page without a main part may call all of its text a header: only what is around text goes.
        return HtmlLeftOut.Of(_tags, _isBook, !isInside && (_outline.HasMain || name is not "header"), _outline.HasTitleInHeader);
    }

    private void Begin(string name, int at)
    {
        switch (name)
        {
            case "title":
                if (!_hasTitle) _titleAt = at;
                else _silentAt = at;
                _hasTitle = true;
                return;
            case "pre" or "listing" or "xmp":
                Writer.Paragraph();
                if (_preAt < 0) (_preAt, _preBegins) = (at, true);
                return;
            case "ul" or "ol" or "menu" or "dir": BeginList(name); return;
            case "li": BeginItem(); return;
            case "table":
                Writer.Paragraph();
                if (!_outline.Arranges(_tables - 1) && _table is null) (_table, _tableAt) = (new HtmlTable(_page), at);
                return;
            case "tr" when _table is not null: _table.EndRow(); return;
            case "td" or "th" or "caption" when _table is not null: _table.BeginCell(); return;
            // Cells of a table that only arranges things.
            case "td" or "th": Writer.Run(" "); return;
            case "q": Writer.Run("\u201C"); return;
            case "sup" when IsExponent(): Writer.Mark("^"); return;
            default: break;
        }
        if (HtmlElements.IsHeading(name))
        {
            Writer.Paragraph();
            _heading = new string('#', name[1] - '0') + " ";
        }
        else Break(name);
    }

    private void End(string name, int at)
    {
        if (at == _mainAt) _mainAt = -1;
        if (at == _silentAt || at == _titleAt)
        {
            (_silentAt, _titleAt) = (-1, -1);
            return;
        }
        if (at == _leftOutAt)
        {
            _leftOutAt = -1;
            Break(name);
            return;
        }
        if (IsSkipping) return;
        switch (name)
        {
            case "pre" or "listing" or "xmp":
                if (at == _preAt) (_preAt, _preBegins) = (-1, false);
                Writer.Paragraph();
                return;
            case "ul" or "ol" or "menu" or "dir":
                _lists.TryPop(out _);
                Break(_lists.Count == 0 ? "p" : "div");
                return;
            case "li":
                Writer.EndMark();
                Writer.Line();
                return;
            case "table":
                if (at == _tableAt)
                {
                    _table!.EndRow();
                    (_table, _tableAt) = (null, -1);
                }
                Writer.Paragraph();
                return;
            case "tr" or "caption" when _table is not null: _table.EndRow(); return;
            case "td" or "th":
                _table?.EndCell();
                return;
            case "q": Writer.Run("\u201D"); return;
            default: break;
        }
        if (HtmlElements.IsHeading(name))
        {
            _heading = null;
            Writer.Paragraph();
        }
        else Break(name);
    }

    private void Break(string name)
    {
        if (HtmlElements.Paragraphs.Contains(name)) Writer.Paragraph();
        else if (HtmlElements.Lines.Contains(name)) Writer.Line();
    }

    private void WriteVoid(string name)
    {
        if (name == "br")
        {
            if (_preAt >= 0) Writer.Preformatted("\n");
            else Writer.LineEnd();
        }
        else if (name == "hr")
        {
            CloseWhatItCloses(name);
            Writer.Paragraph();
        }
        else if (name is "img" or "image" && HtmlWriter.Collapsed(_tags.Attribute("alt") ?? "") is { Length: > 0 } alternative)
            Write($"[Image: {alternative}]");
    }

    private void BeginList(string name)
    {
        Break(_lists.Count == 0 ? "p" : "div");
        int first =
            int.TryParse(_tags.Attribute("start"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int start) ? start : 1;
        _lists.Push((name == "ol", first));
    }

    private void BeginItem()
    {
        Writer.Line();
        string mark = "- ";
        if (_lists.TryPop(out (bool Ordered, int Next) list))
        {
            if (int.TryParse(_tags.Attribute("value"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
                list.Next = number;
            if (list.Ordered) mark = string.Create(CultureInfo.InvariantCulture, $"{list.Next}. ");
            _lists.Push((list.Ordered, unchecked(list.Next + 1)));
        }
        Writer.Mark(new string(' ', 2 * Math.Clamp(_lists.Count - 1, 0, DeepestIndent)) + mark);
    }

    // 10<sup>6</sup> is 10^6; the number of a footnote is a link.
    private bool IsExponent()
    {
        ReadOnlySpan<char> rest = _tags.Rest;
        int end = 0;
        while (end < Math.Min(rest.Length, LongestExponent) && (char.IsAsciiDigit(rest[end]) || rest[end] is '-' or '\u2212')) end++;
        return end > 0 && rest[end..].StartsWith("</sup", StringComparison.OrdinalIgnoreCase);
    }

    private void CloseWhatItCloses(string name)
    {
        if (HtmlElements.ClosesParagraph(name)) CloseOpen("p", _open.LastScope);
        switch (name)
        {
            case "li": CloseOpen("li", Math.Max(_open.LastScope, _open.LastList)); break;
            case "dt" or "dd":
                int list = Math.Max(_open.LastScope, _open.Last("dl"));
                CloseOpen("dt", list);
                CloseOpen("dd", list);
                break;
            case "tr" or "tbody" or "thead" or "tfoot":
                CloseOpen("caption", _open.Last("table"));
                CloseOpen("tr", _open.Last("table"));
                if (name != "tr")
                    foreach (string part in (ReadOnlySpan<string>)["tbody", "thead", "tfoot"]) CloseOpen(part, _open.Last("table"));
                break;
            case "td" or "th":
                int row = Math.Max(_open.Last("table"), _open.Last("tr"));
                CloseOpen("caption", _open.Last("table"));
                CloseOpen("td", row);
                CloseOpen("th", row);
                break;
            case "rt" or "rp" or "rb" or "rtc":
                int ruby = _open.Last("ruby");
                CloseOpen("rt", ruby);
                CloseOpen("rp", ruby);
                if (name != "rt") CloseOpen("rb", ruby);
                break;
            case "option": CloseOpen("option", _open.Last("select")); break;
            default:
                if (HtmlElements.IsHeading(name) && _open.Count > 0 && HtmlElements.IsHeading(_open[_open.Count - 1].Name))
                    CloseTo(_open.Count - 1);
                break;
        }
    }

    private void CloseOpen(string name, int above)
    {
        int at = _open.Last(name);
        if (at > above) CloseTo(at);
    }

    private void Close(string name)
    {
        int at = _open.Last(name);
        // The end of a heading ends whatever heading is open.
        for (char level = '1'; at < 0 && level <= '6' && HtmlElements.IsHeading(name); level++) at = _open.Last($"h{level}");
        if (at < 0)
        {
            if (IsSkipping) return;
            if (name == "br") Writer.LineEnd();
            else if (name == "p") Writer.Paragraph();
            return;
        }
        bool isTable = name is "table" or "tr" or "td" or "th" or "tbody" or "thead" or "tfoot" or "caption";
        int reach = isTable ? (name == "table" ? -1 : _open.Last("table")) : _open.LastScope == at ? -1 : _open.LastScope;
        if (at < reach || (at < _open.LastBlock && !HtmlElements.IsBlock(name) && !HtmlElements.Silent.Contains(name)
            && name is not ("ruby" or "html"))) return;
        CloseTo(at);
    }

    private void CloseTo(int count)
    {
        while (_open.Count > count)
        {
            string name = _open.Pop();
            End(name, _open.Count);
        }
    }
}
