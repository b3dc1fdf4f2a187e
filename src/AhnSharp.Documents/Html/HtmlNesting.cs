using System;
using System.Collections.Frozen;
using System.Collections.Generic;

namespace AhnSharp.Documents.Html;

/// <summary>How many elements of a page stand open at once, counted from its tags alone, before it is parsed.</summary>
/// <remarks>
/// The parser looks through all open elements at most tags, so 200,000 of them inside each other take minutes and 10,000 a second. Tags that HTML closes by
/// itself, such as li and p, do not count: lists of any length leave them open.
/// </remarks>
internal static class HtmlNesting
{
    private static readonly FrozenSet<string> s_closedByThemselves = FrozenSet.ToFrozenSet(
        [
            "html", "head", "body", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup", "option", "optgroup", "rt", "rp",
            "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        ],
        StringComparer.OrdinalIgnoreCase);

    public static int Deepest(string markup)
    {
        Dictionary<string, int> open = new(StringComparer.OrdinalIgnoreCase);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> counts = open.GetAlternateLookup<ReadOnlySpan<char>>();
        FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> uncounted = s_closedByThemselves.GetAlternateLookup<ReadOnlySpan<char>>();
        int depth = 0, deepest = 0;
        for (int at = 0; (at = markup.IndexOf('<', at)) >= 0;)
        {
            at++;
            bool ends = at < markup.Length && markup[at] == '/';
            int start = ends ? at + 1 : at, end = start;
            while (end < markup.Length && char.IsAsciiLetterOrDigit(markup[end])) end++;
            ReadOnlySpan<char> name = markup.AsSpan(start, end - start);
            if (name.IsEmpty || uncounted.Contains(name)) continue;
            int before = counts.TryGetValue(name, out int count) ? count : 0;
            if (ends && before == 0) continue;
            counts[name] = before + (ends ? -1 : 1);
            depth += ends ? -1 : 1;
            deepest = Math.Max(deepest, depth);
        }
        return deepest;
    }
}
