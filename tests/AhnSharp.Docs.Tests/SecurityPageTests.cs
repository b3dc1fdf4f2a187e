using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>Every promise of SECURITY.md names tests, and every test that it names is there.</summary>
public sealed partial class SecurityPageTests
{
    // Class → the files that declare it: names repeat between test projects.
    private static readonly Lazy<ILookup<string, string>> s_classes = new(static () =>
        Directory.GetFiles(Path.Combine(Page.Repository, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(File.ReadAllText)
            .SelectMany(static text => Class().Matches(text).Select(match => (Name: match.Groups[1].Value, Text: text)))
            .ToLookup(static one => one.Name, static one => one.Text));

    [Fact]
    public void Every_promise_names_tests_that_are_there()
    {
        string[] rows = [.. Rows(Page.Read("SECURITY.md").Text)];
        Assert.InRange(rows.Length, 20, 100);
        string[] breaches = [.. rows.SelectMany(Breaches)];
        Assert.True(breaches.Length == 0, string.Join('\n', breaches));
    }

    [Fact]
    public void Every_fuzz_test_holds_a_promise()
    {
        string page = Page.Read("SECURITY.md").Text;
        string[] targets =
            [.. s_classes.Value["FuzzTests"].SelectMany(static text => Row().Matches(text)).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(targets);
        Assert.All(targets, target => Assert.Contains($"`FuzzTests.No_input_breaks_a_parser({target})`", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("| it holds | a look at it |", "names no test")]
    [InlineData("| it holds | `NobodyTests` |", "NobodyTests")]
    [InlineData("| it holds | `SecurityPageTests.Nothing_of_that_name` |", "Nothing_of_that_name")]
    [InlineData("| it holds | `FuzzTests.No_input_breaks_a_parser(docz)` |", "docz")]
    public void A_promise_without_its_test_is_found(string row, string named) =>
        Assert.Contains(named, Assert.Single(Breaches(row)), StringComparison.Ordinal);

    private static IEnumerable<string> Rows(string page) =>
        page.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1);

    private static IEnumerable<string> Breaches(string row)
    {
        string[] cells = row.Split('|');
        Match[] tests = [.. Test().Matches(cells[2]).Cast<Match>()];
        if (tests.Length == 0) yield return $"{cells[1].Trim()}: names no test";
        foreach (Match test in tests)
        {
            (string type, string method, string argument) = (test.Groups[1].Value, test.Groups[2].Value, test.Groups[3].Value);
            bool isThere = s_classes.Value[type].Any(text => (method.Length == 0 || IsTest(text, method))
                && (argument.Length == 0 || text.Contains($"InlineData(\"{argument}\")", StringComparison.Ordinal)));
            if (!isThere) yield return $"{cells[1].Trim()}: names {test.Value}, which is not among the tests";
        }
    }

    // A fact or a theory stands between the method and the blank line before it.
    private static bool IsTest(string text, string method)
    {
        Match declared = Regex.Match(text, $@"\bpublic (async Task|void) {method}\(");
        if (!declared.Success) return false;
        string before = text[..declared.Index];
        return Attribute().IsMatch(before[Math.Max(0, before.LastIndexOf("\n\n", StringComparison.Ordinal))..]);
    }

    [GeneratedRegex(@"\[\w*(?:Fact|Theory)\b")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"^public sealed (?:partial )?class (\w+Tests)\b", RegexOptions.Multiline)]
    private static partial Regex Class();

    [GeneratedRegex(@"`(\w+Tests)(?:\.(\w+))?(?:\(([\w-]+)\))?`")]
    private static partial Regex Test();

    [GeneratedRegex(@"InlineData\(""([\w-]+)""\)")]
    private static partial Regex Row();
}
