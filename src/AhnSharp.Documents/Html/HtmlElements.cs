using System.Collections.Frozen;

namespace AhnSharp.Documents.Html;

/// <summary>What elements are to a reader of text: lines, paragraphs, nothing; and which tags close others that were left open.</summary>
internal static class HtmlElements
{
    /// <summary>No text for readers, whatever is in them.</summary>
    public static readonly FrozenSet<string> Silent = FrozenSet.ToFrozenSet(
    [
        "script", "style", "template", "svg", "canvas", "iframe", "object", "embed", "audio", "video", "select", "datalist",
        "option", "button",
        "textarea", "annotation", "annotation-xml", "noframes", "noembed",
    ]);

    /// <summary>Never have anything in them.</summary>
    public static readonly FrozenSet<string> Void = FrozenSet.ToFrozenSet(
    [
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "image", "input", "keygen", "link", "meta",
        "param", "source", "track", "wbr",
    ]);

    /// <summary>Stand apart from what is around them.</summary>
    public static readonly FrozenSet<string> Paragraphs = FrozenSet.ToFrozenSet(
    [
        "p", "blockquote", "figure", "table", "pre", "listing", "xmp", "dl", "article", "section", "header", "footer", "main", "aside",
        "fieldset", "nav", "dialog",
    ]);

    /// <summary>Have lines of their own.</summary>
    public static readonly FrozenSet<string> Lines = FrozenSet.ToFrozenSet(
    [
        "div", "li", "dt", "dd", "tr", "caption", "figcaption", "address", "body", "form", "details", "summary", "center", "legend",
        "thead", "tbody", "tfoot",
        "noscript", "hgroup", "search", "ul", "ol", "menu", "dir", "td", "th",
    ]);

    // What an end tag of something outside does not reach through. Source: HTML standard, "has an element in scope".
    private static readonly FrozenSet<string> s_scopes = FrozenSet.ToFrozenSet(
        ["table", "td", "th", "caption", "template", "applet", "marquee", "object", "foreignobject", "button"]);

    private static readonly FrozenSet<string> s_closesParagraph = FrozenSet.ToFrozenSet(
    [
        "address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "dd", "dt", "fieldset",
        "figcaption", "figure", "footer", "form",
        "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "listing", "main", "menu", "nav", "ol", "p", "plaintext", "pre",
        "search", "section",
        "summary", "table", "ul", "xmp",
    ]);

    /// <summary>Whether ends of elements outside are not looked for beyond it.</summary>
    public static bool IsScope(string name) => s_scopes.Contains(name);

    /// <summary>Whether a p that is open ends where it begins.</summary>
    public static bool ClosesParagraph(string name) => s_closesParagraph.Contains(name);

    /// <summary>Whether an inline element's end does not reach through it.</summary>
    public static bool IsBlock(string name) => Paragraphs.Contains(name) || Lines.Contains(name) || IsHeading(name);

    /// <summary>h1 to h6.</summary>
    public static bool IsHeading(string name) => name is ['h', >= '1' and <= '6'];

    /// <summary>Whether an svg or math that was left open ends where it begins, as in browsers.</summary>
    public static bool BreaksOut(string name) =>
        s_closesParagraph.Contains(name) || name is "table" or "span" or "b" or "i" or "em" or "strong" or "br" or "img" or "body";
}
