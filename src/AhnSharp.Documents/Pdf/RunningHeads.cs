using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Documents.Pdf;

/// <summary>Lines that stand at the top or bottom of page after page (titles, chapters, page numbers) are taken out, and told.</summary>
/// <remarks>
/// The outermost baselines of a page are looked at: three, where they are within 4 em of each other. A line is a running head where a line
/// of the same size and text, page numbers aside, stands at the same height (within 3 points) on three pages or more, each a page or two
/// from another; and a lone number where the numbers at that height count with the pages. Where such lines fill a height on half of the
/// pages, other lines of that height and size, outside of all the rest, are running heads too: the heads of short chapters.
/// </remarks>
internal static class RunningHeads
{
    private const int Outermost = 3, LeastPages = 3, Named = 6;
    private const double SameHeight = 3, Together = 4;

    /// <summary>Takes them out; returns a sentence for the notes, or null where there are none.</summary>
    public static string? Remove(IReadOnlyList<PageText> pages)
    {
        List<Candidate> candidates = [];
        foreach (PageText page in pages)
        {
            Add(page, top: true);
            Add(page, top: false);
        }
        HashSet<TextLine> heads = [];
        foreach (IGrouping<(bool, string, double), Candidate> group in candidates
            .GroupBy(static one => (one.Top, one.Shape, Math.Round(one.Line.Em, 1))))
        {
            foreach (List<Candidate> level in Levels(group))
            {
                if (AreRunning(level) && (!IsNumber(group.Key.Item2) || CountWithPages(level))) heads.UnionWith(level
                    .Select(static one => one.Line));
            }
        }
        AddOthersOfTheirHeight(pages, candidates, heads);
        AddNumbers(candidates, heads);
        if (heads.Count == 0) return null;
        Dictionary<string, (string First, int Count)> told = [];
        int numbers = 0;
        foreach (Candidate candidate in candidates.Where(one => heads.Contains(one.Line)).DistinctBy(static one => one.Line))
        {
            if (IsNumber(candidate.Shape)) numbers++;
            else told[candidate.Shape] = told.TryGetValue(candidate.Shape, out (string First, int Count) known)
                ? (known.First, known.Count + 1) : (candidate.Line.Text, 1);
        }
        foreach (PageText page in pages)
        {
            for (int i = 0; i + 1 < page.Lines.Count; i++)
            {
                if (heads.Contains(page.Lines[i])) page.Lines[i + 1].StartsBlock = true;
            }
            page.Lines.RemoveAll(heads.Contains);
        }
        return Sentence(told, numbers);

        void Add(PageText page, bool top)
        {
            double last = double.NaN;
            int levels = 0;
            IEnumerable<TextLine> upright = page.Lines.Where(static line => line.IsUpright);
            foreach (TextLine line in top ? upright.OrderByDescending(static line => line.Y) : upright.OrderBy(static line => line.Y))
            {
                if (!(Math.Abs(line.Y - last) <= SameHeight)
                    && (++levels > Outermost || Math.Abs(line.Y - last) > Together * line.Em)) break;
                last = line.Y;
                candidates.Add(new Candidate(page.Number, line, Shape(line.Text), top, levels));
            }
        }
    }

    // A line at the very edge of its page, at a height and of a size that heads have on half of the pages.
    private static void AddOthersOfTheirHeight(IReadOnlyList<PageText> pages, List<Candidate> candidates, HashSet<TextLine> heads)
    {
        foreach (bool top in (bool[])[true, false])
        {
            Dictionary<(double, double), HashSet<int>> heights = [];
            foreach (Candidate one in candidates.Where(one => one.Top == top && heads.Contains(one.Line)))
            {
                (double, double) height = (Math.Round(one.Line.Y), Math.Round(one.Line.Em, 1));
                if (!heights.TryGetValue(height, out HashSet<int>? of)) heights.Add(height, of = []);
                of.Add(one.Page);
            }
            foreach (Candidate one in candidates.Where(one => one.Top == top && one.Level == 1 && !heads.Contains(one.Line)))
            {
                if (heights.TryGetValue((Math.Round(one.Line.Y), Math.Round(one.Line.Em, 1)), out HashSet<int>? of)
                    && of.Count * 2 >= pages.Count && of.Count >= LeastPages) heads.Add(one.Line);
            }
        }
    }

    // Where most pages have their number, those that have it at another height (a title page, the first page of a chapter) have it too.
    private static void AddNumbers(List<Candidate> candidates, HashSet<TextLine> heads)
    {
        HashSet<long> offsets =
            [.. candidates.Where(one => heads.Contains(one.Line) && IsNumber(one.Shape) && Value(one.Line.Text) is not null)
            .GroupBy(static one => Value(one.Line.Text)!.Value - one.Page).Where(static group => group.Count() >= LeastPages)
            .Select(static group => group.Key)];
        foreach (Candidate one in candidates)
        {
            if (one.Level == 1 && IsNumber(one.Shape) && Value(one.Line.Text) is { } value
                && offsets.Contains(value - one.Page)) heads.Add(one.Line);
        }
    }

    // On three pages or more, most of which have a neighbour that has it too, on the next page or the one after (left and right pages
    // differ). The word CHAPTER over every chapter has no such neighbours.
    private static bool AreRunning(List<Candidate> level)
    {
        int[] pages = [.. level.Select(static one => one.Page).Distinct().Order()];
        int near = Enumerable.Range(0, pages.Length)
            .Count(i => (i > 0 && pages[i] - pages[i - 1] <= 2) || (i + 1 < pages.Length && pages[i + 1] - pages[i] <= 2));
        return near >= LeastPages && near * 2 >= pages.Length;
    }

    // Lines of one height, each within 3 points of the one before.
    private static IEnumerable<List<Candidate>> Levels(IEnumerable<Candidate> group)
    {
        List<Candidate> level = [];
        foreach (Candidate one in group.OrderBy(static one => one.Line.Y))
        {
            if (level.Count > 0 && one.Line.Y - level[^1].Line.Y > SameHeight)
            {
                yield return level;
                level = [];
            }
            level.Add(one);
        }
        if (level.Count > 0) yield return level;
    }

    // Numbers that are the page's own, but for a constant: on most pages the number grows as the page does.
    private static bool CountWithPages(List<Candidate> level)
    {
        Dictionary<long, int> offsets = [];
        foreach (Candidate one in level)
        {
            if (Value(one.Line.Text) is not { } value) continue;
            offsets[value - one.Page] = offsets.GetValueOrDefault(value - one.Page) + 1;
        }
        return offsets.Values.DefaultIfEmpty().Max() >= LeastPages && offsets.Values.Where(static count => count >= 2)
            .Sum() * 2 >= level.Count;
    }

    private static long? Value(string text)
    {
        string bare = text.Trim(' ', '-', '–', '—', '[', ']', '(', ')', '.');
        if (long.TryParse(bare, NumberStyles.None, CultureInfo.InvariantCulture, out long value)) return value;
        int roman = 0, last = 0;
        foreach (char c in Enumerable.Reverse(bare.ToLowerInvariant()))
        {
            int digit = c switch { 'i' => 1, 'v' => 5, 'x' => 10, 'l' => 50, 'c' => 100, _ => 0 };
            if (digit == 0) return null;
            roman += digit < last ? -digit : digit;
            last = Math.Max(last, digit);
        }
        return roman == 0 ? null : roman;
    }

    private static bool IsNumber(string shape) => shape is "#" or "- # -" or "– # –" or "[#]" or "(#)" or "#.";

    // The text with # for its whole numbers, which may be the page's ("Page 3 of 90"; not those of "4.1 Purpose"); a line that is a roman
    // number alone is one.
    private static string Shape(string text)
    {
        if (text.Length <= 8 && Value(text) is not null && !text.Any(char.IsAsciiDigit)) return "#";
        return string.Join(' ', text.Split(' ')
            .Select(static word => word.Trim('-', '–', '—', '[', ']', '(', ')', '.') is { Length: > 0 } bare
            && !word.EndsWith('.') && bare.All(char.IsAsciiDigit) ? word.Replace(bare, "#", StringComparison.Ordinal) : word));
    }

    private static string Sentence(Dictionary<string, (string First, int Count)> told, int numbers)
    {
        List<string> parts = [.. told.Values.OrderByDescending(static one => one.Count).Take(Named)
            .Select(static one => string.Create(CultureInfo.InvariantCulture, $"\"{one.First}\" ({Times(one.Count)})"))];
        int more = told.Count - parts.Count;
        if (more > 0) parts.Add(string.Create(CultureInfo.InvariantCulture,
            $"{more} others ({Times(told.Values.OrderByDescending(static one => one.Count).Skip(Named).Sum(static one => one.Count))})"));
        if (numbers > 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"page numbers ({Times(numbers)})"));
        return $"left out as running heads and feet: {string.Join(", ", parts)}";
    }

    private static string Times(int count) => count == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{count} times");

    private readonly record struct Candidate(int Page, TextLine Line, string Shape, bool Top, int Level);
}
