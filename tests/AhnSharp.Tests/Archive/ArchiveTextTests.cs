using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Cpu;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Archive;

/// <summary>Texts and chats with an archive: who asks, what is found, and from where.</summary>
public sealed class ArchiveTextTests(DemoQ8 demo) : IClassFixture<DemoQ8>
{
    private static readonly SessionOptions s_archived = new()
    {
        Window = 200,
        Sinks = 8,
        Archive = new ArchiveOptions { Reading = ArchiveReading.Window },
    };

    private static readonly GenerationOptions s_greedy = new() { MaxTokens = 16 };

    [Fact]
    public async Task A_fact_that_left_the_window_is_found_and_its_passage_named()
    {
        TextModel model = TextModel.Of(demo.Model);
        string text = $"{DemoText.Prose(20)} The code of Winifred is 4827. {DemoText.Prose(120)}";
        using TextSession archived = model.CreateSession(s_archived),
            window = model.CreateSession(s_archived with { Archive = null, Mode = MemoryMode.Window });
        foreach (TextSession session in (TextSession[])[archived, window]) await session.ReadAsync(text);
        Assert.True(archived.State.Tally.Archived > 1000);
        archived.RecordsSources = true;
        const string Question = "What is the code of Winifred?";
        Assert.DoesNotContain("4827", await window.AnswerAsync(Question, s_greedy), StringComparison.Ordinal);
        Assert.Contains("4827", await archived.AnswerAsync(Question, s_greedy), StringComparison.Ordinal);
        Assert.InRange(archived.Sources.Sum(source => source.Weight), 0.01, 1.0001);
        Assert.Contains(archived.Sources, source => source.Text.Contains("4827", StringComparison.Ordinal));
        Assert.Equal(archived.Sources.OrderByDescending(source => source.Weight), archived.Sources);
        AnswerSource first = archived.Sources[0];
        Assert.Equal(model.Tokenizer.Decode(archived.State.ReadTokens().AsSpan((int)first.FirstToken, first.Tokens)), first.Text);
    }

    [Fact]
    public async Task What_is_read_looks_nothing_up_and_of_a_long_question_the_last_256_tokens_do()
    {
        TextModel model = TextModel.Of(demo.Model);
        using TextSession session = model.CreateSession(s_archived);
        HashSet<long> asked = [];
        HashSet<int> blocks = [];
        demo.Model.Stage.Retrieved = (in RetrievedBlocks choice) =>
        {
            asked.Add(choice.Position);
            for (int i = 0; i < choice.Blocks.Length; i++)
            {
                if (choice.BlockShares[i] > 0) blocks.Add(choice.Blocks[i]);
            }
        };
        try
        {
            await session.ReadAsync(DemoText.Prose(60));
            Assert.Empty(asked);
            long before = session.State.Position;
            await session.AnswerAsync("And? " + DemoText.Prose(40), s_greedy with { MaxTokens = 4 });
            long prompt = before + session.Statistics!.PromptTokens;
            Assert.True(session.Statistics.PromptTokens > 300);
            Assert.Equal(prompt - 256, asked.Min());
            // Every token that was generated and read back asks too.
            Assert.Equal(session.State.Position - 1, asked.Max());
            Assert.Equal(session.State.Position - asked.Min(), asked.Count);
            // Counted without sources, each block once; of the next answer anew.
            Assert.NotEmpty(blocks);
            Assert.Equal(32L * blocks.Count, session.Statistics.RetrievedTokens);
            blocks.Clear();
            await session.AnswerAsync("And then?", s_greedy with { MaxTokens = 2 });
            Assert.Equal(32L * blocks.Count, session.Statistics.RetrievedTokens);
        }
        finally
        {
            demo.Model.Stage.Retrieved = null;
        }
    }
}
