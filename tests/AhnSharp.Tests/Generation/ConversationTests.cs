using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Generation;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using CsCheck;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class ConversationTests(DemoText demo) : IClassFixture<DemoText>
{
    private const string Mixed =
        "It's 1924.\n\n  The naïve  captain's \"log\"\tsays: 他走了。第二章 😀😀 don't   stop—\r\n\r\n42 times; x=y+z... END 𠀀𠀁 fin";

    private const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
        + "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    // Everything that a cut can fall into: words, contractions, runs of spaces and line ends, symbols with them, digits, combining marks,
    // letters and symbols of two UTF-16 units, halves of them, the names of special tokens.
    private static readonly string[] s_pieces =
    [
        "a", "word", "é", "e\u0301", "\u0301", "'", "'s", "'ll", "'r", "e", "\u017F", " ", "  ", "\u00A0", "\u3000", "\t", "\n", "\r",
        "\r\n", "1", "42", "½", "٣", "Ⅷ",
        ".", "...", "—", "他走了", "。", "😀", "\uD83D", "\uDE00", "𠀀", "𝟘", "<|im_end|>", "<|im_start|>", "user\n", "\uE000", "\u001C", "_",
    ];

    private static readonly Gen<(string Text, int[] Cuts, string Question)> s_cases = Gen.Select(
        Gen.Int[0, s_pieces.Length - 1].Array[0, 30], Gen.Int[0, 5].Array[1, 6], Gen.Int[0, s_pieces.Length - 1].Array[0, 4]).Select(
        static (text, cuts, question) =>
            (string.Concat(text.Select(i => s_pieces[i])), cuts, string.Concat(question.Select(i => s_pieces[i]))));

    /// <summary>
    /// No template; the demo model's; one that trims what a user says; one whose frame has text on both sides of it and no special token.
    /// </summary>
    public static TheoryData<string?> Templates =>
    [
        null, "demo", ChatMl.Replace("m.content", "m.content | trim", StringComparison.Ordinal),
        "{% for m in messages %}{% if m.role == 'user' %}Q. {{ m.content }} \n\nA:{% else %}{{ m.content }}\n\n{% endif %}{% endfor %}",
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("You are a helpful assistant.")]
    public void Turns_added_one_by_one_are_the_conversation_encoded_whole(string? system)
    {
        Conversation conversation = new(demo.Tokenizer, demo.Model.Template, system);
        List<ChatMessage> messages = system is null ? [] : [new("system", system)];
        List<int> fed = [];
        foreach ((string question, string answer) in new[]
        {
            (Mixed, "Yes."), ("And then?", "Nothing, 12."), ("", "Oh"), ("<|im_end|> is text", "Right"),
        })
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
    [MemberData(nameof(Templates))]
    public void A_text_read_in_any_pieces_is_the_text_encoded_whole(string? source)
    {
        ChatTemplate? template = source is "demo" ? demo.Model.Template : source is null ? null : ChatTemplate.Parse(source);
        int kept = 0;
        s_cases.Sample(
            c =>
            {
                Conversation conversation = new(demo.Tokenizer, template, null);
                List<int> fed = [];
                bool read = false;
                for (int from = 0, i = 0; from < c.Text.Length; i++)
                {
                    int to = Math.Min(c.Text.Length, from + c.Cuts[i % c.Cuts.Length] + (i % c.Cuts.Length == 0 ? 1 : 0));
                    (int[] ids, Action commit) = conversation.Read(c.Text[from..to]);
                    commit();
                    fed.AddRange(ids);
                    read |= conversation.State.HasText;
                    from = to;
                    // On a fork, so that it is seen to go on by itself.
                    conversation = conversation.Fork();
                }
                kept = Math.Max(kept, conversation.State.Unsettled.Length);
                (int[] rest, Action end) = conversation.Ask(c.Question);
                end();
                fed.AddRange(rest);
                string whole = c.Text + (template is not null && read && c.Question.Length > 0 ? "\n\n" : "") + c.Question;
                Assert.Equal(template is null ? demo.Tokenizer.Encode(whole) : template.Encode(demo.Tokenizer, [new("user", whole)]), fed);
            },
            seed: "0000cOnVeRsE", iter: 2000, threads: 1);
        Assert.True(kept > 0, "some words were not settled");
    }

    [Fact]
    public void Of_a_book_read_in_pieces_only_the_last_words_are_kept()
    {
        Conversation conversation = new(demo.Tokenizer, demo.Model.Template, null);
        string document = DemoText.Prose(200);
        for (int from = 0; from < document.Length; from += 100)
        {
            conversation.Read(document[from..Math.Min(document.Length, from + 100)]).Commit();
            Assert.InRange(conversation.State.Unsettled.Length, 1, 20);
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

    [Theory]
    [InlineData("{{ m.content | upper }}")]
    [InlineData("{{ m.content }} {{ m.content }}")]
    [InlineData("{{ m.content | length }}")]
    [InlineData("{{ m.content | replace('\"', '') }}")]
    [InlineData("Hello.")]
    [InlineData("{{ m.content | tojson }}")]
    public void A_template_that_changes_what_a_user_says_is_refused(string content)
    {
        ChatTemplate template = ChatTemplate.Parse(ChatMl.Replace("{{ m.content }}", content, StringComparison.Ordinal));
        Conversation conversation = new(demo.Tokenizer, template, null);
        Assert.Contains("changes what a user says", Assert.Throws<InvalidModelException>(() => conversation.Ask("x")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_writes_earlier_turns_in_another_place_answers_each_question_alone()
    {
        ChatTemplate template = ChatTemplate.Parse("{{ messages | length }} turns\n" + ChatMl);
        Conversation conversation = new(demo.Tokenizer, template, null);
        Assert.Equal(TurnHistory.Forgets, conversation.History);
        conversation.Ask("x").Commit();
        Assert.Equal(template.Encode(demo.Tokenizer, [new("user", "y")]), conversation.Ask("y").Ids);
        Assert.Null(conversation.Rewrite("y", "z"));
    }

    [Theory]
    [InlineData("foo bar", "foo")]
    [InlineData("foo bar.", "foo bar")]
    [InlineData("foobar", "")]
    [InlineData("1234", "123")]
    [InlineData("a  ", "a")]
    [InlineData("a \n ", "a")]
    [InlineData("a \n b", "a \n")]
    [InlineData("it's", "it")]
    [InlineData("it's ", "it's")]
    [InlineData("so.\n", "so")]
    [InlineData("so.\n ", "so.\n")]
    [InlineData("a  1", "a")]
    [InlineData("a  1b", "a  1")]
    [InlineData("x \uD83D", "x")]
    [InlineData("", "")]
    public void Words_are_settled_where_nothing_that_follows_changes_them(string text, string settled) =>
        Assert.Equal(settled, text[..QwenPreTokenizer.SettledLength(text)]);
}
