using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Cli.Help;

/// <summary>Which of several words a mistyped one may have been.</summary>
internal static class Nearest
{
    /// <summary>", did you mean 'X'?" without its question mark's sentence end; empty where nothing is near.</summary>
    internal static string Hint(string typed, IEnumerable<string> words) =>
        Of(typed, words) is { } word ? $" (did you mean '{word}'?)" : "";

    /// <summary>The nearest word; null where none is near enough.</summary>
    /// <remarks>
    /// A beginning of at least three characters counts as near; else as many changes as a third of the word's length, two letters that
    /// changed places being one.
    /// </remarks>
    internal static string? Of(string typed, IEnumerable<string> words)
    {
        string bare = typed.TrimStart('-');
        (string Word, double Far)? best = null;
        foreach (string word in words.Distinct())
        {
            string other = word.TrimStart('-');
            double far = bare.Length >= 3 && other.StartsWith(bare, StringComparison.OrdinalIgnoreCase)
                ? 0.5 + (0.01 * (other.Length - bare.Length))
                : Changes(bare.ToLowerInvariant(), other.ToLowerInvariant());
            if (far > Math.Max(1, Math.Min(bare.Length, other.Length) / 3) || (best is { } found && found.Far <= far)) continue;
            best = (word, far);
        }
        return best?.Word;
    }

    // Levenshtein's distance, with two neighbours that changed places as one change.
    private static int Changes(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) d[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int same = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + same);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
