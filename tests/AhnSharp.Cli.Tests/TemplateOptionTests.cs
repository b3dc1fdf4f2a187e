using System;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Templates of one's own and special tokens in the commands: what was read can always be asked.</summary>
public sealed class TemplateOptionTests(DemoText demo) : IClassFixture<DemoText>
{
    [Theory]
    [InlineData("qwq-like.jinja", false)]
    [InlineData("last-turn-only.jinja", true)]
    public async Task Chat_and_ask_go_on_with_such_a_template(string name, bool isNoted)
    {
        using TemporaryFolder folder = new();
        string template = Fixture.File($"templates/family/{name}"), book = folder.PathOf("book.txt"), read = folder.PathOf("q.ahn");
        await File.WriteAllTextAsync(book, DemoText.BookWithCode);
        AhnProcess chat = await AhnProcess.RunAsync(
            ["chat", "--chat-template", template, "--max-tokens", "6", "--verbose"], "One.\nTwo.\nThree.\n");
        Assert.True(chat.ExitCode == 0, chat.Errors);
        Assert.Equal(3, chat.Errors.Split("first token after").Length - 1);
        Assert.Equal(isNoted, chat.Errors.Contains("without the questions before it", StringComparison.Ordinal));

        Assert.Equal(0, (await AhnProcess.RunAsync(["read", book, "-o", read, "--chat-template", template])).ExitCode);
        for (int i = 0; i < 3; i++)
        {
            AhnProcess ask = await AhnProcess.RunAsync(["ask", read, DemoText.Question, .. i < 2 ? ["--update"] : (string[])[],
                "--chat-template", template, "--max-tokens", "6"]);
            Assert.True(ask.ExitCode == 0, ask.Errors);
        }
        AhnProcess without = await AhnProcess.RunAsync(["ask", read, "Who?"]);
        Assert.NotEqual(0, without.ExitCode);
        Assert.Contains("--chat-template", without.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_writes_special_tokens_unless_asked_not_to()
    {
        const string Prompt = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
        AhnProcess with = await AhnProcess.RunAsync(["run", "--raw", "--prompt", Prompt, "--max-tokens", "1", "--json"]);
        AhnProcess plain = await AhnProcess.RunAsync(["run", "--raw", "--no-specials", "--prompt", Prompt, "--max-tokens", "1", "--json"]);
        Assert.Contains($"\"prompt_tokens\": {demo.Tokenizer.EncodeWithSpecials(Prompt).Length}", with.Output, StringComparison.Ordinal);
        Assert.Contains($"\"prompt_tokens\": {demo.Tokenizer.Encode(Prompt).Length}", plain.Output, StringComparison.Ordinal);
    }
}
