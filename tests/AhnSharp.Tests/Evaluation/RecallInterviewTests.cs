using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

/// <summary>The main job, as <c>ahn demo</c> does it: read once, then answer by generating.</summary>
public sealed class RecallInterviewTests(DemoQ8 demo) : IClassFixture<DemoQ8>
{
    private const int Codes = 8, Tokens = 4096;

    [Fact]
    public async Task The_memory_brings_back_codes_that_the_window_lost()
    {
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(demo.Model.Metadata);
        var maker = new RecallChatMaker(tokenizer, await File.ReadAllTextAsync(Path.Combine(Fixture.Repository, "gguf", "dracula.txt")));
        double full = await ShareOf(MemoryMode.Full), window = await ShareOf(MemoryMode.Window), ahn = await ShareOf(MemoryMode.Ahn);
        string found = $"digits right: full {full:P1}, window {window:P1}, memory {ahn:P1}";
        Assert.True(full >= 0.95, found);
        Assert.True(window <= 0.35, found);
        // One chat of 8 codes: 47 % and 25 %.
        Assert.True(ahn >= window + (LongForm.IsOn ? 0.25 : 0.15), found);

        async Task<double> ShareOf(MemoryMode mode)
        {
            int digits = 0, right = 0;
            for (ulong seed = 1; seed <= (ulong)LongForm.Or(1, 4); seed++)
            {
                using var interview = new RecallInterview(
                    demo.Model, tokenizer, maker.Make(Tokens, Codes, seed), new SessionOptions { Mode = mode, Window = 480, Sinks = 32 });
                RecallInterviewResult result = await interview.RunAsync();
                Assert.Equal(mode, result.Mode);
                Assert.Equal(Codes, result.Answers.Length);
                Assert.All(result.Answers, answer =>
                    Assert.StartsWith($"The code of {answer.Fact.Name} is ", answer.Text, System.StringComparison.Ordinal));
                digits += result.Digits;
                right += result.DigitsRight;
            }
            return (double)right / digits;
        }
    }

    [Fact]
    public async Task What_is_held_where_is_told()
    {
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(demo.Model.Metadata);
        var maker = new RecallChatMaker(tokenizer, await File.ReadAllTextAsync(Path.Combine(Fixture.Repository, "gguf", "dracula.txt")));
        RecallDialogue dialogue = maker.Make(1024, 2, 5);
        using var interview = new RecallInterview(
            demo.Model, tokenizer, dialogue, new SessionOptions { Mode = MemoryMode.Ahn, Window = 100, Sinks = 10 });
        RecallInterviewResult result = await interview.RunAsync();
        Assert.Equal(dialogue.Reading.Length, result.TokensRead);
        Assert.Equal((110, 0), (result.Tally.Exact, result.Tally.Dropped));
        // All but the last turn's end, and a little more or less where an answer is not the right one.
        Assert.InRange(result.Tally.Compressed, 1024 - 110 - 10, 1024 - 110 + 40);
        Assert.Equal(dialogue.Facts, result.Answers.Select(answer => answer.Fact));
        Assert.True(result.PeakStateBytes >= demo.Model.Plan(new SessionOptions { Window = 100, Sinks = 10 }).MemoryBytes);
    }
}
