using System;
using System.Collections.Generic;
using AhnSharp.Generation;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class ConversationTests(DemoText demo) : IClassFixture<DemoText>
{
    private const string Mixed = "It's 1924.\n\n  The naïve  captain's \"log\"\tsays: 他走了。第二章 😀😀 don't   stop—\r\n\r\n42 times; x=y+z... END 𠀀𠀁 fin";

    [Theory]
    [InlineData(null)]
    [InlineData("You are a helpful assistant.")]
    public void Turns_added_one_by_one_are_the_conversation_encoded_whole(string? system)
    {
        Conversation conversation = new(demo.Tokenizer, demo.Model.Template, system);
        List<ChatMessage> messages = system is null ? [] : [new("system", system)];
        List<int> fed = [];
        foreach ((string question, string answer) in new[] { (Mixed, "Yes."), ("And then?", "Nothing, 12."), ("", "Oh"), ("<|im_end|> is text", "Right") })
        {
            (int[] ids, Action commit) = conversation.Ask(question);
            commit();
            fed.AddRange(ids);
            messages.Add(new("user", question));
            Assert.Equal(demo.Model.Template!.Encode(demo.Tokenizer, messages), fed);
            fed.AddRange(demo.Tokenizer.Encode(answer));
            messages.Add(new("assistant", answer));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_text_read_in_any_pieces_is_the_text_encoded_whole(bool hasTemplate)
    {
        Random random = new(3);
        for (int round = 0; round < 60; round++)
        {
            Conversation conversation = new(demo.Tokenizer, hasTemplate ? demo.Model.Template : null, null);
            List<int> fed = [];
            for (int from = 0; from < Mixed.Length;)
            {
                int to = Math.Min(Mixed.Length, from + random.Next(1, 30));
                if (to < Mixed.Length && char.IsLowSurrogate(Mixed[to])) to++;
                (int[] ids, Action commit) = conversation.Read(Mixed[from..to]);
                commit();
                fed.AddRange(ids);
                from = to;
            }
            (int[] rest, Action end) = conversation.Ask("What is it?");
            end();
            fed.AddRange(rest);
            string whole = Mixed + (hasTemplate ? "\n\n" : "") + "What is it?";
            Assert.Equal(hasTemplate ? demo.Model.Template!.Encode(demo.Tokenizer, [new("user", whole)]) : demo.Tokenizer.Encode(whole), fed);
        }
    }

    [Fact]
    public void A_document_is_fed_before_the_question_but_for_its_last_word()
    {
        Conversation conversation = new(demo.Tokenizer, demo.Model.Template, null);
        string document = DemoText.Prose(50);
        int all = conversation.Ask(document).Ids.Length, now = conversation.Read(document).Ids.Length;
        Assert.InRange(now, all - 20, all - 1);
    }

    [Fact]
    public void What_is_not_committed_never_happened()
    {
        Conversation conversation = new(demo.Tokenizer, demo.Model.Template, null);
        int[] first = conversation.Ask("One.").Ids;
        conversation.Read("Two and three.");
        Assert.Equal(first, conversation.Ask("One.").Ids);
    }

    [Fact]
    public void The_stable_part_ends_between_a_letter_and_something_else()
    {
        Assert.Equal("foo".Length, Conversation.StableLength("foo bar"));
        Assert.Equal("foo bar".Length, Conversation.StableLength("foo bar."));
        Assert.Equal(0, Conversation.StableLength("foobar"));
        Assert.Equal(0, Conversation.StableLength(""));
        Assert.Equal(0, Conversation.StableLength("1234"));
    }
}
