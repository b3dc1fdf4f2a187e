using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Html;

/// <summary>Which elements of a page are left out though they hold text, and how much of each kind was.</summary>
/// <remarks>
/// What the page itself says: nav and its roles, hidden, aria-hidden, display: none; of a page of the web also the header, footer and
/// asides that are not part of its article, and the notice about cookies. A header that holds the only title stays.
/// </remarks>
internal sealed class HtmlLeftOut
{
    private static readonly string[] s_words =
        ["navigation", "hidden", "the page's header, footer and asides", "a notice about cookies", "readings of ruby text"];
    private static readonly string[] s_noticeWords =
        ["banner", "consent", "notice", "bar", "popup", "modal", "overlay", "law", "message", "alert", "dialog", "warning", "info"];
    private static readonly string[] s_notes = ["footnote", "endnote", "admonition"];
    private readonly long[] _characters = new long[s_words.Length];

    /// <summary>Why an element is left out.</summary>
    public enum Reason
    {
        None = -1,
        Navigation,
        Hidden,
        Furniture,
        Cookies,
        Ruby,
    }

    /// <summary>Counts text of a part that is left out.</summary>
    public void Count(Reason reason, int characters) => _characters[(int)reason] += characters;

    /// <summary>Adds what another page's was.</summary>
    public void Add(HtmlLeftOut other)
    {
        for (int i = 0; i < _characters.Length; i++) _characters[i] += other._characters[i];
    }

    /// <summary>A sentence about it all; null where nothing was.</summary>
    public string? Sentence()
    {
        long all = _characters.Sum();
        if (all == 0) return null;
        IEnumerable<string> kinds = s_words.Zip(_characters).Where(static kind => kind.Second > 0).Select(kind =>
            kind.Second == all ? kind.First : string.Create(CultureInfo.InvariantCulture, $"{kind.First} ({kind.Second:N0})"));
        return string.Create(CultureInfo.InvariantCulture,
            $"left out {all:N0} {(all == 1 ? "character" : "characters")} that the page marks as {string.Join(", ", kinds)}");
    }

    /// <summary>A sentence about what is hidden alone: it is text of the chapter; null where nothing is.</summary>
    public string? SentenceOfHidden()
    {
        long hidden = _characters[(int)Reason.Hidden];
        return hidden == 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"left out {hidden:N0} {(hidden == 1 ? "character" : "characters")} that it marks as hidden");
    }

    /// <summary>Why the element that the reader stands at is left out.</summary>
    /// <param name="tag">At its opening tag.</param>
    /// <param name="isBook">A chapter of a book: its asides are notes, its headers titles.</param>
    /// <param name="isOutside">Stands in no article, section or main part, in a page that has one or whose furniture is named.</param>
    /// <param name="keepsHeader">The page's only title stands in a header.</param>
    public static Reason Of(MarkupReader tag, bool isBook, bool isOutside, bool keepsHeader)
    {
        string name = tag.Name;
        if (name is "rt" or "rp" or "rtc") return Reason.Ruby;
        if (name == "nav") return Reason.Navigation;
        if (name == "dialog" && tag.Attribute("open") is null) return Reason.Hidden;
        string role = !tag.HasAttributes ? "" : tag.Attribute("role") ?? "";
        if (!isBook && isOutside && (name is "footer" or "aside" or "header" || role is "contentinfo" or "complementary" or "banner")
            && !role.StartsWith("doc-", StringComparison.Ordinal) && role != "note"
            && !(keepsHeader && (name == "header" || role == "banner")) && !IsNote(tag)) return Reason.Furniture;
        if (!tag.HasAttributes) return Reason.None;
        if (role is "navigation" or "search" or "menu" or "menubar" or "toolbar") return Reason.Navigation;
        if (tag.Attribute("hidden") is { } hidden && !hidden.Equals("until-found", StringComparison.OrdinalIgnoreCase))
            return Reason.Hidden;
        if (tag.Attribute("aria-hidden") is { } aria && aria.Trim().Equals("true", StringComparison.OrdinalIgnoreCase))
            return Reason.Hidden;
        if (tag.Attribute("style") is { } style && IsInvisible(style)) return Reason.Hidden;
        return isBook ? Reason.None : ByClass(tag);
    }

    // Footnotes and warnings that are asides by their tag alone, as Docutils writes them.
    private static bool IsNote(MarkupReader tag) =>
        tag.Attribute("class") is { } names && s_notes.Any(note => names.Contains(note, StringComparison.OrdinalIgnoreCase));

    private static bool IsInvisible(string style)
    {
        string rules = style.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        return rules.Contains("display:none", StringComparison.Ordinal) || rules.Contains("visibility:hidden", StringComparison.Ordinal);
    }

    // DocBook, Texinfo and Sphinx say so by class alone.
    private static Reason ByClass(MarkupReader tag)
    {
        string named = $"{tag.Attribute("class")} {tag.Attribute("id")}";
        if (named.Length == 1) return Reason.None;
        foreach (string word in named.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string lower = word.ToLowerInvariant();
            if (lower is "navheader" or "navfooter" or "nav-panel" or "breadcrumb" or "breadcrumbs" or "skip-link" or "skiplink"
                or "headerlink") return Reason.Navigation;
            if (tag.Name is not ("div" or "section" or "aside" or "dialog" or "form" or "footer")) continue;
            if (lower.Contains("onetrust", StringComparison.Ordinal) || lower.Contains("cookiebot", StringComparison.Ordinal)
                || lower.Contains("gdpr", StringComparison.Ordinal)) return Reason.Cookies;
            if (lower.Contains("cookie", StringComparison.Ordinal)
                && s_noticeWords.Any(notice => lower.Contains(notice, StringComparison.Ordinal))) return Reason.Cookies;
        }
        return Reason.None;
    }
}
