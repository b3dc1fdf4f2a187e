using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Documents.Pdf;

/// <summary>Words that are parted by a hyphen at the end of a line are joined; the hyphen stays where the word has one anyway.</summary>
/// <remarks>
/// The document is its own dictionary: "com- mand" is "command" where that stands elsewhere in it, "command- line" is "command-line" where
/// that does, or where both parts stand elsewhere as words and the joined word nowhere. Where nothing is known the hyphen goes. Before a
/// capital or a digit it stays ("Debian- Paket" is "Debian-Paket"). The rest of the word moves up to the line where it began, over columns
/// and pages too.
/// </remarks>
internal static partial class Hyphens
{
    /// <summary>Stands between the parts of a word that the cell of a table has on two of its lines, until the whole document is
    /// known.</summary>
    public const char CellBreak = '\uE00A';

    // After these the hyphen is a word's that is named once for two: "Vor- und Nachteile", "two- and three-fold".
    private static readonly HashSet<string> s_joining =
        ["und", "oder", "bzw", "bis", "and", "or", "to", "et", "ou", "y", "o", "e", "en", "och"];

    public static bool IsHyphenated(string line, string next) =>
        line.Length >= 2 && IsHyphen(line[^1]) && char.IsLetterOrDigit(line[^2]) && next.Length > 0 && char.IsLetterOrDigit(next[0])
            && !s_joining.Contains(FirstWord().Match(next).Value);

    private static bool IsHyphen(char c) => c is '-' or '\u2010' or '\u00AD';

    public static void Join(IReadOnlyList<PageText> pages)
    {
        Dictionary<string, int> words = Words(pages);
        TextLine? open = null;
        foreach (TextLine line in pages.SelectMany(static page => page.Lines))
        {
            if (open is not null && !line.IsVerbatim && IsHyphenated(open.Text, line.Text)
                && (char.IsLower(line.Text[0]) || !line.StartsBlock))
            {
                string rest = First(line.Text);
                line.Text = line.Text[rest.Length..].TrimStart();
                open.Text = Joined(open.Text, rest, words);
            }
            if (line.Text.Length > 0) open = line.IsVerbatim ? null : line;
        }
        foreach (TextLine line in pages.SelectMany(static page => page.Lines))
        {
            for (int at; (at = line.Text.IndexOf(CellBreak, StringComparison.Ordinal)) > 0;)
            {
                string rest = First(line.Text[(at + 1)..]);
                line.Text = Joined(line.Text[..at], rest, words) + line.Text[(at + 1 + rest.Length)..];
            }
        }
        foreach (TextLine line in pages.SelectMany(static page => page.Lines)) line.Text =
            line.Text.Replace("\u00AD", "", StringComparison.Ordinal);
        foreach (PageText page in pages)
        {
            for (int i = 0; i + 1 < page.Lines.Count; i++) page.Lines[i + 1].StartsBlock |= page.Lines[i].Text.Length == 0
                && page.Lines[i].StartsBlock;
            page.Lines.RemoveAll(static line => line.Text.Length == 0);
        }
    }

    private static string Joined(string line, string rest, Dictionary<string, int> words)
    {
        if (line[^1] == '\u00AD') return line[..^1] + rest;
        // A capital or a digit on either side of the break: the word is spelled with its hyphen.
        if (!char.IsLetter(line[^2]) || !char.IsLower(rest[0])) return line + rest;
        string before = LastWord().Match(line[..^1]).Value, after = FirstWord().Match(rest).Value;
        int joined = words.GetValueOrDefault((before + after).ToLowerInvariant()),
            hyphenated = words.GetValueOrDefault($"{before}-{after}".ToLowerInvariant());
        bool keep = hyphenated > joined || (joined == 0 && before.Length >= 3 && after.Length >= 3 && IsKnown(before) && IsKnown(after));
        // No word is parted after its first letter: e-mail, x-ray.
        keep |= before.Length == 1;
        // A third part ("state-of-the-") has its hyphens for good.
        keep |= joined == 0 && line.Length > before.Length + 1 && IsHyphen(line[^(before.Length + 2)]);
        return keep ? line + rest : line[..^1] + rest;

        bool IsKnown(string word) => words.GetValueOrDefault(word.ToLowerInvariant()) >= 2;
    }

    private static string First(string line) => line.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var space ? line[..space] : line;

    // Words with and without hyphens, as they stand within lines: the last word of a line that ends in a hyphen and the first of the next
    // are no evidence.
    private static Dictionary<string, int> Words(IReadOnlyList<PageText> pages)
    {
        Dictionary<string, int> words = [];
        bool broken = false;
        foreach (TextLine line in pages.SelectMany(static page => page.Lines))
        {
            string text = line.Text;
            if (broken && !line.IsVerbatim) text = text[First(text).Length..];
            broken = line.Text.Length > 0 && IsHyphen(line.Text[^1]);
            if (broken) text = text[..(text.LastIndexOf(' ') + 1)];
            foreach (ValueMatch match in Word().EnumerateMatches(text))
            {
                string word = text.Substring(match.Index, match.Length).Replace('\u2010', '-').Replace("\u00AD", "",
                    StringComparison.Ordinal).ToLowerInvariant();
                words[word] = words.GetValueOrDefault(word) + 1;
            }
        }
        return words;
    }

    [GeneratedRegex(@"[\p{L}\p{M}]+(?:[-\u2010\u00AD][\p{L}\p{M}]+)*")]
    private static partial Regex Word();

    [GeneratedRegex(@"[\p{L}\p{M}]+$", RegexOptions.RightToLeft)]
    private static partial Regex LastWord();

    [GeneratedRegex(@"^[\p{L}\p{M}]+")]
    private static partial Regex FirstWord();
}
