using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>Files whose tokenizer cannot be used: one sentence each, naming the key.</summary>
public sealed class QwenTokenizerFileTests
{
    [Fact]
    public void A_file_without_tokenizer_says_so()
    {
        GgufMetadata none = SmallVocabulary.Metadata(values => values.Remove("tokenizer.ggml.model"));
        Assert.False(QwenTokenizer.IsIn(none));
        Assert.True(QwenTokenizer.IsIn(SmallVocabulary.Metadata()));
        Assert.Contains(
            "token ids", Assert.Throws<InvalidModelException>(() => QwenTokenizer.FromGguf(none)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", "llama", "'llama'")]
    [InlineData("pre", "deepseek-llm", "'deepseek-llm'")]
    [InlineData("tokens", null, "tokens")]
    [InlineData("merges", null, "merges")]
    [InlineData("add_space_prefix", true, "add_space_prefix")]
    [InlineData("pre", "qwen35", "deepseek-r1-qwen")]
    [InlineData("eos_token_id", 100_000u, "100000")]
    public void A_key_of_another_kind_is_named(string key, object? value, string named)
    {
        key = "tokenizer.ggml." + key;
        string message = MessageFor(values =>
        {
            if (value is null) values.Remove(key);
            else values[key] = value;
        });
        Assert.Contains(key, message, StringComparison.Ordinal);
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_do_not_fit_are_named()
    {
        Assert.Contains(
            "token_type: expected", MessageFor(values => values["tokenizer.ggml.token_type"] = (int[])[1, 1]), StringComparison.Ordinal);
        Assert.Contains(
            "token_type[3]: expected", MessageFor(values => ((int[])values["tokenizer.ggml.token_type"])[3] = 2), StringComparison.Ordinal);
        Assert.Contains("tokens[97]: 'a' is token 4", MessageFor(values => Swap(values, 4, "a")), StringComparison.Ordinal);
        Assert.Contains("tokens[4]: expected characters", MessageFor(values => Swap(values, 4, "a b")), StringComparison.Ordinal);
        Assert.Contains("0x04", MessageFor(values => Swap(values, 4, "zzz")), StringComparison.Ordinal);
        Assert.Contains("tokens[4]: expected a text", MessageFor(values => Swap(values, 4, "")), StringComparison.Ordinal);
        Assert.Contains("tokens: expected", MessageFor(values => (values["tokenizer.ggml.tokens"], values["tokenizer.ggml.token_type"]) =
            (Array.Empty<string>(), Array.Empty<int>())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData(" ab")]
    [InlineData("a b c")]
    [InlineData("qq a")]
    [InlineData("a qq")]
    [InlineData("q q")]
    [InlineData("h e")] // merged before
    public void A_merge_that_cannot_be_is_named(string merge) =>
        Assert.Contains($"merges[1]: found '{merge}'", MessageFor(values => values["tokenizer.ggml.merges"] = (string[])["h e", merge]),
            StringComparison.Ordinal);

    private static void Swap(Dictionary<string, object> values, int id, string token) =>
        ((string[])values["tokenizer.ggml.tokens"])[id] = token;

    private static string MessageFor(Action<Dictionary<string, object>> change) =>
        Assert.Throws<InvalidModelException>(() => QwenTokenizer.FromGguf(SmallVocabulary.Metadata(change))).Message;
}
