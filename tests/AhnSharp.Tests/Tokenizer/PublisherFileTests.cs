using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>Tokenizers as publishers write them: what is missing or of no use is put right and noted.</summary>
public sealed class PublisherFileTests
{
    [Theory]
    [InlineData("deepseek-r1-qwen")]
    [InlineData("megrez")]
    public void Names_of_the_same_pattern_are_taken(string name)
    {
        QwenTokenizer tokenizer = Read(values => values["tokenizer.ggml.pre"] = name);
        Assert.Equal(SmallVocabulary.Tokenizer.Encode("hello world 12"), tokenizer.Encode("hello world 12"));
        Assert.Empty(tokenizer.Notes);
    }

    [Fact]
    public void A_missing_pattern_is_Qwen2s_in_a_file_of_the_family_and_noted()
    {
        QwenTokenizer tokenizer = Read(values => values.Remove("tokenizer.ggml.pre"));
        Assert.Contains("tokenizer.ggml.pre is missing", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        Assert.Contains("deepseek-r1-qwen", Assert.Throws<InvalidModelException>(() => Read(values =>
        {
            values.Remove("tokenizer.ggml.pre");
            values["general.architecture"] = "llama";
        })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(-1)]
    [InlineData(999_999L)]
    public void A_padding_id_that_is_no_token_is_left_out_and_noted(object id)
    {
        QwenTokenizer tokenizer = Read(values => values["tokenizer.ggml.padding_token_id"] = id);
        Assert.Contains("tokenizer.ggml.padding_token_id", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        Assert.Equal("[]", ChatTemplate.Parse("[{{ pad_token }}]", tokenizer).Render([new("user", "x")]));
    }

    [Fact]
    public void A_text_begins_with_the_token_that_the_file_asks_for_and_once()
    {
        int begin = SmallVocabulary.Tokenizer.IdOf("<|endoftext|>")!.Value;
        QwenTokenizer tokenizer = Read(values =>
        {
            values["tokenizer.ggml.add_bos_token"] = true;
            values["tokenizer.ggml.bos_token_id"] = (uint)begin;
        });
        Assert.Equal(begin, tokenizer.BeginToken);
        Assert.Contains("add_bos_token is true", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        int[] once = [begin, .. tokenizer.Encode("x")];
        Assert.Equal(once, ChatTemplate.Parse("{{ messages[0].content }}", tokenizer).Encode(tokenizer, [new("user", "x")]));
        Assert.Equal(once, ChatTemplate.Parse("{{ bos_token }}{{ messages[0].content }}", tokenizer).Encode(tokenizer, [new("user", "x")]));
        Assert.Null(Read(values => values["tokenizer.ggml.add_bos_token"] = true).BeginToken);
    }

    [Fact]
    public void Types_are_derived_where_the_file_has_none()
    {
        QwenTokenizer tokenizer = Read(values => values.Remove("tokenizer.ggml.token_type"));
        Assert.Contains("token_type is missing", Assert.Single(tokenizer.Notes), StringComparison.Ordinal);
        Assert.True(tokenizer.IsSpecial(tokenizer.IdOf("<|im_start|>")!.Value));
        Assert.Equal(SmallVocabulary.Tokenizer.EndTokens.Order(), tokenizer.EndTokens.Order());
        Assert.True(tokenizer.IsUnused(tokenizer.VocabularySize - 1));
        Assert.Equal(SmallVocabulary.Tokenizer.Encode("hello <|im_end|> é"), tokenizer.Encode("hello <|im_end|> é"));
    }

    [Fact]
    public void An_empty_template_is_none()
    {
        Assert.Null(ChatTemplate.FromTokenizer(Read(values => values["tokenizer.chat_template"] = "")));
        Assert.Null(ChatTemplate.FromTokenizer(Read(values => values["tokenizer.chat_template"] = " \n")));
    }

    [Fact]
    public void A_special_token_of_a_megabyte_is_refused()
    {
        string message = Assert.Throws<InvalidModelException>(() => Read(values =>
        {
            string[] tokens = (string[])values["tokenizer.ggml.tokens"];
            tokens[^3] = new string('e', 1 << 20);
        })).Message;
        Assert.Contains("at most 512", message, StringComparison.Ordinal);
        Assert.InRange(message.Length, 0, 300);
    }

    [Fact]
    public void A_hundred_and_fifty_thousand_special_tokens_that_begin_alike_cost_no_more_than_a_few()
    {
        QwenTokenizer tokenizer = Read(values =>
        {
            string[] tokens = (string[])values["tokenizer.ggml.tokens"];
            int[] types = (int[])values["tokenizer.ggml.token_type"];
            values["tokenizer.ggml.tokens"] = (string[])[.. tokens, .. Enumerable.Range(0, 150_000).Select(i => $"e{i:000000}")];
            values["tokenizer.ggml.token_type"] = (int[])[.. types, .. Enumerable.Repeat(3, 150_000)];
        });
        Stopwatch watch = Stopwatch.StartNew();
        int[] ids = tokenizer.EncodeWithSpecials(new string('e', 200_000) + "e000123" + "e00012");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 5); // measured: 0.1; it was 12 s
        Assert.Equal("e000123", tokenizer.Decode([ids[200_000]]));
        Assert.Equal(200_000 + 1 + 6, ids.Length);
    }

    [Fact]
    public void The_longest_special_token_is_found_and_none_across_what_is_not_allowed()
    {
        QwenTokenizer tokenizer = Read(values =>
        {
            string[] tokens = (string[])values["tokenizer.ggml.tokens"];
            int[] types = (int[])values["tokenizer.ggml.token_type"];
            values["tokenizer.ggml.tokens"] = (string[])[.. tokens, "<a", "<a>", "<ab", "<abc>"];
            values["tokenizer.ggml.token_type"] = (int[])[.. types, 3, 3, 3, 3];
        });
        Assert.Equal(["<a>", "<abc>", "<ab", "<a"], Specials("<a><abc><abx<a"));
        Assert.Equal(3, tokenizer.SettledWithSpecials("<a><ab"));
        Assert.Equal(0, tokenizer.SettledWithSpecials("<a"));

        string[] Specials(string text) => [.. tokenizer.SpecialsIn(text, []).Select(found => text.Substring(found.Offset, found.Length))];
    }

    [Fact]
    public void Merges_in_reverse_order_take_a_time_that_grows_with_the_word()
    {
        // 'a a' comes after 'aa aa', that after 'aaaa aaaa' …: each merge makes a pair of a lower rank.
        string[] merges = [.. Enumerable.Range(0, 9).Reverse().Select(i => $"{new string('a', 1 << i)} {new string('a', 1 << i)}")];
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(SmallVocabulary.Metadata(merges: merges));
        Stopwatch watch = Stopwatch.StartNew();
        int[] ids = tokenizer.Encode(new string('a', 1_000_000));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20); // measured: 1; it had no end in 41 s
        Assert.Equal(1_000_000, tokenizer.Decode(ids).Length);
        Assert.Equal(1_000_000 / 512 + 1, ids.Length);
    }

    private static QwenTokenizer Read(Action<Dictionary<string, object>> change) =>
        QwenTokenizer.FromGguf(SmallVocabulary.Metadata(change));
}
