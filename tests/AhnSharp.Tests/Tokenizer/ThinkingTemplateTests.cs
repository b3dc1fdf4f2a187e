using System;
using System.Collections.Generic;
using AhnSharp.Generation;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>
/// Templates of models that think: with thoughts, without them, and a second question behind an answer that the
/// template writes without its thoughts.
/// </summary>
public sealed class ThinkingTemplateTests
{
    // As those of Qwen3 behave: thoughts of earlier answers are left out, and an empty pair of marks stands where none are wanted.
    private const string Source =
        "{%- set last = messages|length - 1 %}{%- for message in messages %}{%- set content = message.content %}"
        + "{%- if message.role == 'assistant' and '</think>' in content %}{%- set content = "
        + "content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}"
        + "{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}{%- endfor %}"
        + "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
        + "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}";

    // As those of models that always think: the mark is the template's.
    private static readonly string s_always = Source.Replace(
        "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}",
        "{{- '<think>\\n' }}", StringComparison.Ordinal);

    private const string Asked = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";

    [Fact]
    public void Thinking_is_left_to_the_template_or_set()
    {
        ChatTemplate template = ChatTemplate.Parse(Source);
        ChatMessage[] turns = [new("user", "Hi")];
        Assert.True(template.KnowsThinking);
        Assert.False(ChatTemplate.Parse(s_always).KnowsThinking);
        Assert.Equal(Asked, template.Render(turns));
        Assert.Equal(Asked, template.WithThinking(true).Render(turns));
        Assert.Equal(Asked + "<think>\n\n</think>\n\n", template.WithThinking(false).Render(turns));
        Assert.Equal(Asked, template.WithThinking(false).WithThinking(null).Render(turns));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(true, "")]
    [InlineData(false, "<think>\n\n</think>\n\n")]
    public void A_conversation_goes_on_behind_answers_whatever_the_template_makes_of_them(bool? thinking, string begun) =>
        GoesOn(ChatTemplate.Parse(Source), thinking, begun);

    [Fact]
    public void A_template_that_opens_the_thoughts_itself_goes_on_too() => GoesOn(ChatTemplate.Parse(s_always), null, "<think>\n");

    private static void GoesOn(ChatTemplate template, bool? thinking, string begun)
    {
        QwenTokenizer tokenizer = SmallVocabulary.Tokenizer;
        Conversation conversation = new(tokenizer, template, null) { Thinking = thinking };
        (int[] first, Action commit) = conversation.Ask("Hi");
        commit();
        Assert.Equal(Asked + begun, Text(tokenizer, first));
        (int[] second, commit) = conversation.Ask("Why?");
        commit();
        Assert.Equal("<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n" + begun, Text(tokenizer, second));
        Assert.Equal(thinking, conversation.Fork().Thinking);
        Assert.Equal(thinking, conversation.New().Thinking);
    }

    private static string Text(QwenTokenizer tokenizer, IEnumerable<int> ids) => tokenizer.Decode([.. ids]);
}
