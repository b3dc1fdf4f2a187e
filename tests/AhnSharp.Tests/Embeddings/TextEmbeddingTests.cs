using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Attention;
using AhnSharp.Embeddings;
using AhnSharp.Gguf;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Embeddings;

public sealed class TextEmbeddingTests
{
    private static readonly SessionOptions s_exact = new() { Kv = KvType.F32 };

    private static readonly string[] s_texts =
    [
        "hello world", "a", "hello hello world! 12", new string('w', 70), "an é", "aaaa aaaa aaaa", "'s", "hello", "world", "<|im_end|>",
        string.Join(' ', Enumerable.Repeat("hello world", 24)), "!!",
    ];

    [Theory]
    [InlineData(Pooling.Last)]
    [InlineData(Pooling.Mean)]
    public async Task Vectors_are_those_of_the_reference_however_texts_share_passes(Pooling pooling)
    {
        using EmbeddingModel model = new();
        foreach (int together in (int[])[1, 3, 8])
        {
            IReadOnlyList<TextEmbedding> found = await model.Text.EmbedAsync(
                s_texts, new EmbeddingOptions { Pooling = pooling, TextsTogether = together, Session = s_exact });
            Assert.Equal(s_texts.Length, found.Count);
            for (int i = 0; i < found.Count; i++)
            {
                int[] ids = model.Text.Tokenizer.Encode(s_texts[i]);
                double error = EmbeddingModel.Error(found[i].Vector, EmbeddingModel.Normalized(model.Vector(ids, pooling)));
                Assert.True(error <= 1e-5, $"text {i}, {together} together: relative error {error:e2}");
                Assert.Equal(ids.Length, found[i].Tokens);
            }
        }
    }

    [Fact]
    public async Task Instruction_end_token_dimensions_and_length_are_as_asked()
    {
        using EmbeddingModel model = new();
        QwenTokenizer tokenizer = model.Text.Tokenizer;
        int[] ids = [.. tokenizer.Encode("Instruct: Find greetings\nQuery:hello"), tokenizer.IdOf("<|endoftext|>")!.Value];
        EmbeddingOptions options = new()
        {
            Instruction = "Find greetings",
            EndToken = "<|endoftext|>",
            Dimensions = 10,
            Session = s_exact,
        };
        double[] whole = model.Vector(ids, Pooling.Last);
        TextEmbedding cut = Assert.Single(await model.Text.EmbedAsync(["hello"], options)),
            plain = Assert.Single(await model.Text.EmbedAsync(["hello"], options with { Normalize = false, Dimensions = null }));
        Assert.True(EmbeddingModel.Error(cut.Vector, EmbeddingModel.Normalized(whole[..10])) <= 1e-5);
        Assert.True(EmbeddingModel.Error(plain.Vector, whole) <= 1e-5);
        Assert.Equal((ids.Length, ids.Length), (cut.Tokens, plain.Tokens));
    }

    // Keys, and the pooling and the end token that they say.
    public static TheoryData<uint?, bool?, Pooling, string?> Files() => new()
    {
        { null, null, Pooling.Last, null },
        { 1, null, Pooling.Mean, null },
        { 3, null, Pooling.Last, "<|endoftext|>" }, // a Qwen3-Embedding from before the converter knew
        { 3, true, Pooling.Last, "<|im_end|>" }, // the small vocabulary's eos
        { 3, false, Pooling.Last, null },
        { 1, true, Pooling.Mean, "<|im_end|>" },
        { 4, null, Pooling.Last, null },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_says_how_to_pool_and_what_ends_a_text(uint? type, bool? addsEnd, Pooling pooling, string? end)
    {
        using EmbeddingModel model = new(keys =>
        {
            if (type is { } value) keys["qwen3.pooling_type"] = value;
            if (addsEnd is { } adds) keys["tokenizer.ggml.add_eos_token"] = adds;
        });
        Assert.Equal(pooling, model.Text.PoolingOf());
        int[] ids = model.Text.Tokenizer.EncodeWithSpecials("hello world" + end);
        TextEmbedding found = Assert.Single(await model.Text.EmbedAsync(["hello world"], new EmbeddingOptions { Session = s_exact }));
        Assert.Equal(ids.Length, found.Tokens);
        Assert.True(EmbeddingModel.Error(found.Vector, EmbeddingModel.Normalized(model.Vector(ids, pooling))) <= 1e-5);
        TextEmbedding none = Assert.Single(await model.Text.EmbedAsync(["hello world"], new EmbeddingOptions { EndToken = "" }));
        Assert.Equal(model.Text.Tokenizer.Encode("hello world").Length, none.Tokens);
    }

    [Theory]
    [InlineData(2u, "qwen3.pooling_type: expected 1 (mean) or 3 (last token), found 2 (the first token, cls)")]
    [InlineData(9u, "qwen3.pooling_type: expected 0 to 4, found 9")]
    public async Task A_pooling_that_is_not_had_is_refused_by_name_and_can_be_overruled(uint type, string sentence)
    {
        using EmbeddingModel model = new(keys => keys["qwen3.pooling_type"] = type);
        InvalidModelException refused = await Assert.ThrowsAsync<InvalidModelException>(() => model.Text.EmbedAsync(["hello"]));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
        Assert.Single(await model.Text.EmbedAsync(["hello"], new EmbeddingOptions { Pooling = Pooling.Mean }));
    }

    [Fact]
    public async Task What_cannot_be_embedded_is_refused_before_anything_is_read()
    {
        using EmbeddingModel model = new();
        int passes = 0;
        ((Cpu.CpuModel)model.Text.Model).Stage.BeforeLayer = _ => passes++;
        SessionOptions small = new() { ContextTokens = 8 };
        ContextOverflowException tooLong = await Assert.ThrowsAsync<ContextOverflowException>(
            () => model.Text.EmbedAsync(["hello", "0123456789"], new EmbeddingOptions { Session = small }));
        Assert.Equal((10, 8), (tooLong.NeededTokens, tooLong.LimitTokens));
        ArgumentException empty = await Assert.ThrowsAsync<ArgumentException>(() => model.Text.EmbedAsync(["hello", ""]));
        Assert.StartsWith("Text 1: expected at least one token", empty.Message, StringComparison.Ordinal);
        foreach (int dimensions in (int[])[0, 65])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => model.Text.EmbedAsync(["hello"], new EmbeddingOptions { Dimensions = dimensions }));
        }
        NotSupportedException end = await Assert.ThrowsAsync<NotSupportedException>(
            () => model.Text.EmbedAsync(["hello"], new EmbeddingOptions { EndToken = "<|eot|>" }));
        Assert.Contains("<|eot|>", end.Message, StringComparison.Ordinal);
        Assert.Equal(0, passes);
        Assert.Empty(await model.Text.EmbedAsync([]));
    }

    [Fact]
    public async Task No_product_with_the_vocabulary_is_computed()
    {
        using EmbeddingModel model = new();
        await model.Text.EmbedAsync(s_texts);
        long without = model.Text.Model.ScratchBytes;
        using LanguageSession session = model.Text.Model.CreateSession();
        model.Text.Model.Forward(session, [1]);
        // The scratch holds logits from the first product on.
        Assert.InRange(model.Text.Model.ScratchBytes - without, sizeof(float) * model.Text.Model.Config.VocabularySize, long.MaxValue);
    }

    [Fact]
    public async Task Cancellation_ends_it_within_a_pass()
    {
        using EmbeddingModel model = new();
        using CancellationTokenSource cancellation = new();
        int layers = 0;
        ((Cpu.CpuModel)model.Text.Model).Stage.BeforeLayer = _ =>
        {
            if (++layers == 4) cancellation.Cancel(); // of the second pass, the last layer
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => model.Text.EmbedAsync(s_texts, cancellationToken: cancellation.Token));
        Assert.Equal(4, layers);
        Assert.Single(await model.Text.EmbedAsync(["hello"]));
    }
}
