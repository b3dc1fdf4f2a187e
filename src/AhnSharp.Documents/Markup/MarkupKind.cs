namespace AhnSharp.Documents.Markup;

/// <summary>How markup is told apart: what ends by itself, what is raw.</summary>
internal enum MarkupKind
{
    /// <summary>HTML: scripts, styles and titles are raw, <c>/&gt;</c> closes nothing.</summary>
    Html,

    /// <summary>XHTML: <c>/&gt;</c> closes, CDATA is text, a document type may define entities; scripts and styles are raw.</summary>
    Xhtml,

    /// <summary>XML of any kind, as XHTML without anything raw; names lose their prefixes.</summary>
    Xml,
}
