using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

/// <summary>Code is read in two columns beside each other, prose in one: 140 and 100 characters.</summary>
public sealed partial class LineWidthTests
{
    private const int WidestCode = 140, WidestProse = 100;

    [Fact]
    public void No_line_of_code_is_wider_than_140() =>
        FileShapeTests.AssertNone(SourceFile.CSharpOf("src", "tests", "bench", "samples").SelectMany(CodeBreaches));

    // Files under bench/results are written by programs.
    [Fact]
    public void No_line_of_prose_is_wider_than_100() =>
        FileShapeTests.AssertNone(SourceFile.All().Where(IsProse).SelectMany(ProseBreaches));

    [Fact]
    public void A_wide_line_of_code_is_found()
    {
        string fits = "// " + new string('x', WidestCode - 3);
        Assert.Empty(CodeBreaches(new SourceFile("src/A.cs", fits + "\n")));
        Assert.Single(CodeBreaches(new SourceFile("src/A.cs", fits + "x\n")));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("* ", 1)]
    [InlineData("| a table | ", 0)]
    [InlineData("# a heading ", 0)]
    [InlineData("```\na transcript ", 0)]
    [InlineData("\n    code ", 0)]
    [InlineData("[a link](https://example.org/of/some/length/that/is/not/counted/as/it/is/not/read/by/anybody/at/all) ", 0, 80)]
    public void A_wide_line_of_prose_is_found(string beginning, int expected, int width = WidestProse)
    {
        string words = string.Concat(Enumerable.Repeat("word ", width / 5)) + "word";
        Assert.Equal(expected, ProseBreaches(new SourceFile("A.md", beginning + words + "\n")).Count());
    }

    private static bool IsProse(SourceFile file) =>
        file.Path.EndsWith(".md", StringComparison.Ordinal) && !file.Path.StartsWith("bench/results/", StringComparison.Ordinal);

    private static IEnumerable<string> CodeBreaches(SourceFile file)
    {
        string[] lines = file.Lines;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > WidestCode) yield return $"{file.Path}, line {i + 1}: {lines[i].Length} columns, at most {WidestCode}";
        }
    }

    private static IEnumerable<string> ProseBreaches(SourceFile file)
    {
        string[] lines = file.Lines;
        bool inFence = false, isIndented = false;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimStart();
            if (line.StartsWith("```", StringComparison.Ordinal)) inFence = !inFence;
            // Four spaces behind a blank line, or behind another such, are code.
            isIndented = lines[i].StartsWith("    ", StringComparison.Ordinal) && (isIndented || i == 0 || lines[i - 1].Length == 0);
            if (inFence || isIndented || line.Length == 0 || line[0] is '|' or '#' or '<' || LinkDefinition().IsMatch(line)) continue;
            int columns = LinkTarget().Replace(lines[i], "]").Length;
            if (columns > WidestProse) yield return $"{file.Path}, line {i + 1}: {columns} columns, at most {WidestProse}";
        }
    }

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();

    [GeneratedRegex(@"^\[[^\]]+\]:\s")]
    private static partial Regex LinkDefinition();
}
