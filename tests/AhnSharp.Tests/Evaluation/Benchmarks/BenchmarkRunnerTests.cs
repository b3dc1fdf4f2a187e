using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Evaluation.Benchmarks;

public sealed class BenchmarkRunnerTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly BenchmarkItem Item =
        new() { Task = "t", Prompt = DemoText.Prose(40), InChat = true, CutsMiddle = true, MaxNewTokens = 4, Score = _ => 1 };

    [Fact]
    public void A_long_prompt_keeps_its_first_and_last_half()
    {
        int[] whole = demo.Tokenizer.Encode(Item.Prompt);
        using var runner = Runner(ChatTemplateUse.Never, 101);
        (int[] ids, int cut) = runner.Encode(Item);
        Assert.Equal(demo.Tokenizer.Encode(
            demo.Tokenizer.Decode(whole.AsSpan(0, 50)) + demo.Tokenizer.Decode(whole.AsSpan(whole.Length - 50))), ids);
        Assert.Equal(whole.Length - 100, cut);
        using var roomy = Runner(ChatTemplateUse.Never, whole.Length);
        Assert.Equal((whole.Length, 0), (roomy.Encode(Item).Ids.Length, roomy.Encode(Item).CutTokens));
        Assert.Equal(whole.Length, runner.Encode(Item with { CutsMiddle = false }).Ids.Length);
    }

    [Theory]
    [InlineData(ChatTemplateUse.Authors, true, true)]
    [InlineData(ChatTemplateUse.Authors, false, false)]
    [InlineData(ChatTemplateUse.Always, false, true)]
    [InlineData(ChatTemplateUse.Never, true, false)]
    public void The_chat_template_stands_where_it_is_asked_for(ChatTemplateUse use, bool inChat, bool expected)
    {
        using var runner = Runner(use, 10_000);
        int[] ids = runner.Encode(Item with { Prompt = "Who?", AnswerPrefix = " It is", InChat = inChat }).Ids;
        int[] prefix = demo.Tokenizer.Encode(" It is");
        Assert.Equal(expected, ids.Contains(demo.Tokenizer.IdOf("<|im_start|>")!.Value));
        Assert.Equal(prefix, ids[^prefix.Length..]);
    }

    [Fact]
    public async Task Answers_do_not_depend_on_the_questions_before()
    {
        using var files = new MadeUpFiles();
        BenchmarkFile file = BenchmarkFile.Open(files.LongBench());
        using var runner = Runner(ChatTemplateUse.Authors, 500);
        BenchmarkResult first = await runner.AnswerAsync(file, 0, "h", Item);
        await runner.AnswerAsync(file, 1, "h", Item with { Prompt = "Something else." });
        BenchmarkResult again = await runner.AnswerAsync(file, 0, "h", Item);
        Assert.Equal(first.Answer, again.Answer);
        Assert.Equal((MemoryMode.Ahn, 1.0, "longbench"), (again.Mode, again.Score, again.Benchmark));
        Assert.True(first.PromptTokens > 30 && first.Seconds > 0);
    }

    [Fact]
    public async Task Cancelled_it_ends_and_goes_on_with_the_next()
    {
        using var files = new MadeUpFiles();
        BenchmarkFile file = BenchmarkFile.Open(files.LongBench());
        using var runner = Runner(ChatTemplateUse.Authors, 500);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runner.AnswerAsync(file, 0, "h", Item, cancelled.Token));
        Assert.Equal(0, (await runner.AnswerAsync(file, 0, "h", Item)).CutTokens);
    }

    private BenchmarkRunner Runner(ChatTemplateUse use, int maxPromptTokens) =>
        new(demo.Model, new SessionOptions { Mode = MemoryMode.Ahn }, maxPromptTokens, use);
}
