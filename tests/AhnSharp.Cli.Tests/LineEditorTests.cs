using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Chat;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>What a person types at the prompt of a conversation, key by key.</summary>
public sealed class LineEditorTests
{
    private static readonly Dictionary<string, ConsoleKeyInfo> s_keys = new()
    {
        ["Left"] = Key(ConsoleKey.LeftArrow),
        ["Right"] = Key(ConsoleKey.RightArrow),
        ["Up"] = Key(ConsoleKey.UpArrow),
        ["Down"] = Key(ConsoleKey.DownArrow),
        ["Home"] = Key(ConsoleKey.Home),
        ["Back"] = Key(ConsoleKey.Backspace, '\b'),
        ["Delete"] = Key(ConsoleKey.Delete),
        ["Tab"] = Key(ConsoleKey.Tab, '\t'),
        ["Enter"] = Key(ConsoleKey.Enter, '\r'),
        ["AltEnter"] = new ConsoleKeyInfo('\r', ConsoleKey.Enter, false, alt: true, false),
        ["AltB"] = new ConsoleKeyInfo('b', ConsoleKey.B, false, alt: true, false),
        ["C-A"] = Control('\x01', ConsoleKey.A),
        ["C-D"] = Control('\x04', ConsoleKey.D),
        ["C-E"] = Control('\x05', ConsoleKey.E),
        ["C-K"] = Control('\x0B', ConsoleKey.K),
        ["C-U"] = Control('\x15', ConsoleKey.U),
        ["C-W"] = Control('\x17', ConsoleKey.W),
        // As .NET hands over a sequence that it does not know: an Alt-[ and what follows.
        ["Paste"] = new ConsoleKeyInfo('[', ConsoleKey.None, false, alt: true, false),
    };

    [Theory]
    [InlineData("abc", "a b c Enter")]
    [InlineData("aZbc", "a b c Left Left Z Enter")]
    [InlineData("Zabc", "a b c C-A Z Enter")]
    [InlineData("abcZ", "a b c Home C-E Z Enter")]
    [InlineData("c", "a b Left Right C-U c Enter")]
    [InlineData("a_d", "a _ b c C-W d Enter")]
    [InlineData("ac", "a b c Left Left Delete Enter")]
    [InlineData("a", "a b c Home Right C-K Enter")]
    [InlineData("second", "Up Enter")]
    [InlineData("first", "Up Up Up Enter")]
    [InlineData("ab", "a b Up Down Enter")]
    [InlineData("secondx", "Up Up Down x Enter")]
    [InlineData("a\nb", "a AltEnter b Enter")]
    [InlineData("a\nb", "a \\ Enter b Enter")]
    [InlineData("", "Enter")]
    [InlineData(null, "C-D")]
    [InlineData("a", "a b Left C-D Enter")]
    [InlineData("/sources", "/ s o Tab Enter")]
    [InlineData("x\ny", "Paste 2 0 0 ~ x Enter y Paste 2 0 1 ~ Enter")]
    public void Keys_do_what_shells_have_taught(string? expected, string keys) =>
        Assert.Equal(expected?.Replace('_', ' '), Read(keys));

    [Fact]
    public void Rows_are_broken_by_us_and_the_cursor_stands_at_its_place()
    {
        StringWriter to = new();
        new LineScreen(to, "> ", () => (10, 20)).Draw("abcdefghijkl\nm", 3);
        Assert.Equal("\r\e[J\e[32m> \e[0mabcdefg\r\nhijkl\r\n\e[32m. \e[0mm\e[2A\r\e[5C", to.ToString());
    }

    [Fact]
    public void A_long_text_shows_the_rows_around_the_cursor()
    {
        StringWriter to = new();
        string text = string.Join('\n', Enumerable.Range(0, 50));
        new LineScreen(to, "> ", () => (20, 6)).Draw(text, text.Length);
        Assert.Equal(5, to.ToString().Split("\r\n").Length);
        Assert.Contains("49", to.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\e[0m0\r", to.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_are_kept_for_the_next_conversation()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("state/history");
        LineHistory first = new(path);
        foreach (string line in new[] { "one", "two\nlines", "two\nlines", " ", @"back\nslash" }) first.Add(line);
        Assert.Equal(["one", "two\nlines", @"back\nslash"], new LineHistory(path).Lines);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Empty(new LineHistory(null).Lines);
    }

    private static string? Read(string keys)
    {
        StringWriter to = new();
        Queue<ConsoleKeyInfo> left = new(keys.Split(' ').Select(
            name => s_keys.TryGetValue(name, out ConsoleKeyInfo key) ? key : Key(ConsoleKey.None, name == "_" ? ' ' : name[0])));
        LineEditor editor = new(to, "> ", () => (80, 24), left.Dequeue, ["first", "second"],
            line => [.. ChatWords.All.Select(word => word.Word).Where(word => word.StartsWith(line, StringComparison.Ordinal))]);
        string? text = editor.ReadLine();
        Assert.Empty(left);
        Assert.StartsWith("\e[?2004h", to.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\e[?2004l", to.ToString(), StringComparison.Ordinal);
        return text;
    }

    private static ConsoleKeyInfo Key(ConsoleKey key, char c = '\0') => new(c, key, false, false, false);

    private static ConsoleKeyInfo Control(char c, ConsoleKey key) => new(c, key, false, false, control: true);
}
