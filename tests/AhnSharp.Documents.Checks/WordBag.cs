using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using AhnSharp.Documents.Pdf;

namespace AhnSharp.Documents.Checks;

/// <summary>The words of a text, for counting: runs of letters, marks and digits, in lower case, hyphens within them left out.</summary>
/// <remarks>
/// A character of a script without spaces (Chinese, Japanese) is a word by itself. Hyphens are left out on both sides because pdftotext
/// drops each one at a line's end, those of "command-line" too. Ligatures are spelled out and accents composed on both sides.
/// </remarks>
internal static class WordBag
{
    public static List<string> Of(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        string plain = CharacterForms.Plain(text.Replace('\n', ' '));
        for (int i = 0; i < plain.Length; i++)
        {
            char c = plain[i];
            if (CharacterForms.IsWithoutSpaces(c))
            {
                Close();
                words.Add(c.ToString());
            }
            else if (c is >= '\u0300' and <= '\u036F')
            {
                if (word.Length == 0) continue;
                string composed = Composition.Of(word[^1].ToString(), c.ToString());
                word.Remove(word.Length - 1, 1).Append(composed);
            }
            else if (char.IsLetterOrDigit(c) || char.IsSurrogate(c)
                || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark)
            {
                word.Append(char.ToLowerInvariant(c));
            }
            else if (!(c is '-' or '\u2010' or '\u00AD' && word.Length > 0 && i + 1 < plain.Length && char.IsLetterOrDigit(plain[i + 1])))
            {
                Close();
            }
        }
        Close();
        return words;

        void Close()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }

    /// <summary>Of a bag, what another has not, each as often as it is missing.</summary>
    public static Dictionary<string, int> Missing(IEnumerable<string> of, IEnumerable<string> from)
    {
        Dictionary<string, int> counts = [];
        foreach (string word in of) counts[word] = counts.GetValueOrDefault(word) + 1;
        foreach (string word in from)
        {
            if (counts.TryGetValue(word, out int count)) counts[word] = count - 1;
        }
        return counts.Where(static one => one.Value > 0).ToDictionary();
    }
}
