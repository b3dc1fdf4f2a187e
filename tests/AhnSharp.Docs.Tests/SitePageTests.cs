using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using AhnSharp.Cli;
using AhnSharp.Cli.Options;
using Xunit;

namespace AhnSharp.Docs.Tests;

/// <summary>
/// The pages under docs as one site: every page is in the index and leads to its neighbours, every command on it can be typed, every
/// sentence of the troubleshooting page is one that the source says.
/// </summary>
public sealed partial class SitePageTests
{
    private const string Index = "docs/README.md", Troubleshooting = "docs/troubleshooting.md";

    // A sentence is put together of literals and what stands between them, which is at most so long in the source.
    private const int LongestGap = 500;

    [Fact]
    public void Every_page_is_in_the_index_once()
    {
        string[] there = [.. Directory.GetFiles(Path.Combine(Page.Repository, "docs"), "*.md").Select(path => Path.GetFileName(path)!)
            .Where(name => name != "README.md").Order(StringComparer.Ordinal)];
        Assert.Equal(there, Order().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_page_leads_to_the_one_before_and_the_one_after()
    {
        string[] order = Order();
        List<string> breaches = [];
        for (int i = 0; i < order.Length; i++)
        {
            IEnumerable<string> expected = order[Math.Max(0, i - 1)..i].Append("README.md").Concat(order.Skip(i + 1).Take(1));
            string last = Page.Read($"docs/{order[i]}").Text.TrimEnd().Split('\n')[^1];
            string[] found = [.. Target().Matches(last).Select(match => match.Groups[1].Value)];
            if (!expected.SequenceEqual(found))
                breaches.Add($"docs/{order[i]}: expected links to {string.Join(", ", expected)} in its last line, found '{last}'");
        }
        Assert.True(breaches.Count == 0, string.Join('\n', breaches));
    }

    [Fact]
    public void Every_command_on_a_page_can_be_typed()
    {
        string[] commands = [.. Page.All().SelectMany(Commands)];
        Assert.InRange(commands.Length, 100, 1000);
        string[] breaches = [.. commands.Select(Mistake).OfType<string>()];
        Assert.True(breaches.Length == 0, string.Join('\n', breaches));
    }

    [Theory]
    [InlineData("A.md: ahn reed book.txt", "reed")]
    [InlineData("A.md: ahn read book.txt --outptu book.ahn", "--outptu")]
    [InlineData("A.md: ahn read book.txt -o book.ahn", null)]
    public void A_command_that_cannot_be_typed_is_found(string command, string? word)
    {
        if (word is null) Assert.Null(Mistake(command));
        else Assert.Contains(word, Mistake(command), StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_are_found_in_blocks_and_in_prose()
    {
        const string Text =
            "`ahn list` and\n\n```\nahn run -m a.gguf \"Who? | I\" # a note\n$ ahn list | head\nls\nahn bench     ahn demo\n```\n";
        Assert.Equal(["ahn run -m a.gguf \"Who? | I\"", "ahn list", "ahn bench", "ahn demo", "ahn list"],
            Commands(new Page("A.md", Text)).Select(command => command["A.md: ".Length..]));
    }

    [Fact]
    public void Every_sentence_of_the_troubleshooting_page_is_one_that_the_source_says()
    {
        string[] sources = [.. Sources()];
        string[] sentences = [.. Row().Matches(Page.Read(Troubleshooting).Text).Select(match => match.Groups[1].Value)];
        Assert.InRange(sentences.Length, 30, 200);
        string[] unsaid = [.. sentences.Where(sentence => !sources.Any(source => Says(source, sentence)))];
        Assert.True(unsaid.Length == 0, $"No source says:\n{string.Join('\n', unsaid)}");
    }

    [Theory]
    [InlineData("expected a … here.", true)]
    [InlineData("expected a … here, found …", false)]
    [InlineData("… here.", true)]
    [InlineData("here. … expected", false)]
    public void A_sentence_is_its_pieces_in_their_order(string sentence, bool said) =>
        Assert.Equal(said, Says(Joined("throw new E($\"expected \"\n    + $\"a {thing} \" + \"here.\");"), sentence));

    private static string[] Order() =>
        [.. Entry().Matches(Page.Read(Index).Text).Select(match => match.Groups[1].Value)];

    // "PAGE: ahn …", without what a shell does with it.
    private static IEnumerable<string> Commands(Page page)
    {
        foreach (Block block in page.Blocks().Where(block => block.Language is "" or "sh"))
        {
            foreach (string line in block.Text.Split('\n'))
            {
                string typed = line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line;
                if (typed.StartsWith("./ahn ", StringComparison.Ordinal)) typed = typed[2..];
                if (!typed.StartsWith("ahn ", StringComparison.Ordinal)) continue;
                foreach (Match command in Typed().Matches(typed)) yield return $"{page.Path}: {command.Value.Trim()}";
            }
        }
        foreach (Match match in Inline().Matches(page.Text)) yield return $"{page.Path}: {match.Groups[1].Value.ReplaceLineEndings(" ")}";
    }

    // As a sentence, or null. What stands in capitals for a command, and … for more of the same, is no word to type.
    private static string? Mistake(string command)
    {
        string[] words = [.. Word().Matches(command[(command.IndexOf(": ", StringComparison.Ordinal) + 2)..]).Cast<Match>().Skip(1)
            .Select(word => word.Value.Trim('"')).Where(word => word.Trim('.', '…').Length > 0)];
        if (words is [] or ["COMMAND", ..]) return null;
        ParseResult parsed = AhnCommand.Create().Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (Choice.MistypedOption(parsed) is { } option) return $"{command}: there is no option {option}";
        // In prose a command may be named without what it needs.
        string[] errors = [.. parsed.Errors.Select(error => error.Message)
            .Where(message => !message.Contains("Required", StringComparison.OrdinalIgnoreCase))];
        return errors.Length == 0 ? null : $"{command}: {string.Join(' ', errors)}";
    }

    private static IEnumerable<string> Sources()
    {
        string[] code = Directory.GetFiles(Path.Combine(Page.Repository, "src"), "*.cs", SearchOption.AllDirectories);
        return code.Append(Path.Combine(Page.Repository, "install.sh")).Append(Path.Combine(Page.Repository, "ahn"))
            .Select(path => Joined(File.ReadAllText(path)));
    }

    // Literals that are put together over lines are one, of C# and of a shell.
    private static string Joined(string source) => Seam().Replace(source, "");

    private static bool Says(string source, string sentence)
    {
        string[] pieces = sentence.Split('…', StringSplitOptions.RemoveEmptyEntries);
        for (int start = source.IndexOf(pieces[0], StringComparison.Ordinal); start >= 0;
            start = source.IndexOf(pieces[0], start + 1, StringComparison.Ordinal))
        {
            int at = start + pieces[0].Length;
            foreach (string piece in pieces.Skip(1))
            {
                int next = source.IndexOf(piece, at, Math.Min(LongestGap, source.Length - at), StringComparison.Ordinal);
                at = next < 0 ? -1 : next + piece.Length;
                if (at < 0) break;
            }
            if (at >= 0) return true;
        }
        return false;
    }

    [GeneratedRegex(@"(?m)^\d+\. \[[^\]]+\]\(([\w-]+\.md)\)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"\]\(([^()\s]+)\)")]
    private static partial Regex Target();

    // A command up to a pipe, a redirection, a note or the next command; quotes hold words together.
    [GeneratedRegex("ahn (?:\"[^\"]*\"|(?!  +ahn | # | [|<>&] )[^\"])*")]
    private static partial Regex Typed();

    [GeneratedRegex("(?<!`)`(ahn [^`|<>]+)`(?!`)")]
    private static partial Regex Inline();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?m)^\| `([^`]+)` \|")]
    private static partial Regex Row();

    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"|\\\\\\n\\s*")]
    private static partial Regex Seam();
}
