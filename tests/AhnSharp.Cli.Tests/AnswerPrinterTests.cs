using System.IO;
using System.Linq;
using AhnSharp.Cli.Display;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Answers in a terminal: words whole, marks as what they mean, and an end to what goes round.</summary>
public sealed class AnswerPrinterTests
{
    private const string Bold = "\e[1m", NotBold = "\e[22m", Code = "\e[36m", NotCode = "\e[39m";

    [Theory]
    [InlineData("one two three four", 9, "one two\nthree\nfour")]
    [InlineData("- one two three", 9, "• one two\n  three")]
    [InlineData("10. one two three", 11, "10. one two\n    three")]
    [InlineData("one\n\n    two three four", 12, "one\n\n    two\n    three\n    four")]
    [InlineData("漢字漢字漢字", 8, "漢字漢字\n漢字")]
    [InlineData("abcdefghijkl mn", 8, "abcdefghijkl mn")]
    [InlineData("**bold** and `a b` code", 80, Bold + "bold" + NotBold + " and " + Code + "a b" + NotCode + " code")]
    [InlineData("2**3 and a * b * c", 80, "2**3 and a * b * c")]
    [InlineData("## A **head**\ntext", 80, Bold + "A head" + NotBold + "\ntext")]
    [InlineData("```cs\nint  a = 1; // one long line\n```\nend", 10, Code + "int  a = 1; // one long line\n" + NotCode + "end")]
    [InlineData("  ```\n  x\n  ```\nend", 10, Code + "  x\n" + NotCode + "end")]
    public void Marks_become_what_they_mean_and_lines_break_between_words(string text, int width, string expected)
    {
        // In whatever pieces it comes.
        Assert.Equal(expected, Printed([text], width));
        Assert.Equal(expected, Printed([.. text.Select(c => c.ToString())], width));
    }

    [Fact]
    public void Without_styles_marks_stay() =>
        Assert.Equal("# A\n- **b** `c`\n```\nx\n```", Printed(["# A\n- **b** `c`\n```\nx\n```"], 80, isStyled: false));

    [Theory]
    [InlineData("and had been in the Suitors, ")]
    [InlineData("=")]
    [InlineData("A line of about sixty characters, which is said once more now.\n")]
    public void What_goes_round_is_noticed(string piece)
    {
        RepetitionGuard guard = new();
        Assert.False(guard.Goes("The answer begins well, and then it says: "));
        int times = Enumerable.Range(1, 1000).First(_ => guard.Goes(piece));
        Assert.InRange(times * piece.Length, RepetitionGuard.LeastCharacters, 2 * RepetitionGuard.LeastCharacters);
        Assert.Equal(string.Concat(piece.Order()), string.Concat(guard.Repeated!.Order()));
    }

    [Fact]
    public void Lists_rules_and_tables_do_not_go_round()
    {
        RepetitionGuard guard = new();
        Assert.False(guard.Goes(string.Concat(Enumerable.Range(1, 200).Select(i => $"{i}. The number {i} follows {i - 1}.\n"))));
        Assert.False(guard.Goes(new string('-', 120) + "\n| a | b |\n" + string.Concat(Enumerable.Repeat("| 1 | 2 |\n", 20))));
    }

    private static string Printed(string[] pieces, int width, bool isStyled = true)
    {
        StringWriter to = new();
        AnswerPrinter printer = new(to, () => width, isStyled);
        foreach (string piece in pieces) printer.Write(piece);
        printer.End();
        return to.ToString();
    }
}
