using System;
using System.IO;
using System.Threading.Tasks;
using AhnSharp.Cpu;
using AhnSharp.Generation;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

/// <summary>Templates that rewrite or forget earlier turns, through the library: what was read can
/// always be asked.</summary>
public sealed class TurnHistoryTests(DemoText demo) : IClassFixture<DemoText>
{
    [Theory]
    [InlineData("instruct", TurnHistory.Appends)]
    [InlineData("math", TurnHistory.Appends)]
    [InlineData("coder-xml", TurnHistory.Appends)]
    [InlineData("hermes", TurnHistory.Appends)]
    [InlineData("qwq-like", TurnHistory.Rewrites)]
    [InlineData("qwq", TurnHistory.Rewrites)]
    [InlineData("distill", TurnHistory.Rewrites)]
    [InlineData("thinking", TurnHistory.Rewrites)]
    [InlineData("last-turn-only", TurnHistory.Forgets)]
    public void What_a_template_does_to_earlier_turns_is_known_before_the_first(string name, TurnHistory expected)
    {
        Assert.Equal(expected, TurnFrame.HistoryOf(Template(name), null));
        Assert.Equal(expected, TurnFrame.HistoryOf(Template(name), DemoText.System));
    }

    [Theory]
    [InlineData("qwq-like")]
    [InlineData("qwq")]
    [InlineData("thinking")]
    public void An_answer_is_read_anew_as_the_template_writes_it(string name)
    {
        ChatTemplate template = Template(name);
        Conversation conversation = new(demo.Tokenizer, template, DemoText.System);
        int[] fed = [];
        ChatMessage[] turns = [new("system", DemoText.System)];
        foreach ((string asked, string thought) in new[] { ("One?", "hm\n</think>\n\n"), ("Two?", "so\n</think>\n\n"), ("Three?", "") })
        {
            // The conversation as it was before the question is what the rewriting goes on from.
            Conversation before = conversation.Fork();
            (int[] ids, Action commit) = conversation.Ask(asked);
            turns = [.. turns, new("user", asked)];
            Assert.Equal(template.Encode(demo.Tokenizer, turns), (int[])[.. fed, .. ids]);
            commit();
            (int[] Ids, Action Commit, bool IsAsSaid) written = before.Rewrite(asked, thought + "Yes.")!.Value;
            turns = [.. turns, new("assistant", thought + "Yes.")];
            fed = [.. fed, .. written.Ids];
            written.Commit();
            conversation = before;
        }
    }

    [Theory]
    [InlineData("qwq-like", true)]
    [InlineData("thinking", true)]
    [InlineData("last-turn-only", false)]
    public async Task A_document_is_asked_again_and_again_and_is_never_read_again(string name, bool keepsTurns)
    {
        using TextSession session = Session(name);
        await session.ReadAsync(DemoText.BookWithCode);
        long read = session.State.Position;
        for (int i = 0; i < 3; i++)
        {
            string answer = await session.AnswerAsync(DemoText.Question, new GenerationOptions { MaxTokens = 12 });
            Assert.NotEmpty(answer);
            Assert.InRange(session.Statistics!.PromptTokens, 1, 200);
            Assert.InRange(session.Statistics.ReusedTokens, read - 100, read + 200);
        }
        using TextSession fork = session.Fork();
        Assert.Equal(!keepsTurns, fork.State.Position == read);
        Assert.NotNull(session.Statistics);
    }

    [Fact]
    public async Task A_saved_conversation_of_such_a_template_goes_on_as_the_one_that_was_not_saved()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ahn-test-{Guid.NewGuid():N}.ahn");
        try
        {
            GenerationOptions few = new() { MaxTokens = 8 };
            using TextSession session = Session("qwq-like");
            await session.ReadAsync(DemoText.Prose(30));
            await session.AnswerAsync("Who?", few);
            session.Save(path);
            string next = await session.AnswerAsync("And then?", few);
            using TextModel again = TextModel.Of(CpuModel.Load(DemoText.ModelPath), Source("qwq-like"));
            using TextSession loaded = again.LoadSession(path);
            Assert.Equal(next, await loaded.AnswerAsync("And then?", few));
            Assert.Contains("--chat-template",
                Assert.Throws<SnapshotException>(() => demo.Model.LoadSession(path)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Raw_writes_special_tokens_unless_asked_not_to()
    {
        const string Prompt = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
        foreach ((bool specials, int[] expected) in new[] { (true, demo.Tokenizer.EncodeWithSpecials(Prompt)),
            (false, demo.Tokenizer.Encode(Prompt)) })
        {
            using TextSession session = demo.Model.CreateSession(raw: true, specials: specials);
            // Cut in the middle of a name: it is one token all the same.
            await session.ReadAsync(Prompt[..7]);
            await session.AnswerAsync(Prompt[7..], new GenerationOptions { MaxTokens = 1 });
            Assert.Equal(expected, session.State.Tokens[..expected.Length].ToArray());
        }
        Assert.Throws<ArgumentException>(() => demo.Model.CreateSession(specials: true));
    }

    private TextSession Session(string name)
    {
        Conversation conversation = new(demo.Tokenizer, Template(name), DemoText.System);
        return new TextSession(new Generator(demo.Model.Model, demo.Tokenizer, demo.Model.Model.CreateSession()), conversation);
    }

    private ChatTemplate Template(string name) => ChatTemplate.Parse(Source(name), demo.Tokenizer);

    private static string Source(string name) => File.ReadAllText(Fixture.File($"templates/family/{name}.jinja"));
}
