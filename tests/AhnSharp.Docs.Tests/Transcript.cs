using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Docs.Tests;

/// <summary>
/// A command of a page, as a person types it behind <c>$ ahn</c>, and the lines that the page shows of its output; a line … stands for any
/// number of lines.
/// </summary>
internal sealed partial record Transcript(string Place, string Command, IReadOnlyList<string> Expected)
{
    private const string Elision = "…";

    // The last digits differ by the tier of kernels: two in a hundred, or two of the last digit that is shown.
    private const double Tolerance = 0.02, LastDigits = 2;

    public static IEnumerable<Transcript> Of(Block block)
    {
        string[] lines = block.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("$ ahn ", StringComparison.Ordinal)) continue;
            int end = Array.FindIndex(lines, i + 1, line => line.StartsWith("$ ", StringComparison.Ordinal));
            string[] output = lines[(i + 1)..(end < 0 ? lines.Length : end)];
            yield return new Transcript($"{block.Path}:{block.Line + 1 + i}", lines[i][2..], [.. output.Where(line => line.Length > 0)]);
        }
    }

    /// <summary>What stands behind <c>ahn</c>; double quotes hold words together.</summary>
    public string[] Arguments => [.. Word().Matches(Command).Cast<Match>().Skip(1).Select(word => word.Value.Trim('"'))];

    /// <summary>The first line of the page that the output has not, as a sentence; null where it has them all, in their order.</summary>
    public string? Breach(string output)
    {
        string[] found = [.. output.Split('\n').Where(line => line.Length > 0)];
        int at = 0;
        bool anywhere = false;
        foreach (string line in Expected)
        {
            if (line == Elision)
            {
                anywhere = true;
                continue;
            }
            int count = anywhere ? found.Length - at : Math.Min(1, found.Length - at);
            int match = Array.FindIndex(found, at, count, other => IsSame(line, other));
            if (match < 0)
            {
                string next = at < found.Length ? $"'{found[at]}'" : "the end";
                return $"{Place}: {Command}: expected '{line}', found {next} in:\n{output}";
            }
            (at, anywhere) = (match + 1, false);
        }
        return at == found.Length || anywhere ? null : $"{Place}: {Command}: expected the end, found '{found[at]}'";
    }

    /// <summary>
    /// Words are equal, whatever the spaces between them; times and speeds are any number, whole numbers are equal, others nearly; … at the
    /// end stands for any words.
    /// </summary>
    public static bool IsSame(string expected, string found)
    {
        bool isCut = expected.EndsWith(" " + Elision, StringComparison.Ordinal);
        if (isCut) expected = expected[..^2];
        Match[] e = [.. Token().Matches(expected).Cast<Match>()], f = [.. Token().Matches(found).Cast<Match>()];
        if (isCut) f = f[..Math.Min(e.Length, f.Length)];
        return e.Length == f.Length && Enumerable.Range(0, e.Length).All(i => IsSame(e[i].Value, f[i].Value, IsTimed(e, i)));
    }

    private static bool IsSame(string expected, string found, bool timed)
    {
        if (expected == found) return true;
        if (!Number(expected, out double e) || !Number(found, out double f)) return false;
        int point = expected.IndexOf('.', StringComparison.Ordinal);
        if (point < 0) return timed;
        double lastDigit = Math.Pow(10, point + 1 - expected.Length);
        return timed || Math.Abs(e - f) <= Math.Max(Tolerance * Math.Abs(e), LastDigits * lastDigit);
    }

    // A number before s, ms, µs, /s or tokens/s.
    private static bool IsTimed(Match[] tokens, int i) =>
        i + 1 < tokens.Length &&
        (tokens[i + 1].Value is "s" or "ms" or "µs" || tokens[i + 1].Value.EndsWith("/s", StringComparison.Ordinal));

    private static bool Number(string token, out double number) =>
        double.TryParse(token, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out number);

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    // Numbers apart from the words they touch: 152.5/s is 152.5 and /s.
    [GeneratedRegex(@"\d[\d,]*(?:\.\d+)?(?![\w.])|\d[\d,]*(?:\.\d+)?(?=/s)|[^\s\d]\S*?(?=$|\s|,\s)|\S")]
    private static partial Regex Token();
}
