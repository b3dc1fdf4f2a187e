using System;
using System.Linq;
using System.Text.RegularExpressions;
using AhnSharp.Constraints;
using CsCheck;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>Regular expressions against .NET's own engine, and what is refused.</summary>
public sealed class RegexConstraintTests
{
    private static readonly string[] s_atoms = ["a", "b", "B", "[ab]", "[^a]", "\\d", "\\w", "\\W", "\\s", ".", "(?:ab)", "[b-d1]", "\\.",
        "(a|b|)", "\\x62"];
    private static readonly string[] s_quantifiers = ["", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,12}", "{2,}", "*?", "{3,9}?"];

    private static readonly Gen<string> s_term = Gen.Select(One(s_atoms), One(s_quantifiers), (atom, many) => atom + many);
    private static readonly Gen<string> s_sequence = s_term.Array[0, 4].Select(string.Concat);
    // Two parts that are not empty: .NET 10 reads (?:\W{1,3}|){2} as \W{2,6}, which is not what it says.
    private static readonly Gen<string> s_some = s_term.Array[1, 4].Select(string.Concat);
    private static readonly Gen<string> s_group = Gen.Select(s_some, s_some, One(s_quantifiers), (a, b, q) => $"(?:{a}|{b}){q}");
    private static readonly Gen<string> s_pattern = Gen.OneOf(s_sequence, s_group, Gen.Select(s_sequence, s_group, s_sequence, (a, b,
        c) => a + b + c));
    private static readonly Gen<string> s_text = Gen.Char["aabbBcd1. _"].Array[0, 9].Select(letters => new string(letters));

    private static Gen<string> One(string[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);

    [Fact]
    public void Whole_texts_match_where_dotnet_says_so() =>
        Gen.Select(s_pattern, s_text.Array[12]).Sample((pattern, texts) =>
        {
            // Of the engines the one that does not go back: some of these patterns take the other for ever.
            Regex oracle = new($"\\A(?:{pattern})\\z", RegexOptions.NonBacktracking);
            Constraint constraint = Constraint.Regex(pattern);
            return texts.All(text => oracle.IsMatch(text) == constraint.Matches(text));
        }, seed: "0N0XIzNsQ0O2", iter: 500, print: pair => $"{pair.Item1} on {string.Join(" | ", pair.Item2)}");

    [Theory]
    [InlineData("^abc$", "abc", "abcd")]
    [InlineData("(^a|^b)c", "bc", "c")]
    [InlineData("(?i)Grüße", "GRÜßE", "grusse")]
    [InlineData("(?i:a)B", "AB", "Ab")]
    [InlineData("\\p{Lu}\\p{Ll}+", "Ärger", "ärger")]
    [InlineData("[\\p{Nd}-]+", "1-٣", "a")]
    [InlineData("[^a-z]", "é", "e")]
    [InlineData("\\u{1F4A1}|\\uD83D\\uDCA1x|[\\u4e00-\\u9fff]{2}", "漢字", "漢")]
    [InlineData("a{,3}", "a{,3}", "aa")]
    [InlineData("(?<year>\\d{4})-(?<month>\\d\\d)", "2026-11", "2026-1")]
    [InlineData("[\\]\\-a]+\\/", "a]-/", "b/")]
    [InlineData("(a?){300,400}", "aaa", "b")]
    [InlineData("(|ab){0,90}(ab){50}",
        "abababababababababababababababababababababababababababababababababababababababababababababababababab", "ab")]
    public void Syntax(string pattern, string matches, string not)
    {
        Constraint constraint = Constraint.Regex(pattern);
        Assert.True(constraint.Matches(matches), matches);
        Assert.False(constraint.Matches(not), not);
    }

    [Theory]
    [InlineData("a(?=b)", "at 1", "look-around")]
    [InlineData("a(?<!b)", "at 1", "look-around")]
    [InlineData("(a)\\1", "at 3", "reference back")]
    [InlineData("\\bword", "at 0", "word boundary")]
    [InlineData("a++", "at 2", "possessive")]
    [InlineData("a**", "at 2", "'*'")]
    [InlineData("*a", "at 0", "'*'")]
    [InlineData("(a", "at 0", "the end")]
    [InlineData("a)", "at 1", "')'")]
    [InlineData("[b-a]", "at 1", "b-a")]
    [InlineData("[ab", "at 0", "the end")]
    [InlineData("a^b", "at 1", "inside")]
    [InlineData("(a$)*", "at 2", "inside")]
    [InlineData("a{3,2}", "at 1", "{3,2}")]
    [InlineData("\\q", "at 0", "\\q")]
    [InlineData("\\p{Klingon}", "at 0", "Klingon")]
    [InlineData("\\ud800", "at 0", "surrogate")]
    public void What_is_not_regular_is_refused_by_its_position(string pattern, string where, string found)
    {
        string message = Assert.Throws<ConstraintException>(() => Constraint.Regex(pattern)).Message;
        Assert.Contains($"'{pattern}' {where}:", message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compositions_are_what_they_say()
    {
        Constraint number = Constraint.Regex("[0-9]+"), list = Constraint.Sequence(
            Constraint.Literal("["), number, Constraint.Repeat(Constraint.Sequence(Constraint.Literal(","), number), 0, null),
                Constraint.Literal("]"));
        Assert.True(list.Matches("[1,22,333]") && !list.Matches("[1,,2]") && !list.Matches("[]"));
        Constraint either = Constraint.AnyOf(list, Constraint.Choice(["none", "nothing"]));
        Assert.True(either.Matches("none") && either.Matches("nothing") && either.Matches("[7]") && !either.Matches("no"));
        Assert.True(Constraint.Repeat(either, 2, 2).Matches("none[7]") && !Constraint.Repeat(either, 2, 2).Matches("none"));
        Assert.Throws<ArgumentException>(() => Constraint.Choice([]));
        Assert.Throws<ArgumentException>(() => Constraint.Literal("\ud800"));
        Assert.Same(Constraint.Regex("[0-9]+"), number);
    }

    [Theory]
    [InlineData("(a{1000}){1000}")]
    [InlineData("((a{1,100}){1,100}){1,100}")]
    [InlineData("((((((((((a|b?)*)*)*)*)*)*)*)*)*)*")]
    [InlineData("(a|a|a|a|b|b|b?){1000000000}")]
    [InlineData("(\\p{L}|\\p{N}{1,30}){1,100000}[^\\p{L}]*")]
    [InlineData("(x+x+)+y")]
    public void Hostile_patterns_work_or_are_refused_within_a_second(string pattern)
    {
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            Constraint constraint = Constraint.Regex(pattern);
            ConstraintMatcher matcher = new(constraint, Vocabularies.Demo, Vocabularies.Demo.VocabularySize);
            int id = Vocabularies.Demo.Encode("x")[0];
            _ = matcher.Allowed;
            matcher.Accept(id);
            _ = matcher.Allowed;
        }
        catch (ConstraintException)
        {
        }
        // A second on a machine of its own; machines of tests are shared. What is not bounded takes for ever.
        Assert.True(watch.Elapsed.TotalSeconds < 30, $"{watch.Elapsed}");
    }
}
