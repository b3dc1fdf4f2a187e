using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// How alike two lines of code are, in whole percent: characters in matching blocks, found by Ratcliff's and Obershelp's method.
/// </summary>
/// <remarks>
/// The number of fuzzywuzzy's ratio (af443f91) without the optional Levenshtein package, which LongBench's requirements do not name:
/// 200·M/T, rounded half to even, where T is the characters of both and M those in matching blocks as Python's difflib.SequenceMatcher
/// defines them, its rule for common characters included (in a text of 200 or more, a character that is more than 1 % of it starts no
/// block). Equal texts are 100, an empty one 0.
/// </remarks>
internal static class TextSimilarity
{
    internal static int Percent(string answer, string truth)
    {
        if (answer == truth) return 100;
        int[] a = [.. answer.EnumerateRunes().Select(rune => rune.Value)], b = [.. truth.EnumerateRunes().Select(rune => rune.Value)];
        if (a.Length == 0 || b.Length == 0) return 0;
        return (int)Math.Round(200.0 * Matching(a, b) / (a.Length + b.Length), MidpointRounding.ToEven);
    }

    private static int Matching(int[] a, int[] b)
    {
        Dictionary<int, List<int>> places = Places(b);
        int matching = 0;
        var ranges = new Stack<(int A, int AEnd, int B, int BEnd)>();
        ranges.Push((0, a.Length, 0, b.Length));
        while (ranges.TryPop(out (int A, int AEnd, int B, int BEnd) range))
        {
            (int startA, int startB, int length) = Longest(a, b, places, range);
            if (length == 0) continue;
            matching += length;
            ranges.Push((range.A, startA, range.B, startB));
            ranges.Push((startA + length, range.AEnd, startB + length, range.BEnd));
        }
        return matching;
    }

    private static Dictionary<int, List<int>> Places(int[] b)
    {
        var places = new Dictionary<int, List<int>>();
        for (int j = 0; j < b.Length; j++)
        {
            if (!places.TryGetValue(b[j], out List<int>? at)) places[b[j]] = at = [];
            at.Add(j);
        }
        if (b.Length < 200) return places;
        int most = b.Length / 100 + 1;
        foreach (int common in places.Where(place => place.Value.Count > most).Select(place => place.Key).ToArray()) places.Remove(common);
        return places;
    }

    /// <summary>The longest block, of equal ones the first in a and then in b; lengthened at both ends by common characters.</summary>
    private static (int A, int B, int Length) Longest(
        int[] a, int[] b, Dictionary<int, List<int>> places, (int A, int AEnd, int B, int BEnd) range)
    {
        (int bestA, int bestB, int best) = (range.A, range.B, 0);
        // Length of the block that ends at (i, j), by j; of the row before and of this one.
        var before = new Dictionary<int, int>();
        for (int i = range.A; i < range.AEnd; i++)
        {
            var now = new Dictionary<int, int>();
            foreach (int j in places.TryGetValue(a[i], out List<int>? at) ? at : [])
            {
                if (j < range.B) continue;
                if (j >= range.BEnd) break;
                int length = now[j] = before.GetValueOrDefault(j - 1) + 1;
                if (length > best) (bestA, bestB, best) = (i - length + 1, j - length + 1, length);
            }
            before = now;
        }
        while (bestA > range.A && bestB > range.B && a[bestA - 1] == b[bestB - 1]) (bestA, bestB, best) = (bestA - 1, bestB - 1, best + 1);
        while (bestA + best < range.AEnd && bestB + best < range.BEnd && a[bestA + best] == b[bestB + best]) best++;
        return (bestA, bestB, best);
    }
}
