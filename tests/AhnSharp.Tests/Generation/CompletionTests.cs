using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class CompletionTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly CompletionOptions Short = new() { Generation = new() { MaxTokens = 16 } };

    [Fact]
    public async Task A_whole_conversation_with_every_request_reads_only_what_is_new_and_says_the_same()
    {
        using PrefixCache cache = new(demo.Model.Model, 256 << 20);
        List<ChatMessage> messages = [new("system", DemoText.System)];
        long before = 0;
        foreach (string question in new[]
        {
            DemoText.BookWithCode + "\n\n" + DemoText.Question,
            "What is the code of Oliver, again?",
            DemoText.Question,
        })
        {
            messages.Add(new("user", question));
            Completion cold = demo.Model.Complete(messages, null, Short), warm = demo.Model.Complete(messages, cache, Short);
            string answer = await cold.TextAsync();
            Assert.Equal(answer, await warm.TextAsync());
            Assert.Equal(0, cold.Statistics!.ReusedTokens);
            GenerationStatistics took = warm.Statistics!;
            Assert.Equal(cold.Statistics.PromptTokens, took.PromptTokens + took.ReusedTokens);
            // All of the turns before, but for the last token of the answer.
            Assert.True(took.ReusedTokens >= before, $"{took.ReusedTokens} tokens were reused, at least {before} are the same");
            before = took.PromptTokens + took.ReusedTokens;
            messages.Add(new("assistant", answer));
        }
        Assert.Contains(DemoText.Answer, messages.Select(message => message.Content));
    }

    [Fact]
    public async Task Another_question_about_the_same_text_goes_on_behind_the_text_with_the_same_bits()
    {
        using PrefixCache cache = new(demo.Model.Model, 256 << 20);
        int[] PromptOf(string question) => demo.Model.Template!.Encode(
            demo.Tokenizer, [new("system", DemoText.System), new("user", DemoText.Prose(60)), new("assistant", "I see."),
                new("user", question)]);
        await demo.Model.Complete([new("system", DemoText.System), new("user", DemoText.Prose(60)), new("assistant", "I see."),
            new("user", "Who wrote a letter?")], cache, Short).TextAsync();
        int[] prompt = PromptOf("Who was afraid?");
        LanguageSession reused = cache.Take(prompt);
        Assert.InRange(reused.Position, prompt.Length - 40, prompt.Length - 1);
        using Generator whole = await ReadAsync(prompt, demo.Model.Model.CreateSession(), null),
            warm = await ReadAsync(prompt, reused, cache);
        Assert.Equal(whole.Session.LastLogits.ToArray(), warm.Session.LastLogits.ToArray());
    }

    private async Task<Generator> ReadAsync(int[] prompt, LanguageSession session, PrefixCache? cache)
    {
        Generator generator = new(demo.Model.Model, demo.Tokenizer, session)
        {
            Cuts = new PromptCuts(
            prompt, demo.Tokenizer, demo.Model.Model.ChunkTokens, cache)
        };
        await generator.ReadAsync(prompt.AsMemory((int)session.Position));
        return generator;
    }

    [Fact]
    public async Task A_long_text_is_kept_in_passing_so_that_another_end_goes_on_from_there()
    {
        using PrefixCache cache = new(demo.Model.Model, 256 << 20);
        string text = DemoText.Prose(360);
        await demo.Model.Complete([new("user", text)], cache, Short).TextAsync();
        ChatMessage[] messages = [new("user", text[..^100] + " But not at night.")];
        Completion other = demo.Model.Complete(messages, cache, Short);
        await other.TextAsync();
        int chunk = demo.Model.Model.ChunkTokens;
        int common = PrefixCache.CommonPrefix(
            demo.Model.Template!.Encode(demo.Tokenizer, [new("user", text)]), demo.Model.Template.Encode(demo.Tokenizer, messages));
        Assert.InRange(other.Statistics!.ReusedTokens, common - chunk + 1, common);
    }

    [Fact]
    public async Task An_answer_that_was_stopped_is_gone_on_from()
    {
        using PrefixCache cache = new(demo.Model.Model, 256 << 20);
        ChatMessage[] messages = [new("user", DemoText.Prose(150))];
        using CancellationTokenSource cancel = new();
        Completion stopped = demo.Model.Complete(messages, cache, Short, new Trigger(cancel));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.TextAsync(cancel.Token));
        Assert.Equal(StopReason.Cancelled, stopped.Statistics!.StopReason);
        Completion again = demo.Model.Complete(messages, cache, Short);
        await again.TextAsync();
        Assert.True(again.Statistics!.ReusedTokens >= demo.Model.Model.ChunkTokens, $"{again.Statistics.ReusedTokens} tokens were reused");
    }

    [Fact]
    public async Task What_cannot_be_answered_is_refused()
    {
        Assert.Throws<ArgumentException>(() => demo.Model.Complete([]));
        Completion once = demo.Model.Complete([new("user", "Hello.")], null, Short);
        Assert.Null(once.Statistics);
        await once.TextAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => once.TextAsync());
        using DemoText other = new();
        using PrefixCache cache = new(other.Model.Model, 0);
        Assert.Throws<ArgumentException>(() => demo.Model.Complete([new("user", "Hello.")], cache));
    }

    private sealed class Trigger(CancellationTokenSource cancel) : IProgress<ReadingProgress>
    {
        public void Report(ReadingProgress value) => cancel.Cancel();
    }
}
