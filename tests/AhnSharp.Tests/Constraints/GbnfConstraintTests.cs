using System;
using System.Linq;
using AhnSharp.Constraints;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>Grammars in GBNF: each part of the notation, and what is refused by line and column or by rule.</summary>
public sealed class GbnfConstraintTests
{
    private const string Json = """
        # JSON, as grammars of llama.cpp write it
        root   ::= object
        value  ::= object | array | string | number | ("true" | "false" | "null") ws

        object ::=
          "{" ws (
                    string ":" ws value
            ("," ws string ":" ws value)*
          )? "}" ws

        array  ::= "[" ws ( value ("," ws value)* )? "]" ws
        string ::= "\"" ( [^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}) )* "\"" ws
        number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,3})? ws
        ws ::= | " " | "\n" [ \t]{0,20}
        """;

    [Theory]
    [InlineData("root ::= \"a\" | \"b\" \"c\"", "a bc", "b ac")]
    [InlineData("root ::= [a-cx] [^a-c]", "ad xé", "aa dx")]
    [InlineData("root ::= (\"a\" | \"b\")+ \"!\"?", "a! abba", "! c")]
    [InlineData("root ::= \"a\"{2} \"b\"{1,} \"c\"{0,2} \"d\"{,1}", "aab aabbbccd", "ab aabccc")]
    [InlineData("root ::= . \"\\x41\\u00e9\\U0001F4A1\\n\"", "xAé💡\n 💡Aé💡\n", "Aé💡\n")]
    [InlineData("root ::= a-1 # a comment\na-1 ::= \"x\" | # another\n  \"y\"\n\n# the end", "x y", "z")]
    [InlineData("root ::= (\n \"a\"\n \"b\" )*\nother ::= \"never used\"", "ab abab", "a")]
    [InlineData("root ::= [\\[\\]\\\\\\t-] \"\\\"\\\\\"", "[\"\\ ]\"\\ -\"\\ \t\"\\", "a\"\\")]
    [InlineData("root ::= nested\nnested ::= \"(\" nested? \")\"", "() ((()))", "( (()")]
    [InlineData("root ::= \"\" | item+\nitem ::= [0-9]{1,500} \";\"", "1; 12;345;", ";")]
    public void Notation(string grammar, string matches, string not)
    {
        Constraint constraint = Constraint.Gbnf(grammar);
        foreach (string text in matches.Split(' ')) Assert.True(constraint.Matches(text), text);
        foreach (string text in not.Split(' ')) Assert.False(constraint.Matches(text), text);
    }

    [Fact]
    public void Another_rule_may_be_the_root()
    {
        Constraint array = Constraint.Gbnf(Json, "array");
        Assert.True(array.Matches("[1, {\"a\": [true,\n  null]}, \"\\u00e9é\"]") && !array.Matches("{}"));
        Assert.True(Constraint.Gbnf(Json).Matches("{}"));
        string[] texts = [.. Enumerable.Range(0, 5).Select(run => ConstrainedDraw.Text(
            array, Vocabularies.Demo, Vocabularies.Demo.VocabularySize, ConstrainedDraw.Chance(new Random(run), Vocabularies.Demo),
                2_000)!)];
        foreach (string text in texts) System.Text.Json.JsonDocument.Parse(text).Dispose();
    }

    [Theory]
    [InlineData("root ::= root \"a\" | \"b\"", "Rule root", "left recursion")]
    [InlineData("root ::= a\na ::= b? c\nb ::= \"x\"\nc ::= \"\" a", "Rule ", "left recursion")]
    [InlineData("root ::= \"a\"* (root | \"b\")", "Rule root", "left recursion")]
    [InlineData("root ::= missing", "line 1, column 10", "missing")]
    [InlineData("root ::= \"a\nx", "line 1, column 10", "closed")]
    [InlineData("root ::= [a", "line 1, column 10", "closed")]
    [InlineData("root ::= (\"a\"", "line 1, column 10", "closed")]
    [InlineData("a ::= \"a\"", "rule root", "none")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1", "second")]
    [InlineData("root ::= \"a\" )", "line 1, column 14", "')'")]
    [InlineData("root = \"a\"", "line 1, column 6", "::=")]
    [InlineData("root ::= \"a\"{3,2}", "line 1, column 10", "{3,2}")]
    [InlineData("root ::= \"\\q\"", "line 1, column 11", "\\q")]
    [InlineData("root ::= a\na ::= \"x\" a", "no text", "meet")]
    public void What_is_no_grammar_is_refused(string grammar, string where, string found)
    {
        string message = Assert.Throws<ConstraintException>(() => Constraint.Gbnf(grammar)).Message;
        Assert.Contains(where, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_grammars_work_or_are_refused_within_a_second()
    {
        string[] grammars =
        [
            "root ::= " + new string('(', 5_000) + "\"a\"" + new string(')', 5_000),
            string.Join('\n', Enumerable.Range(0, 19_000).Select(i => $"r{i} ::= r{i + 1}? \"a\"")) + "\nr19000 ::= \"b\"\nroot ::= r0",
            string.Join('\n', Enumerable.Range(0, 3_000).Select(i => $"r{i} ::= r{i + 1} r{i + 1}")) + "\nr3000 ::= \"b\"\nroot ::= r0",
            "root ::= ((((\"a\"{1,1000}){1,1000}){1,1000}){1,1000}){1,1000}",
            "root ::= s\ns ::= \"a\" s s | \"a\" s | \"a\"",
        ];
        foreach (string grammar in grammars)
        {
            System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
            try
            {
                ConstraintMatcher matcher = new(Constraint.Gbnf(grammar), Vocabularies.Demo, Vocabularies.Demo.VocabularySize);
                int id = Vocabularies.Demo.Encode("a")[0];
                for (int i = 0; i < 12 && matcher.Accept(id); i++) _ = matcher.Allowed;
            }
            catch (ConstraintException)
            {
            }
            Assert.True(watch.Elapsed.TotalSeconds < 30, $"{watch.Elapsed}: {grammar[..30]}");
        }
    }
}
