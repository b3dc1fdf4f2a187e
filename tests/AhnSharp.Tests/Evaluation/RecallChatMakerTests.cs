using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed partial class RecallChatMakerTests
{
    private static readonly Lazy<QwenTokenizer> Tokenizer = new(() =>
    {
        using GgufFile file = GgufFile.Open(DemoQ8.Path);
        return QwenTokenizer.FromGguf(file.Metadata);
    });

    private static readonly Lazy<RecallChatMaker> Maker = new(() => new RecallChatMaker(Tokenizer.Value, Book));

    private static string Book => File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"));

    /// <summary>
    /// Every chat that the memory was tested with in PyTorch is made of exactly the pieces that the maker uses, id by id.
    /// </summary>
    [Fact]
    public async Task The_pieces_are_those_of_the_chats_the_memory_was_trained_on()
    {
        var format = new RecallFormat(Tokenizer.Value);
        int chats = 0;
        await foreach (RecallChat chat in RecallSet.ReadAsync(Fixture.File("demo/recall.json")))
        {
            string text = Tokenizer.Value.Decode(chat.Ids);
            RecallFact[] asked =
                [.. Answered().Matches(text).Select(answer => new RecallFact(answer.Groups[1].Value, answer.Groups[2].Value))];
            Assert.Equal(4, asked.Length);
            Assert.Equal(format.Opening, chat.Ids.Take(format.Opening.Length));
            Assert.All(asked, fact => Assert.True(
                chat.Ids.AsSpan().IndexOf(format.Sentence(fact)) > 0, $"{fact.Sentence} is not in the text as the maker writes it"));

            var turns = new List<int>();
            var positions = new List<int>();
            foreach (RecallFact fact in asked)
            {
                turns.AddRange(turns.Count == 0 ? format.FirstQuestion(fact) : format.NextQuestion(fact));
                int[] answer = format.Answer(fact);
                positions.AddRange(format.DigitPlaces(answer).Select(place => turns.Count + place));
                turns.AddRange([.. answer, format.EndId]);
            }
            int start = chat.Ids.Length - turns.Count;
            Assert.Equal(turns, chat.Ids.Skip(start));
            Assert.Equal(chat.AnswerPositions, positions.Select(position => start + position));
            chats++;
        }
        Assert.Equal(6, chats);
    }

    [Theory]
    [InlineData(1024, 4, 1)]
    [InlineData(4096, 8, 2)]
    [InlineData(16384, 1, 3)]
    [InlineData(4096, 40, 4)]
    public void A_chat_is_what_was_asked_for(int length, int facts, ulong seed)
    {
        RecallDialogue dialogue = Maker.Value.Make(length, facts, seed);
        RecallChat chat = dialogue.Chat;
        Assert.Equal((length, length, facts), (chat.Length, chat.Ids.Length, dialogue.Facts.Length));
        Assert.Equal(facts, dialogue.Facts.Select(fact => fact.Name).Distinct().Count());
        Assert.Equal(chat.Ids.Take(dialogue.Reading.Length), dialogue.Reading);

        // The digits at the answer positions are the codes, in the order of the questions.
        Assert.Equal(string.Concat(dialogue.Facts.Select(fact => fact.Code)), string.Concat(
            chat.AnswerPositions.Select(position => Tokenizer.Value.Decode([chat.Ids[position]]))));
        for (int i = 0; i < facts; i++)
        {
            string there = Tokenizer.Value.Decode(dialogue.Reading.AsSpan(dialogue.SentencePositions[i], 24));
            Assert.StartsWith($"\n\n{dialogue.Facts[i].Sentence}\n\n", there, StringComparison.Ordinal);
        }

        // Without its sentences the text is one piece of the book.
        string read = Tokenizer.Value.Decode(dialogue.Reading.AsSpan(new RecallFormat(Tokenizer.Value).Opening.Length));
        foreach (RecallFact fact in dialogue.Facts) read = read.Replace($"\n\n{fact.Sentence}\n\n", "", StringComparison.Ordinal);
        Assert.Contains(read.Trim('\uFFFD'), Book, StringComparison.Ordinal);
    }

    [Fact]
    public void The_seed_decides_everything()
    {
        Assert.Equal(Maker.Value.Make(2048, 4, 7).Chat.Ids, Maker.Value.Make(2048, 4, 7).Chat.Ids);
        Assert.NotEqual(Maker.Value.Make(2048, 4, 7).Chat.Ids, Maker.Value.Make(2048, 4, 8).Chat.Ids);
    }

    [Fact]
    public void What_does_not_fit_is_a_sentence_with_both_numbers()
    {
        InvalidDataException small = Assert.Throws<InvalidDataException>(() => Maker.Value.Make(200, 8, 1));
        Assert.Contains("200", small.Message, StringComparison.Ordinal);
        InvalidDataException shortText = Assert.Throws<InvalidDataException>(
            () => new RecallChatMaker(Tokenizer.Value, "Too short.").Make(1024, 4, 1));
        Assert.Matches(@"found \d in the whole text", shortText.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Maker.Value.Make(4096, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Maker.Value.Make(4096, RecallChatMaker.MaxFacts + 1, 1));
    }

    [GeneratedRegex(@"assistant\nThe code of (\w+) is (\d{4})\.")]
    private static partial Regex Answered();
}
