using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using AhnSharp.Training;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>What a run reads: cut, shuffled and held out by the seed.</summary>
public sealed class TrainingTextsTests
{
    private static readonly TrainingOptions s_options = new() { Length = 100, HeldOutTexts = 3, Seed = 4 };

    [Fact]
    public void The_same_seed_takes_the_same_texts_and_another_one_others()
    {
        TrainingTexts one = New(s_options), same = New(s_options), other = New(s_options with { Seed = 5 });
        for (int i = 0; i < 40; i++)
        {
            TrainingSequence a = one.Take(i), b = same.Take(i);
            Assert.Equal((a.Window, a.Sinks), (b.Window, b.Sinks));
            Assert.Equal(a.Ids, b.Ids);
        }
        Assert.NotEqual(one.Take(0).Ids, other.Take(0).Ids);
    }

    [Fact]
    public void A_round_reads_every_piece_once_and_other_rounds_cut_elsewhere()
    {
        TrainingTexts texts = New(s_options);
        const int Pieces = 10;
        int[][] first = [.. Enumerable.Range(0, Pieces).Select(i => texts.Take(i).Ids)];
        int[] starts = [.. first.Select(ids => ids[0]).Order()];
        for (int i = 1; i < Pieces; i++) Assert.Equal(100, starts[i] - starts[i - 1]);
        Assert.All(first, ids => Assert.Equal(Enumerable.Range(ids[0], 100), ids));
        Assert.NotEqual(starts, first.Select(ids => ids[0])); // shuffled
        Assert.True(Enumerable.Range(0, 8).Select(round => texts.Take(round * Pieces).Ids[0] % 100).Distinct().Count() > 1);
    }

    [Fact]
    public void What_stays_exact_is_an_eighth_to_a_half_and_its_sinks_at_most_half_of_that()
    {
        TrainingTexts texts = new(Numbers(0, 4096), Numbers(0, 4096), s_options with { Length = 1024 });
        TrainingSequence[] drawn = [.. Enumerable.Range(0, 300).Select(texts.Take)];
        Assert.Equal([128, 256, 512], drawn.Select(sequence => sequence.First).Distinct().Order());
        Assert.Equal([0, 32, 64, 128, 256], drawn.Select(sequence => sequence.Sinks).Distinct().Order());
        Assert.All(drawn, sequence => Assert.True(sequence.Sinks <= sequence.First / 2));
    }

    [Fact]
    public void Nothing_that_is_held_out_is_trained_on()
    {
        QwenTokenizer tokenizer = Demo();
        string[] words = [.. Enumerable.Range(0, 4000).Select(i => $"{i}")];
        TrainingTexts texts = TrainingTexts.Of(
            tokenizer, [("numbers.txt", string.Join(' ', words))], s_options with { HoldOut = 0.25, Recall = 0.5, Length = 512 });
        Assert.Equal([("numbers.txt", 64)], texts.Sources.Select(source => (source.Name, source.Sha256.Length)));
        HashSet<string> held = [.. texts.HeldOut().SelectMany(sequence => Numbers(sequence))];
        HashSet<string> trained = [.. Enumerable.Range(0, 60).SelectMany(i => Numbers(texts.Take(i)))];
        Assert.Contains("3500", held);
        Assert.Contains("1500", trained);
        Assert.Empty(held.Intersect(trained));

        // Whole numbers of the text with a neighbour, which no code and no piece of one is.
        IEnumerable<string> Numbers(TrainingSequence sequence)
        {
            string[] found = tokenizer.Decode(sequence.Ids).Split([' ', '\n']);
            for (int i = 1; i + 1 < found.Length; i++)
            {
                if (int.TryParse(found[i], out int n) && found[i + 1] == $"{n + 1}" && found[i - 1] == $"{n - 1}" && n >= 1000)
                    yield return found[i];
            }
        }
    }

    [Fact]
    public void Half_of_the_texts_are_chats_whose_answers_count_more()
    {
        QwenTokenizer tokenizer = Demo();
        TrainingTexts texts = TrainingTexts.Of(
            tokenizer, [("prose.txt", DemoText.Prose(800))],
            s_options with { HoldOut = 0.3, Recall = 0.5, Length = 512, AnswerWeight = 9, HeldOutTexts = 4 });
        TrainingSequence[] drawn = [.. Enumerable.Range(0, 60).Select(texts.Take)];
        TrainingSequence[] chats = [.. drawn.Where(IsChat)];
        Assert.InRange(chats.Length, 15, 45);
        Assert.Equal(2, texts.HeldOut().Count(IsChat));
        foreach (TrainingSequence chat in chats)
        {
            Assert.Equal(512, chat.Ids.Length);
            int[] answers = [.. Enumerable.Range(0, 512).Where(t => chat.Weights![t] == 9f)];
            Assert.Equal(0, answers.Length % 4);
            // The prediction behind a weighted position is a digit.
            Assert.All(answers, t => Assert.True(char.IsAsciiDigit((char)tokenizer.BytesOf(chat.Ids[t + 1])[0])));
        }
    }

    [Fact]
    public void Too_little_text_is_said_before_anything_is_computed() => Assert.Contains(
        "at least 300 tokens to train on and as many held out, found 1090 and 200",
        Assert.Throws<InvalidDataException>(() => New(s_options with { Length = 300 })).Message,
        StringComparison.Ordinal);

    private static TrainingTexts New(TrainingOptions options) =>
        new(Numbers(0, 1090), Numbers(5000, 200), options);

    private static TrainingStream Numbers(int first, int count) => new([.. Enumerable.Range(first, count)]);

    private static bool IsChat(TrainingSequence sequence) => sequence.Weights!.Contains(9f);

    [Fact]
    public void Answers_of_conversations_count_more_and_their_last_lines_are_held_out()
    {
        QwenTokenizer tokenizer = Demo();
        string lines = string.Join('\n', Enumerable.Range(0, 40).Select(i => $$"""
            {"messages": [{"role": "user", "content": "Who is {{i}}?"}, {"role": "assistant", "content": "It is Mina {{i}}."},
            """.TrimEnd() + $$""" {"role": "user", "content": "And then?"}, {"role": "assistant", "content": "Nobody."}]}"""));
        TrainingTexts texts = TrainingTexts.Of(tokenizer, [], s_options with { HoldOut = 0.5, AnswerWeight = 9 }, ("a.jsonl", lines));
        TrainingSequence taken = texts.Take(0);
        string answers = tokenizer.Decode([.. Enumerable.Range(0, 99).Where(t => taken.Weights![t] == 9).Select(t => taken.Ids[t + 1])]);
        Assert.Contains("Nobody.<|im_end|>", answers, StringComparison.Ordinal);
        Assert.Matches(@"It is Mina \d+\.<\|im_end\|>", answers);
        Assert.DoesNotContain("Who", answers, StringComparison.Ordinal);
        Assert.DoesNotContain("user", answers, StringComparison.Ordinal);
        string held = string.Concat(texts.HeldOut().Select(sequence => tokenizer.Decode(sequence.Ids)));
        Assert.Contains("Mina 2", held, StringComparison.Ordinal);
        Assert.DoesNotContain("Who is 1", held, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"messages\": []}", "line 1", "found none")]
    [InlineData("\n{\"messages\": [{\"role\": \"boss\", \"content\": \"x\"}]}", "line 2", "a turn without a role")]
    [InlineData("no", "line 1", "what is no JSON")]
    public void What_is_no_conversation_is_named_by_its_line(string text, string line, string found)
    {
        InvalidDataException refused = Assert.Throws<InvalidDataException>(
            () => TrainingTexts.Of(Demo(), [], s_options, ("a.jsonl", text)));
        Assert.Contains(line, refused.Message, StringComparison.Ordinal);
        Assert.Contains(found, refused.Message, StringComparison.Ordinal);
    }

    private static QwenTokenizer Demo()
    {
        using GgufFile file = GgufFile.Open(DemoQ8.Path);
        return QwenTokenizer.FromGguf(file.Metadata);
    }
}
