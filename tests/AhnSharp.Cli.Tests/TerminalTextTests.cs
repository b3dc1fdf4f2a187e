using System.Text.Json;
using AhnSharp.Cli.Display;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("a\u001b[31mb\u0007", @"a\u{1B}[31mb\u{7}")]
    [InlineData("one\ntwo\r\u0085\u2028\u2029", @"one\u{A}two\u{D}\u{85}\u{2028}\u{2029}")]
    [InlineData("\u202Egnp.exe\u2066\u200E\u061C", @"\u{202E}gnp.exe\u{2066}\u{200E}\u{61C}")]
    [InlineData("\u009b31m\u007f", @"\u{9B}31m\u{7F}")]
    [InlineData("\U000E0041tag", @"\u{E0041}tag")]
    public void A_name_shows_what_would_command_a_terminal(string name, string shown) => Assert.Equal(shown, TerminalText.Line(name));

    // A theory's data would lose it on its way.
    [Fact]
    public void Half_of_a_pair_is_the_replacement_character() => Assert.Equal("half \uFFFD pair", TerminalText.Line("half \uD800 pair"));

    [Theory]
    [InlineData("Größe 漢字 👩‍👩‍👧 می‌خواهم e\u0301")]
    [InlineData("")]
    public void Text_of_every_script_stays(string text) => Assert.Same(text, TerminalText.Line(text));

    [Fact]
    public void An_answer_keeps_its_lines_and_commands_nothing()
    {
        Assert.Equal(
            "one\n\ttwo ␛]0;title␇\u200F\\u{202E}\\u{9B}", TerminalText.Answer("one\r\n\ttwo \u001b]0;title\u0007\u200F\u202E\u009b"));
        Assert.Same("plain\n", TerminalText.Answer("plain\n"));
    }

    private static readonly JsonSerializerOptions s_asWritten = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public void Json_stays_what_it_says()
    {
        string[] texts = ["\u202E\u2066", "\u001b\n", "\U000E0041", "é👩", "\u009b\u2028"];
        string json = JsonSerializer.Serialize(texts, s_asWritten);
        string safe = TerminalText.Json(json);
        Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(safe));
        Assert.Equal(safe, TerminalText.Answer(safe));
    }
}
