using System.Collections.Generic;
using System.Globalization;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace AhnSharp.Documents.Html;

/// <summary>HTML → the text that a reader of the page reads.</summary>
/// <remarks>
/// Headings stand behind as many # as their level, list items behind - or their number, table rows have | between the cells, images give their alternative text.
/// Scripts, styles and controls are no text. What the page itself marks as navigation or as hidden is left out, and counted.
/// </remarks>
internal static class HtmlText
{
    public static Document ReadFile(string name, byte[] bytes, DocumentLimits limits)
    {
        List<string> notes = [];
        string markup = HtmlBytes.Decode(name, bytes, notes);
        (string text, string? title, string? leftOut) = Convert(name, markup, limits);
        if (leftOut is not null) notes.Add(leftOut);
        return new Document { Name = name, Kind = DocumentKind.Html, Title = title, Parts = TextBytes.Parts(text), Notes = notes };
    }

    /// <summary>The readable text of a page, its title, and a sentence about what was left out (null where nothing was).</summary>
    public static (string Text, string? Title, string? LeftOut) Convert(string name, string markup, DocumentLimits limits)
    {
        if (XhtmlMarkup.IsXhtml(markup)) markup = XhtmlMarkup.CloseEmptyElements(markup);
        if (HtmlNesting.Deepest(markup) is int open && open > limits.HtmlOpenElements)
            throw new DocumentException(name, string.Create(CultureInfo.InvariantCulture, $"expected HTML with at most {limits.HtmlOpenElements:N0} elements open at once, found {open:N0}."));
        HtmlParser parser = new(new HtmlParserOptions { MaximumDepth = limits.HtmlDepth, SkipComments = true, DisableElementPositionTracking = true });
        using IHtmlDocument page = parser.ParseDocument(markup);
        HtmlWalk walk = new();
        if (page.Body is { } body) walk.Read(body);
        string? leftOut = walk.CharactersLeftOut == 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"left out what the page marks as navigation or hidden: {walk.CharactersLeftOut:N0} characters");
        string title = HtmlWriter.Collapsed(page.Title ?? "");
        return (walk.Text, title.Length > 0 ? title : null, leftOut);
    }
}
