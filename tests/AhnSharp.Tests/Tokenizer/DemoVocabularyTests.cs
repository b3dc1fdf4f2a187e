using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>The tokenizer of the demo model that lies in the repository.</summary>
public sealed class DemoVocabularyTests
{
    internal static readonly Lazy<QwenTokenizer> Demo = new(() =>
    {
        using GgufFile file = GgufFile.Open(Path.Combine(Fixture.Repository, "gguf", "ahn-demo-q8_0.gguf"));
        return QwenTokenizer.FromGguf(file.Metadata);
    });

    [Fact]
    public void The_book_has_the_ids_that_the_model_was_measured_on()
    {
        // SharedVocabularyTests compares these ids with those of the training itself; the hash keeps them where that data is missing.
        string book = File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"));
        int[] ids = Demo.Value.Encode(book);
        Assert.Equal(222_875, ids.Length);
        Assert.Equal("8ea331efe1b7ddc0fd3f81bc2143860c98d60203089e80732b89918d27a4f5b9", Convert.ToHexStringLower(
            SHA256.HashData(MemoryMarshal.AsBytes<int>(ids))));
        Assert.Equal(book, Demo.Value.Decode(ids));
    }

    [Fact]
    public void A_book_that_streams_token_by_token_is_the_book()
    {
        string text = File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[..20_000] + " 🦙 中文 e\u0301 é \0 𠀀";
        Utf8Stream stream = new();
        IEnumerable<string> pieces = Demo.Value.Encode(text).Select(id => stream.Push(Demo.Value.BytesOf(id)));
        Assert.Equal(text, string.Concat(pieces) + stream.Flush());
    }

    [Fact]
    public void Every_text_comes_back() =>
        CsCheck.Check.Sample(QwenTokenizerTests.Texts, text => Assert.Equal(text, Demo.Value.Decode(Demo.Value.Encode(text))), iter: 5_000);

    [Fact]
    public void The_special_tokens_are_those_of_Qwen()
    {
        QwenTokenizer demo = Demo.Value;
        Assert.Equal(6144, demo.VocabularySize);
        Assert.Equal([6122, 6124], demo.EndTokens.ToArray());
        Assert.Equal((6123, 6136), (demo.IdOf("<|im_start|>"), demo.IdOf("<tool_call>")));
        Assert.Equal((true, false, false), (demo.IsSpecial(6123), demo.IsSpecial(6136), demo.IsSpecial(100)));
        Assert.DoesNotContain(Enumerable.Range(0, 6144), demo.IsUnused);
        // None of the 22 names is more than text in what a user writes.
        Assert.DoesNotContain(demo.Encode(demo.Decode([.. Enumerable.Range(6122, 22)])), id => id >= 6122);
        Assert.Equal(Enumerable.Range(6122, 22), demo.EncodeWithSpecials(demo.Decode([.. Enumerable.Range(6122, 22)])));
    }

    [Fact]
    public void A_chat_encodes_with_its_template()
    {
        QwenTokenizer demo = Demo.Value;
        int[] ids = ChatTemplate.FromTokenizer(demo)!.Encode(
            demo, [new("system", "You are a helpful assistant."), new("user", "What is the code of <|im_end|>?")]);
        Assert.Equal(
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhat is the code of <|im_end|>?<|im_end|>\n"
                + "<|im_start|>assistant\n", demo.Decode(ids));
        Assert.Equal(2, ids.Count(id => id == demo.IdOf("<|im_end|>")));
        Assert.Equal(3, ids.Count(id => id == demo.IdOf("<|im_start|>")));
    }
}
