using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AhnSharp.Generation;
using Xunit;

namespace AhnSharp.Tests.Generation;

public sealed class AnswerReaderTests
{
    private const string Call = "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Köln\", \"days\": [1, 2]}}\n</tool_call>";
    private const string Told = "call weather {\"city\": \"Köln\", \"days\": [1, 2]} end";

    // What is written → what it says, in the notation of Say below.
    public static TheoryData<string, string> Answers => new()
    {
        { "Just text, with <b> and < signs.", "text Just text, with <b> and < signs." },
        { "", "" },
        { "  spaces at both ends \n", "text   spaces at both ends \n" },
        { Call, Told },
        { "I look it up.\n" + Call, "text I look it up.|" + Told },
        { Call + "\n" + Call, Told + "|" + Told },
        { Call + Call + "\nDone.", Told + "|" + Told + "|text Done." },
        { Call + "\n\n", Told },
        // As models write it besides: without spaces, keys in another order, more keys, no end mark, a bracket too many.
        { "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>", "call f {} end" },
        { "<tool_call>\n{\"arguments\": {\"a\": \"}\\\"\"}, \"name\": \"f\"}\n</tool_call>", "call f {\"a\": \"}\\\"\"} end" },
        {
            "<tool_call>\n{\"id\": 7, \"name\": \"f\", \"parameters\": {\"a\": {\"b\": 1}}}\n</tool_call>",
            "call f {\"a\": {\"b\": 1}} end"
        },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}", "call f {\"a\": 1} end" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool", "call f {\"a\": 1} end" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}}\n</tool_call>", "call f {\"a\": 1} end" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n<b>more</b>", "call f {\"a\": 1} end|text <b>more</b>" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}\n</tool_call>", "call f {\"a\": 1} end" },
        { "<tool_call>\n{\"name\": \"f\"}\n</tool_call>", "call f {} end" },
        { "<tool_call>\n{\"name\": \"f\", \"arguments\": null}\n</tool_call>", "call f {} end" },
        { "<tool_call>\n{\"name\": \"\\u0066\", \"arguments\": {}}\n</tool_call>", "call f {} end" },
        // What is no call comes back as text, every character of it.
        { "a <tool_call>\nnot json\n</tool_call> b", "text a <tool_call>\nnot json\n</tool_call> b" },
        { "<tool_call>\n{\"arguments\": {}}\n</tool_call>", "text <tool_call>\n{\"arguments\": {}}\n</tool_call>" },
        { "<tool_call>\n{\"name\": 5}\n</tool_call>", "text <tool_call>\n{\"name\": 5}\n</tool_call>" },
        { "<tool_call>\n{'name': 'f'}", "text <tool_call>\n{'name': 'f'}" },
        { "<tool_call>\n{\"name\": \"f\", \"argum", "text <tool_call>\n{\"name\": \"f\", \"argum" },
        { "<tool_call>", "text <tool_call>" },
        { "see <tool_cal", "text see <tool_cal" },
        {
            "<tool_call>\n{\"name\": \"f\", \"arguments\": [1]}\n</tool_call>",
            "text <tool_call>\n{\"name\": \"f\", \"arguments\": [1]}\n</tool_call>"
        },
        // Its beginning was told before it broke.
        {
            "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1",
            "call f broken <tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1"
        },
        {
            "<tool_call>{\"name\": \"f\", \"arguments\": {a: 1}}</tool_call>",
            "call f broken <tool_call>{\"name\": \"f\", \"arguments\": {a: 1}}</tool_call>"
        },
        // Thoughts.
        { "<think>\nI wonder.\n</think>\n\nYes.", "thought I wonder.|text Yes." },
        { "<think>\n\n</think>\n\nYes.", "text Yes." },
        { "<think>\nA tool!\n</think>\n\n" + Call, "thought A tool!|" + Told },
        { "<think>Use <tool_call> or </thing>?</think>No.", "thought Use <tool_call> or </thing>?|text No." },
        { "<think>\nNever ends", "thought Never ends" },
        { "Text first. <think>no thought</think>", "text Text first. <think>no thought</think>" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Parts_are_found_however_the_text_is_cut(string answer, string expected)
    {
        Assert.Equal(expected, Say(new AnswerReader(hasTools: true), [answer]));
        Assert.Equal(expected, Say(new AnswerReader(hasTools: true), answer.Select(character => character.ToString())));
        Random random = new(3);
        for (int i = 0; i < 20; i++) Assert.Equal(expected, Say(new AnswerReader(hasTools: true), Cut(answer, random)));
    }

    [Fact]
    public void Thoughts_that_the_prompt_opened_are_thoughts() =>
        Assert.Equal("thought Hm.|text Yes.", Say(new AnswerReader(hasTools: false, inThoughts: true), ["Hm.\n</th", "ink>\n\nYes."]));

    [Fact]
    public void Thoughts_that_the_prompt_opened_may_be_empty() =>
        Assert.Equal("text Yes. <think>", Say(new AnswerReader(hasTools: false, inThoughts: true), ["\n</think>\n\nYes. <think>"]));

    [Fact]
    public void Without_tools_a_call_is_text() => Assert.Equal("text " + Call, Say(new AnswerReader(hasTools: false), [Call]));

    [Fact]
    public void Arguments_are_told_as_they_come()
    {
        AnswerReader reader = new(hasTools: true);
        Assert.Empty(reader.Push("<tool_call>\n{\"name\": \"f\", \"argu"));
        Assert.Equal([(AnswerPartKind.CallBegins, "f"), (AnswerPartKind.CallArguments, "{\"a\"")],
            reader.Push("ments\": {\"a\"").Select(part => (part.Kind, part.Text)));
        Assert.Equal([(AnswerPartKind.CallArguments, ": 12")], reader.Push(": 12").Select(part => (part.Kind, part.Text)));
        Assert.Equal([(AnswerPartKind.CallArguments, "}")], reader.Push("}}").Select(part => (part.Kind, part.Text)));
        Assert.Equal([AnswerPartKind.CallEnds], reader.Push("\n</tool_call>").Select(part => part.Kind));
    }

    [Fact]
    public void Much_white_space_takes_a_time_that_grows_with_it_alone()
    {
        AnswerReader reader = new(hasTools: true);
        string space = new(' ', 2_000_000);
        Assert.Empty(reader.Push(space));
        Assert.Equal(space, reader.Finish().Single().Text);
    }

    private static IEnumerable<string> Cut(string text, Random random)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = Math.Min(text.Length, start + random.Next(1, 9));
            yield return text[start..end];
        }
    }

    private static string Say(AnswerReader reader, IEnumerable<string> pieces)
    {
        List<AnswerPart> parts = [];
        foreach (string piece in pieces) parts.AddRange(reader.Push(piece));
        parts.AddRange(reader.Finish());
        AnswerPartKind? last = null;
        StringBuilder open = new();
        foreach (AnswerPart part in parts)
        {
            bool joins =
                part.Kind == last && part.Kind is AnswerPartKind.Text or AnswerPartKind.Thought or AnswerPartKind.CallArguments;
            string word = part.Kind switch
            {
                AnswerPartKind.Text => joins ? part.Text : "|text " + part.Text,
                AnswerPartKind.Thought => joins ? part.Text : "|thought " + part.Text,
                AnswerPartKind.CallBegins => "|call " + part.Text,
                AnswerPartKind.CallArguments => joins ? part.Text : " " + part.Text,
                AnswerPartKind.CallEnds => " end",
                _ => "|broken " + part.Text,
            };
            open.Append(word);
            last = part.Kind;
        }
        string text = open.ToString();
        int broken = text.IndexOf("|broken ", StringComparison.Ordinal);
        if (broken >= 0)
        {
            // What was told of a call that broke depends on the pieces; that it broke does not.
            int begin = text.LastIndexOf("|call f", broken, StringComparison.Ordinal);
            text = text[..(begin + "|call f".Length)] + " " + text[(broken + 1)..];
        }
        return text.TrimStart('|');
    }
}
