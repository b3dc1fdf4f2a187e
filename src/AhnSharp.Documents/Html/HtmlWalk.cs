using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AngleSharp.Dom;

namespace AhnSharp.Documents.Html;

/// <summary>Walks a page and writes what can be read on it. The depth is that of the page, which the parser has bounded.</summary>
internal sealed class HtmlWalk
{
    // No text for readers, whatever is in them.
    private static readonly FrozenSet<string> s_silent = FrozenSet.ToFrozenSet(
    [
        "script", "style", "template", "head", "svg", "canvas", "iframe", "object", "embed", "audio", "video", "select", "datalist", "option", "button", "input",
        "textarea", "annotation", "annotation-xml", "title", "noframes",
    ]);

    private static readonly FrozenSet<string> s_paragraphs = FrozenSet.ToFrozenSet(["p", "blockquote", "figure", "table", "pre", "hr", "dl", "article", "section", "header", "footer", "main", "aside", "fieldset"]);

    private static readonly FrozenSet<string> s_lines = FrozenSet.ToFrozenSet(
        ["div", "li", "dt", "dd", "tr", "caption", "figcaption", "address", "body", "form", "details", "summary", "center", "legend", "option", "thead", "tbody", "tfoot", "noscript", "hgroup", "search"]);

    private const int DeepestIndent = 8;
    private readonly HtmlWriter _writer = new();
    private readonly Stack<(bool Ordered, int Next)> _lists = [];

    public string Text => _writer.Text;

    /// <summary>Characters of navigation and hidden elements.</summary>
    public long CharactersLeftOut { get; private set; }

    public void Read(INode parent)
    {
        foreach (INode node in parent.ChildNodes)
        {
            if (node is IText text) _writer.Run(text.Data);
            else if (node is IElement element) Read(element);
        }
    }

    private void Read(IElement element)
    {
        string tag = element.LocalName;
        if (s_silent.Contains(tag)) return;
        if (IsLeftOut(element))
        {
            CharactersLeftOut += HtmlWriter.Collapsed(element.TextContent).Length;
            return;
        }
        switch (tag)
        {
            case "br": _writer.LineEnd(); return;
            case "img": Image(element); return;
            case "pre": Preformatted(element); return;
            case "ul" or "ol" or "menu": List(element); return;
            case "table" when IsData(element): Table(element); return;
            case "sup" when IsExponent(element): _writer.Mark("^"); break;
            case "li": Item(element); return;
            case ['h', >= '1' and <= '6']: Heading(element, tag[1] - '0'); return;
            default: break;
        }
        bool paragraph = s_paragraphs.Contains(tag), line = s_lines.Contains(tag);
        if (paragraph) _writer.Paragraph();
        else if (line) _writer.Line();
        // Cells of a table that only arranges things.
        if (tag is "td" or "th") _writer.Run(" ");
        if (tag == "q") _writer.Run("\u201C");
        Read((INode)element);
        if (tag == "q") _writer.Run("\u201D");
        if (paragraph) _writer.Paragraph();
        else if (line) _writer.Line();
    }

    private static bool IsLeftOut(IElement element) =>
        element.LocalName == "nav" || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true"
        || element.GetAttribute("role") is "navigation" or "search" or "menu" or "menubar" or "toolbar";

    private void Heading(IElement element, int level)
    {
        if (HtmlWriter.Collapsed(element.TextContent).Length == 0) return;
        _writer.Paragraph();
        _writer.Mark(new string('#', level) + " ");
        Read((INode)element);
        _writer.Paragraph();
    }

    private void List(IElement element)
    {
        if (_lists.Count == 0) _writer.Paragraph();
        else _writer.Line();
        int first = int.TryParse(element.GetAttribute("start"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int start) ? start : 1;
        _lists.Push((element.LocalName == "ol", first));
        Read((INode)element);
        _lists.Pop();
        if (_lists.Count == 0) _writer.Paragraph();
        else _writer.Line();
    }

    private void Item(IElement element)
    {
        _writer.Line();
        string mark = "- ";
        if (_lists.TryPop(out (bool Ordered, int Next) list))
        {
            if (list.Ordered) mark = string.Create(CultureInfo.InvariantCulture, $"{list.Next}. ");
            _lists.Push((list.Ordered, list.Next + 1));
        }
        _writer.Mark(new string(' ', 2 * Math.Clamp(_lists.Count - 1, 0, DeepestIndent)) + mark);
        Read((INode)element);
        _writer.EndMark();
        _writer.Line();
    }

    private void Preformatted(IElement element)
    {
        _writer.Paragraph();
        _writer.Preformatted(element.TextContent);
        _writer.Paragraph();
    }

    private void Image(IElement element)
    {
        string alternative = HtmlWriter.Collapsed(element.GetAttribute("alt") ?? "");
        if (alternative.Length > 0) _writer.Run($"[Image: {alternative}]");
    }

    // A table inside a table, or one that says so, arranges things on the page.
    private static bool IsData(IElement table) =>
        table.GetAttribute("role") is not ("presentation" or "none") && table.QuerySelector("table") is null;

    private void Table(IElement table)
    {
        _writer.Paragraph();
        foreach (IElement part in table.QuerySelectorAll("caption, tr"))
        {
            _writer.Line();
            if (part.LocalName == "caption") _writer.Run(CellText(part));
            else _writer.Run(string.Join(" | ", part.Children.Where(static cell => cell.LocalName is "td" or "th").Select(CellText)));
        }
        _writer.Paragraph();
    }

    // A cell is one line, whatever stands in it.
    private string CellText(IElement cell)
    {
        HtmlWalk inside = new();
        inside.Read((INode)cell);
        CharactersLeftOut += inside.CharactersLeftOut;
        return HtmlWriter.Collapsed(inside.Text);
    }

    // 10<sup>6</sup> is 10^6; the number of a footnote is a link.
    private static bool IsExponent(IElement element) =>
        element.TextContent.Length > 0 && element.Children.Length == 0 && element.TextContent.All(static c => char.IsAsciiDigit(c) || c is '-' or '\u2212');
}
