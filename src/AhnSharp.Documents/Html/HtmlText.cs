using System;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Html;

/// <summary>HTML → the text that a reader of the page reads.</summary>
/// <remarks>
/// Headings stand behind as many # as their level, list items behind - or their number, table rows have | between the cells, images give
/// their alternative text. Scripts, styles and controls are no text. What the page itself marks as navigation, as hidden or as its
/// furniture is left out, and counted.
/// </remarks>
internal static class HtmlText
{
    public static Document ReadFile(string name, byte[] bytes)
    {
        NoteList notes = new();
        string markup = MarkupBytes.Decode(bytes, isXml: false, notes);
        (string text, string? title, HtmlLeftOut leftOut, bool isAll) = Convert(markup, isBook: false);
        if (leftOut.Sentence() is { } sentence) notes.Add(sentence);
        if (isAll) notes.Add("all of its text is marked as navigation or hidden; it is read all the same");
        return new Document { Name = name, Kind = DocumentKind.Html, Title = title, Parts = TextBytes.Parts(text), Notes = notes.ToList() };
    }

    /// <summary>The readable text of a page, its title, and what was left out; where nothing would be left, all of it.</summary>
    public static (string Text, string? Title, HtmlLeftOut LeftOut, bool IsAll) Convert(string markup, bool isBook)
    {
        MarkupKind kind = KindOf(markup, isBook);
        HtmlWalk walk = new(markup, kind, isBook, keepsAll: false);
        walk.Read();
        bool isAll = false;
        if (string.IsNullOrWhiteSpace(walk.Text) && walk.LeftOut.Sentence() is not null)
        {
            walk = new HtmlWalk(markup, kind, isBook, keepsAll: true);
            walk.Read();
            isAll = !string.IsNullOrWhiteSpace(walk.Text);
        }
        return (walk.Text, PlainName.Line(walk.Title), walk.LeftOut, isAll);
    }

    // An XML declaration or the namespace of XHTML near the beginning; chapters are XHTML whatever they say.
    private static MarkupKind KindOf(string markup, bool isBook)
    {
        ReadOnlySpan<char> start = markup.AsSpan(0, Math.Min(markup.Length, 1024));
        bool isXhtml = isBook || start.TrimStart().TrimStart('\uFEFF').StartsWith("<?xml", StringComparison.OrdinalIgnoreCase)
            || start.Contains("http://www.w3.org/1999/xhtml", StringComparison.OrdinalIgnoreCase);
        return isXhtml ? MarkupKind.Xhtml : MarkupKind.Html;
    }
}
