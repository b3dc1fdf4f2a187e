using System;
using System.Text;

namespace AhnSharp.Documents.Html;

/// <summary>Makes XHTML readable for an HTML parser, to which <c>&lt;title/&gt;</c> opens a title that never ends.</summary>
internal static class XhtmlMarkup
{
    private static readonly string[] s_void =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

    /// <summary>An XML declaration or the namespace of XHTML near the beginning.</summary>
    public static bool IsXhtml(string markup)
    {
        ReadOnlySpan<char> start = markup.AsSpan(0, Math.Min(markup.Length, 1024));
        return start.TrimStart().TrimStart('\uFEFF').StartsWith("<?xml", StringComparison.Ordinal) || start.Contains("http://www.w3.org/1999/xhtml", StringComparison.Ordinal);
    }

    /// <summary><c>&lt;a id="x"/&gt;</c> → <c>&lt;a id="x"&gt;&lt;/a&gt;</c>, for every element that HTML would leave open.</summary>
    public static string CloseEmptyElements(string markup)
    {
        StringBuilder closed = new(markup.Length);
        int copied = 0;
        for (int at = 0; (at = markup.IndexOf('<', at)) >= 0;)
        {
            if (markup.AsSpan(at).StartsWith("<!--"))
            {
                int end = markup.IndexOf("-->", at, StringComparison.Ordinal);
                if (end < 0) break;
                at = end + 3;
                continue;
            }
            int close = TagEnd(markup, at);
            if (close < 0) break;
            if (markup[close - 1] == '/' && char.IsAsciiLetter(markup[at + 1]))
            {
                ReadOnlySpan<char> name = markup.AsSpan(at + 1, NameLength(markup, at + 1));
                if (!IsVoid(name))
                {
                    closed.Append(markup, copied, close - 1 - copied).Append("></").Append(name).Append('>');
                    copied = close + 1;
                }
            }
            at = close + 1;
        }
        return copied == 0 ? markup : closed.Append(markup, copied, markup.Length - copied).ToString();
    }

    // Index of the > that ends the tag; one inside quotes does not.
    private static int TagEnd(string markup, int start)
    {
        char quote = '\0';
        for (int i = start + 1; i < markup.Length; i++)
        {
            char c = markup[i];
            if (quote != '\0')
            {
                if (c == quote) quote = '\0';
            }
            else if (c is '"' or '\'') quote = c;
            else if (c == '>') return i;
        }
        return -1;
    }

    private static int NameLength(string markup, int start)
    {
        int end = start;
        while (end < markup.Length && (char.IsAsciiLetterOrDigit(markup[end]) || markup[end] is ':' or '-' or '_' or '.')) end++;
        return end - start;
    }

    private static bool IsVoid(ReadOnlySpan<char> name)
    {
        foreach (string element in s_void)
        {
            if (name.Equals(element, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
