using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Evaluation;
using Xunit;

namespace AhnSharp.Tests.Evaluation;

public sealed class RecallSetTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Chats_are_read_in_order()
    {
        List<RecallChat> chats = await Read("""
            [ {"length": 4, "ids": [1, 2, 3, 4], "answer_positions": [1, 3], "hits_full": 2, "hits_window": 0, "hits_ahn": 1},
              {"ids": [5, 6, 7], "answer_positions": [2], "note": "other members are passed over"} ]
            """);
        Assert.Equal(2, chats.Count);
        Assert.Equal(4, chats[0].Length);
        Assert.Equal([1, 2, 3, 4], chats[0].Ids);
        Assert.Equal([1, 3], chats[0].AnswerPositions);
        Assert.Equal(new RecallReference(2, 0, 1), chats[0].Reference);
        Assert.Equal(3, chats[1].Length);
        Assert.Null(chats[1].Reference);
    }

    [Theory]
    [InlineData("""{"ids": [1, 2]}""", "chat 0")]
    [InlineData("""[ {"ids": [1, 2], "answer_positions": [1]}, {"ids": [1, 2], "answer_positions": [1] """, "chat 1")]
    [InlineData("""[ {"ids": [1, "x"], "answer_positions": [1]} ]""", "chat 0")]
    [InlineData("""[ null ]""", "chat 0: expected ids")]
    [InlineData("""[ {"ids": [1], "answer_positions": [1]} ]""", "chat 0: expected ids")]
    [InlineData("""[ {"ids": [1, 2], "answer_positions": []} ]""", "chat 0: expected ids")]
    [InlineData("""[ {"ids": [1, 2], "answer_positions": [0]} ]""", "answer_positions[0]: expected ascending places of 1 to 1, found 0")]
    [InlineData("""[ {"ids": [1, 2, 3], "answer_positions": [2, 2]} ]""",
        "answer_positions[1]: expected ascending places of 1 to 2, found 2 after 2")]
    [InlineData("""[ {"ids": [1, 2, 3], "answer_positions": [3]} ]""", "found 3")]
    public async Task What_is_no_set_is_named(string json, string named)
    {
        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => Read(json));
        Assert.Contains(_path, error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [SharedFact("data/demo/recall.json")]
    public async Task The_demos_set_is_what_its_readme_says()
    {
        var chats = new List<RecallChat>();
        await foreach (RecallChat chat in RecallSet.ReadAsync(Fixture.Shared("data/demo/recall.json"))) chats.Add(chat);
        Assert.Equal(78, chats.Count);
        Assert.All(chats, chat => Assert.Equal(chat.Length, chat.Ids.Length));
        Assert.Equal((96, 96, 12, 53), Total(16384));
        Assert.Equal((320, 320, 160, 268), Total(1024));

        (int, int, int, int) Total(int length)
        {
            RecallChat[] of = [.. chats.Where(chat => chat.Length == length)];
            return (of.Sum(chat => chat.AnswerPositions.Length), of.Sum(chat => chat.Reference!.Full),
                of.Sum(chat => chat.Reference!.Window), of.Sum(chat => chat.Reference!.Ahn));
        }
    }

    private async Task<List<RecallChat>> Read(string json)
    {
        await File.WriteAllTextAsync(_path, json);
        var chats = new List<RecallChat>();
        await foreach (RecallChat chat in RecallSet.ReadAsync(_path)) chats.Add(chat);
        return chats;
    }
}
