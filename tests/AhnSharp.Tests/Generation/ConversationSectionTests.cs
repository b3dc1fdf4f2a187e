using System;
using AhnSharp.Generation;
using AhnSharp.Snapshots;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class ConversationSectionTests(DemoText demo) : IClassFixture<DemoText>
{
    private const long Seen = 1000;

    [Theory]
    [InlineData(true, "You are brief.", "Half a pair \uD83D")]
    [InlineData(true, null, "")]
    [InlineData(false, null, "word")]
    public void What_was_written_is_read_back_and_goes_on_the_same(bool hasTemplate, string? system, string text)
    {
        Conversation written = new(demo.Tokenizer, hasTemplate ? demo.Model.Template : null, system);
        written.Ask("A first turn.").Commit();
        written.Read(text).Commit();
        byte[] bytes = ConversationSection.Write(written, demo.Tokenizer, [5, 0, 511]);
        (Conversation read, int[] unread) = ConversationSection.Read(bytes, "book.ahn", demo.Tokenizer, demo.Model.Template, Seen);
        Assert.Equal(written.State, read.State);
        Assert.Equal((system, written.Template), (read.System, read.Template));
        Assert.Equal([5, 0, 511], unread);
        Assert.Equal(written.Ask("\uDE00 What?").Ids, read.Ask("\uDE00 What?").Ids);
        Assert.Equal(bytes, ConversationSection.Write(read, demo.Tokenizer, unread));
    }

    [Fact]
    public void Its_size_does_not_depend_on_what_was_read()
    {
        Conversation book = new(demo.Tokenizer, demo.Model.Template, null);
        book.Read(DemoText.Prose(500)).Commit();
        Assert.InRange(ConversationSection.Write(book, demo.Tokenizer, []).Length, 80, 160);
    }

    [Fact]
    public void Another_tokenizer_or_template_is_a_sentence()
    {
        Conversation chat = new(demo.Tokenizer, demo.Model.Template, null);
        byte[] bytes = ConversationSection.Write(chat, demo.Tokenizer, []);
        QwenTokenizer other = QwenTokenizer.FromGguf(Tokenizer.SmallVocabulary.Metadata());
        Refused(bytes, other, demo.Model.Template, "the tokenizer");
        Refused(bytes, demo.Tokenizer, null, "chat template that this model lacks");
        Refused(bytes, demo.Tokenizer, ChatTemplate.Parse("{{ messages[0].content }}"), "chat template");
    }

    [Fact]
    public void Damage_anywhere_is_a_sentence_and_takes_no_memory_that_is_not_there()
    {
        Conversation chat = new(demo.Tokenizer, demo.Model.Template, "You are brief.");
        chat.Read("Some text that is not settled").Commit();
        byte[] bytes = ConversationSection.Write(chat, demo.Tokenizer, [1, 2, 3]);
        for (int length = 0; length < bytes.Length; length++) Refused(bytes[..length], demo.Tokenizer, demo.Model.Template, "conversation");
        Refused([.. bytes, 0], demo.Tokenizer, demo.Model.Template, "expected its end");
        Random random = new(5);
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = [.. bytes];
            int at = random.Next(damaged.Length - 4);
            // Any byte, or a count that is as large as counts get.
            if (round % 2 == 0) damaged[at] ^= (byte)(1 + random.Next(255));
            else BitConverter.TryWriteBytes(damaged.AsSpan(at), round % 4 == 1 ? int.MaxValue : random.Next());
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                // Flips in texts and ids can make another conversation; the checksum of the section is the snapshot's.
                (Conversation read, int[] unread) = ConversationSection.Read(
                    damaged, "book.ahn", demo.Tokenizer, demo.Model.Template, Seen);
                Assert.Equal(damaged, ConversationSection.Write(read, demo.Tokenizer, unread));
            }
            catch (SnapshotException refused)
            {
                Assert.StartsWith("book.ahn: section conversation", refused.Message, StringComparison.Ordinal);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10); // sentences, and hashing the template
        }
    }

    private static void Refused(byte[] bytes, QwenTokenizer tokenizer, ChatTemplate? template, string mentions) => Assert.Contains(
        mentions, Assert.Throws<SnapshotException>(() => ConversationSection.Read(bytes, "book.ahn", tokenizer, template, Seen)).Message,
        StringComparison.Ordinal);
}
