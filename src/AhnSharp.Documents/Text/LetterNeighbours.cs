using System;
using System.Collections.Generic;
using System.Globalization;

namespace AhnSharp.Documents.Text;

/// <summary>How well a text read under an alphabet's encoding looks like words, by what stands beside each letter outside ASCII.</summary>
internal static class LetterNeighbours
{
    // What European texts have beside their words.
    private const string Signs =
        "\u2013\u2014\u2018\u2019\u201A\u201C\u201D\u201E\u2022\u2026\u20AC\u2122\u00A0\u00A3\u00A7\u00A9\u00AB\u00AE\u00B0\u00B1\u00B2"
            + "\u00B3\u00B5\u00B7\u00BB\u00BC\u00BD\u00BE\u00D7\u2116\u00BF\u00A1\u00AD\u00BA\u00AA";

    // Letters that carry most of each language's writing; the capitals count half.
    private static readonly Dictionary<int, string> s_common = new()
    {
        [1252] = "éèàùâêîôûçëïöüäßñáíóúåæøãõì\u0153ò",
        [1250] = "ąćęłńóśźżáčďéěíňřšťúůýžőűöüäăâîşţđ",
        [1251] = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґў",
        [20866] = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        [866] = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        [1253] = "αοιετσνηυρπκμλωςγδχθάήίόέώύβφξζψ",
    };

    public static double Score(int page, string text)
    {
        string common = s_common[page];
        double sum = 0;
        int counted = 0, run = 0, letters = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c < 0x80)
            {
                run = 0;
                continue;
            }
            counted++;
            char before = i > 0 ? text[i - 1] : ' ', after = i + 1 < text.Length ? text[i + 1] : ' ';
            bool inWord = char.IsLetter(before) || char.IsLetter(after);
            if (char.IsLetter(c) && c is not ('\u00AA' or '\u00BA'))
            {
                run++;
                letters++;
                sum += LetterScore(page, c, before, inWord, common, run);
            }
            else
            {
                run = 0;
                bool inside = char.IsLetter(before) && char.IsLetter(after);
                if (char.IsControl(c)) sum -= 2;
                else if (inside && c is not ('\u2019' or '\u00AD' or '\u00B7' or '\u2013' or '\u2014' or '\u00A0')) sum -= 1;
                else
                {
                    sum += Signs.Contains(
                        c, StringComparison.Ordinal) ? 0.6 : char.GetUnicodeCategory(c) == UnicodeCategory.OtherSymbol ? -0.5 : 0;
                }
            }
        }
        // Signs alone say nothing of an alphabet, but that of the west, whose quotation marks they are.
        return counted == 0 || (letters == 0 && page != 1252) ? 0 : sum / counted;
    }

    private static double LetterScore(int page, char c, char before, bool inWord, string common, int run)
    {
        bool isLatin = page is 1252 or 1250;
        bool isMixed = !isLatin && (char.IsAsciiLetter(before) || (char.IsLetter(before) && IsLatin(before)));
        if (isMixed) return -1;
        // Accented letters stand between plain ones: three in a row are another alphabet.
        if (isLatin && run > 2) return -1;
        if (char.IsUpper(c) && char.IsLower(before)) return -1;
        if (!inWord) return isLatin ? (c is 'à' or 'À' or 'é' or 'É' or 'ó' or 'í' or 'è' or 'å' or 'ø' ? 0.2 : -0.5) : 0.2;
        double known = common.Contains(char.ToLowerInvariant(c), StringComparison.Ordinal) ? 1 : 0.1;
        // The letters of the west before those that only look like them.
        if (page == 1252) known += 0.02;
        return char.IsUpper(c) ? known / 2 : known;
    }

    private static bool IsLatin(char c) => c < 0x250;
}
