using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>The named sets of regular expressions, as ECMAScript defines them, and Unicode's general categories.</summary>
internal static class CharClasses
{
    private static readonly string[] s_categories =
        ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];

    private static readonly Lazy<CharSet[]> s_sets = new(ReadCategories);
    private static readonly Lazy<(int From, int To)[]> s_cases = new(ReadCases);

    public static CharSet Digit { get; } = CharSet.Of(('0', '9'));
    public static CharSet Word { get; } = CharSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    public static CharSet Space { get; } = CharSet.Of(
        (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF));
    public static CharSet Dot { get; } = CharSet.Of((10, 10), (13, 13), (0x2028, 0x2029)).Complement();

    /// <summary>The set of a category (Lu) or of a group of them (L); null where there is none of the name.</summary>
    public static CharSet? Category(string name)
    {
        CharSet? found = null;
        for (int i = 0; i < s_categories.Length; i++)
        {
            if (name.Length is 1 or 2 && s_categories[i].StartsWith(name, StringComparison.Ordinal))
                found = (found ?? CharSet.None).Union(s_sets.Value[i]);
        }
        return found;
    }

    /// <summary>The set with every letter in the other case as well.</summary>
    public static CharSet BothCases(CharSet set)
    {
        List<(int, int)> ranges = [.. set.Ranges];
        foreach ((int from, int to) in s_cases.Value)
        {
            if (set.Contains(from)) ranges.Add((to, to));
        }
        return CharSet.Of([.. ranges]);
    }

    private static CharSet[] ReadCategories()
    {
        List<(int, int)>[] ranges = new List<(int, int)>[s_categories.Length];
        int first = 0;
        for (int i = 1; i <= CharSet.Largest + 1; i++)
        {
            int category = (int)CharUnicodeInfo.GetUnicodeCategory(i - 1);
            if (i <= CharSet.Largest && (int)CharUnicodeInfo.GetUnicodeCategory(i) == category) continue;
            (ranges[category] ??= []).Add((first, i - 1));
            first = i;
        }
        CharSet[] sets = new CharSet[ranges.Length];
        for (int i = 0; i < sets.Length; i++) sets[i] = CharSet.Of([.. ranges[i] ?? []]);
        return sets;
    }

    private static (int From, int To)[] ReadCases()
    {
        List<(int, int)> cases = [];
        // No script beyond U+1FFFF has cases.
        for (int i = 0; i <= 0x1FFFF; i++)
        {
            if (!Rune.TryCreate(i, out Rune rune)) continue;
            int lower = Rune.ToLowerInvariant(rune).Value, upper = Rune.ToUpperInvariant(rune).Value;
            if (lower != i) cases.Add((i, lower));
            if (upper != i) cases.Add((i, upper));
        }
        return [.. cases];
    }
}
