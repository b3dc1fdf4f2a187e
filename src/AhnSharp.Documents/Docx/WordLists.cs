using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using AhnSharp.Documents.Markup;

namespace AhnSharp.Documents.Docx;

/// <summary>What stands before the items of lists: - or the number that is due.</summary>
internal sealed class WordLists
{
    private const int Levels = 9, LongestLetters = 4;
    private readonly Dictionary<string, string> _kinds = [];
    private readonly Dictionary<string, Level[]> _levels = [];
    private readonly Dictionary<string, int[]> _counts = [];

    public static WordLists Read(WordParts parts)
    {
        WordLists lists = new();
        if (parts.Find("numbering") is not { } path) return lists;
        MarkupReader tags = parts.OpenText(path);
        Level[]? open = null;
        string? number = null;
        int level = 0;
        while (tags.Read())
        {
            if (tags.Token == MarkupToken.Close && tags.Name is "abstractnum" or "num") (open, number) = (null, null);
            if (tags.Token != MarkupToken.Open) continue;
            string value = tags.Attribute("val") ?? "";
            switch (tags.Name)
            {
                case "abstractnum" when tags.Attribute("abstractNumId") is { } kind:
                    open = new Level[Levels];
                    Array.Fill(open, new Level("decimal", 1));
                    lists._levels.TryAdd(kind, open);
                    break;
                case "lvl":
                    level = int.TryParse(tags.Attribute("ilvl"), NumberStyles.None, CultureInfo.InvariantCulture, out int inner)
                    ? Math.Clamp(inner, 0, Levels - 1)
                    : 0; break;
                case "numfmt" when open is not null: open[level] = open[level] with { Format = value }; break;
                case "start" when open is not null && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int first):
                    open[level] = open[level] with { Start = first }; break;
                case "num": number = tags.Attribute("numId"); break;
                case "abstractnumid" when number is not null: lists._kinds.TryAdd(number, value); break;
                default: break;
            }
        }
        return lists;
    }

    /// <summary>The mark of the next item of a list; null where the list has none.</summary>
    public string? Next(string list, int level)
    {
        level = Math.Clamp(level, 0, Levels - 1);
        if (list == "0") return null;
        string indent = new(' ', 2 * level);
        if (!_kinds.TryGetValue(list, out string? kind) || !_levels.TryGetValue(kind, out Level[]? levels)) return indent + "- ";
        if (levels[level].Format is "bullet") return indent + "- ";
        if (levels[level].Format is "none") return null;
        if (!_counts.TryGetValue(kind, out int[]? counts)) _counts.Add(kind, counts = new int[Levels]);
        int due = levels[level].Start + counts[level]++;
        Array.Clear(counts, level + 1, Levels - level - 1);
        return $"{indent}{Write(levels[level].Format, due)}. ";
    }

    private static string Write(string format, int number) => format switch
    {
        "lowerLetter" => Letters(number, 'a'),
        "upperLetter" => Letters(number, 'A'),
        "lowerRoman" => Roman(number).ToLowerInvariant(),
        "upperRoman" => Roman(number),
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    // a … z, aa, bb …
    private static string Letters(int number, char first)
    {
        int times = ((number - 1) / 26) + 1;
        return number < 1 || times > LongestLetters ? number.ToString(
            CultureInfo.InvariantCulture) : new string((char)(first + ((number - 1) % 26)), times);
    }

    private static string Roman(int number)
    {
        if (number is < 1 or > 3999) return number.ToString(CultureInfo.InvariantCulture);
        StringBuilder roman = new();
        foreach ((int value, string sign) in ((int, string)[])[(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
            (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")])
        {
            for (; number >= value; number -= value) roman.Append(sign);
        }
        return roman.ToString();
    }

    private readonly record struct Level(string Format, int Start);
}
