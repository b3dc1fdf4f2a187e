using System;
using System.Collections.Generic;
using AhnSharp.Generation;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class BackgroundReadingTests(DemoText demo) : IClassFixture<DemoText>
{
    private readonly TextModel _demo = demo.Model;

    [Theory]
    [InlineData(256, 1)]
    [InlineData(256, 32)]
    [InlineData(64, 32)]
    [InlineData(48, 7)]
    public void Pieces_end_where_no_bit_changes_and_leave_no_short_end(int chunk, int least)
    {
        Random random = new(5);
        for (int text = 1; text < 700; text += 13)
        {
            int read = 0;
            for (int tries = 0; read < text; tries++)
            {
                Assert.True(tries < 1000, $"{text} tokens in chunks of {chunk} are never read");
                // Now and then a pass is free.
                int room = tries % 8 == 7 ? chunk : random.Next(least, chunk + 1), wanted = random.Next(room + 1);
                int count = BackgroundPiece.Of(read, chunk, text - read, tries % 8 == 7 ? chunk : wanted, room);
                Assert.InRange(count, 0, room);
                int from = read % chunk, to = from + count, end = Math.Min(chunk, text - (read - from));
                if (count == 0) continue;
                Assert.True(to == end || (chunk % 32 == 0 && to % 32 == 0 && end - to >= 32), $"{from} to {to} of {end}");
                read += count;
            }
        }
    }

    [Fact]
    public void A_reading_gets_what_the_others_leave_and_is_never_left_out_for_long()
    {
        Scheduler scheduler = new(_demo.Model, pieceTokens: 32);
        (Sequence writes, List<int> written) = Begin("The Count", isBackground: false, writes: true);
        (Sequence reads, List<int> pieces) = Begin(DemoText.Prose(120), isBackground: true);
        scheduler.Add(writes);
        scheduler.Add(reads);
        for (int step = 0; step < 4; step++) scheduler.Step();
        // Beside one that writes it gets a whole piece in every pass but the first, which reads the short prompt.
        Assert.Equal([32, 32, 32], pieces);
        Assert.Equal(4, written.Count);

        // A prompt takes the piece of each pass, but for every eighth.
        pieces.Clear();
        (Sequence prompt, List<int> read) = Begin(DemoText.Prose(120), isBackground: false);
        scheduler.Add(prompt);
        for (int step = 0; step < 16; step++) scheduler.Step();
        Assert.Equal([32, 32], pieces);
        Assert.Equal(16, read.Count);
        Assert.Equal(20, written.Count);
        foreach (Sequence sequence in new[] { writes, reads, prompt }) sequence.Session.Dispose();
    }

    [Fact]
    public void Where_others_leave_too_little_for_any_piece_they_wait_in_every_eighth_pass()
    {
        // A chunk of 48 cannot be cut: beside one that writes there is no room for it.
        using TextModel model = TextModel.Load(DemoText.ModelPath, null, new ModelOptions { ChunkTokens = 48 });
        Scheduler scheduler = new(model.Model);
        (Sequence writes, List<int> written) = Begin("The Count", isBackground: false, writes: true, of: model);
        (Sequence reads, List<int> pieces) = Begin(DemoText.Prose(60), isBackground: true, of: model);
        scheduler.Add(writes);
        scheduler.Add(reads);
        for (int step = 0; step < 16; step++) scheduler.Step();
        Assert.Equal([48, 48], pieces);
        Assert.Equal(14, written.Count);
        foreach (Sequence sequence in new[] { writes, reads }) sequence.Session.Dispose();
    }

    private (Sequence Sequence, List<int> Pieces) Begin(string text, bool isBackground, bool writes = false, TextModel? of = null)
    {
        TextModel model = of ?? _demo;
        Sequence sequence = new(model.Model.CreateSession(), model.Tokenizer.Encode(text)) { BackgroundFrom = isBackground ? 0 : null };
        if (writes) sequence.Answer = sequence.NewAnswer(model.Tokenizer, new GenerationOptions { MaxTokens = 100 });
        List<int> pieces = [];
        sequence.Read = pieces.Add;
        return (sequence, pieces);
    }
}
