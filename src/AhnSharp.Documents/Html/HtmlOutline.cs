using System;
using System.Collections.Generic;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Html;

/// <summary>What must be known of a page before it is read: which tables only arrange things, and where the page's own text is.</summary>
internal sealed class HtmlOutline
{
    private static readonly string[] s_asksFor = ["<table", "<main", "<article", "<header", "<footer", "<aside", "role="];
    private readonly List<bool> _arranges = [];

    /// <summary>Whether the page says which part of it is its text.</summary>
    public bool HasMain { get; private set; }

    /// <summary>Whether the only title of the first level stands in a header.</summary>
    public bool HasTitleInHeader { get; private set; }

    /// <summary>
    /// Whether the table, counted in the order of their tags, holds another table, code or headings: then its cells are no cells of data.
    /// </summary>
    public bool Arranges(int table) => table < _arranges.Count && _arranges[table];

    /// <summary>Looks through the tags once.</summary>
    public static HtmlOutline Of(string markup, MarkupKind kind)
    {
        HtmlOutline outline = new();
        if (!Array.Exists(s_asksFor, word => markup.Contains(word, StringComparison.OrdinalIgnoreCase))) return outline;
        Stack<int> open = [];
        int articles = 0, headers = 0, titlesInHeaders = 0, titles = 0;
        MarkupReader tags = new(markup, kind);
        while (tags.Read())
        {
            if (tags.Token == MarkupToken.Text) continue;
            bool opens = tags.Token == MarkupToken.Open;
            switch (tags.Name)
            {
                case "table" when opens:
                    if (open.TryPeek(out int around)) outline._arranges[around] = true;
                    open.Push(outline._arranges.Count);
                    outline._arranges.Add(tags.Attribute("role") is "presentation" or "none");
                    break;
                case "table": open.TryPop(out _); break;
                case "pre" or "h1" or "h2" or "h3" when opens && open.TryPeek(out int inside): outline._arranges[inside] = true; break;
                case "main" or "article":
                    outline.HasMain |= opens;
                    articles = Math.Max(0, articles + (opens ? 1 : -1));
                    break;
                case "header": headers = Math.Max(0, headers + (opens ? 1 : -1)); break;
                default: break;
            }
            if (opens && tags.HasAttributes && tags.Attribute("role") == "main") outline.HasMain = true;
            if (!opens || tags.Name != "h1") continue;
            titles++;
            if (headers > 0 && articles == 0) titlesInHeaders++;
        }
        outline.HasTitleInHeader = titlesInHeaders > 0 && titles == titlesInHeaders;
        return outline;
    }
}
