using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Help;

/// <summary>A page of help for a terminal: lines break between words, whatever its width.</summary>
internal static class HelpText
{
    private const int Indent = 2, WidestTerm = 24, Narrowest = 40, Widest = 100;

    internal static void Print(HelpPage page)
    {
        foreach (string line in Lines(page, Terminal.ReadingWidth)) Terminal.Print(line);
    }

    /// <summary>What <c>ahn</c> alone prints.</summary>
    internal static IEnumerable<string> Start(int columns)
    {
        int width = Math.Clamp(columns, Narrowest, Widest);
        const string What = "ahn reads documents of any length with a language model on this machine, in memory that does not grow.";
        foreach (string line in Wrapped(What, width, 0)) yield return line;
        yield return "";
        foreach ((string line, string meaning) in CommandExamples.First)
        {
            foreach (string part in Wrapped($"  {line}", width, 4)) yield return part;
            foreach (string part in Wrapped($"      {meaning}", width, 6)) yield return part;
        }
        yield return "";
        foreach (string line in Wrapped(
            "'ahn use MODEL' sets a model of your own, 'ahn --help' lists the commands, 'ahn help COMMAND' explains one.", width, 0))
            yield return line;
    }

    internal static IEnumerable<string> Lines(HelpPage page, int columns)
    {
        int width = Math.Clamp(columns, Narrowest, Widest);
        foreach (string line in Wrapped(page.Summary, width, 0)) yield return line;
        yield return "";
        foreach (string line in Wrapped($"Usage: {page.Usage}", width, 7)) yield return line;
        if (page.Examples.Count > 0)
        {
            yield return "";
            yield return "Examples";
            foreach ((string line, string meaning) in page.Examples)
            {
                foreach (string part in Wrapped($"  {line}", width, 4)) yield return part;
                foreach (string part in Wrapped($"      {meaning}", width, 6)) yield return part;
            }
        }
        foreach ((string heading, IReadOnlyList<(string Term, string Meaning)> rows) in page.Sections)
        {
            yield return "";
            yield return heading;
            int term = Math.Min(rows.Max(row => Cells.Of(row.Term)), width < 70 ? 0 : WidestTerm);
            foreach (string line in rows.SelectMany(row => Row(row.Term, row.Meaning, term, width))) yield return line;
        }
    }

    // The meaning stands beside its term, or below one that is too long.
    private static IEnumerable<string> Row(string term, string meaning, int column, int width)
    {
        int left = Indent + (column > 0 ? column + 2 : 4);
        string first = new string(' ', Indent) + term;
        bool isBeside = column > 0 && Cells.Of(term) <= column;
        if (!isBeside)
        {
            foreach (string line in Wrapped(first, width, 4)) yield return line;
        }
        string start = isBeside ? first.PadRight(left) : new string(' ', left);
        foreach (string line in Wrapped(start + meaning, width, left)) yield return line;
    }

    /// <summary>Lines of at most so many columns; every further one is indented. Blanks at the beginning stay.</summary>
    internal static IEnumerable<string> Wrapped(string text, int width, int indent)
    {
        StringBuilder line = new();
        int blanks = text.Length - text.TrimStart(' ').Length, column = blanks;
        line.Append(' ', blanks);
        bool isEmpty = true;
        // Runs of blanks between words are columns of a table, and stay on their line.
        foreach ((string word, int before) in Words(text[blanks..]))
        {
            int cells = Cells.Of(word);
            if (!isEmpty && column + before + cells > width)
            {
                yield return line.ToString();
                line.Clear().Append(' ', indent);
                column = indent;
            }
            else
            {
                line.Append(' ', before);
                column += before;
            }
            line.Append(word);
            column += cells;
            isEmpty = false;
        }
        yield return line.ToString();
    }

    private static IEnumerable<(string Word, int Before)> Words(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            while (i < text.Length && text[i] == ' ') i++;
            int before = i - start, from = i;
            while (i < text.Length && text[i] != ' ') i++;
            if (i > from) yield return (text[from..i], before);
        }
    }
}
