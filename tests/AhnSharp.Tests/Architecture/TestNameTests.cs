using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Tests.Architecture;

/// <summary>A test is named by a sentence about the behaviour, its words parted by underscores.</summary>
public sealed partial class TestNameTests
{
    [Fact]
    public void Tests_are_named_by_sentences() => FileShapeTests.AssertNone(SourceFile.CSharpOf("tests").SelectMany(Breaches));

    [Theory]
    [InlineData("A_window_is_kept", 0)]
    [InlineData("Avx512", 0)]
    [InlineData("TheWindowIsKept", 1)]
    public void A_name_that_is_no_sentence_is_found(string name, int expected)
    {
        string code = $"    [Fact{(expected > 0 ? "(Skip = \"no\")" : "")}]\n    [Trait(\"a\", \"b\")]\n    public void {name}()\n";
        Assert.Equal(expected, Breaches(new SourceFile("tests/A.cs", code)).Count());
    }

    // One word is the name of what is tested (a tier); several without a space are hard to read.
    private static IEnumerable<string> Breaches(SourceFile file) =>
        from Match test in Test().Matches(string.Join('\n', file.Lines))
        let name = test.Groups["name"].Value
        where !name.Contains('_', StringComparison.Ordinal) && name is not "NeonDot" && name.Count(char.IsUpper) > 1
        select $"{file.Path}: expected a sentence with underscores, found {name}";

    [GeneratedRegex(
        @"^ *\[\w*(?:Fact|Theory)\b.*\n(?: *(?:\[|//).*\n)* *public (?:static )?(?:async )?\w+ (?<name>\w+)\(",
        RegexOptions.Multiline)]
    private static partial Regex Test();
}
