using System;
using System.IO;
using System.Linq;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class SyntheticModelTests
{
    // The smallest that has Qwen's vocabulary: 19 million weights in the embedding, 100 thousand elsewhere.
    private static readonly ModelConfig Small =
        QwenShape.Get("0.5B") with { HiddenSize = 128, FfnSize = 256, LayerCount = 2, HeadCount = 4, KvHeadCount = 2, HeadDim = 32 };

    [Theory]
    [InlineData("deltanet", "q8_0")]
    [InlineData("gated_deltanet", "f16")]
    [InlineData("mamba2", "q4_0")]
    [InlineData(null, "q4_k_m")]
    public void Logits_are_finite_and_the_seed_decides_every_byte(string? kind, string type)
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.gguf"), again = folder.PathOf("b.gguf"), other = folder.PathOf("c.gguf");
        Assert.True(QuantizationMixture.TryGet(type, out QuantizationMixture? mixture));
        new SyntheticModel("small", Small, Rule(kind), 1).WriteGguf(path, mixture);
        new SyntheticModel("small", Small, Rule(kind), 1).WriteGguf(again, mixture);
        new SyntheticModel("small", Small, Rule(kind), 2).WriteGguf(other, mixture);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(again)));
        Assert.NotEqual(Fingerprint(path), Fingerprint(other));

        using CpuModel model = CpuModel.Load(path);
        using LanguageSession session = model.CreateSession(
            new SessionOptions { Window = 8, Sinks = 2, Mode = kind is null ? MemoryMode.Full : MemoryMode.Ahn });
        model.Forward(session, [.. Enumerable.Range(0, 40)]);
        float[] logits = session.LastLogits.ToArray();
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
        double deviation = Math.Sqrt(logits.Average(logit => (double)logit * logit));
        Assert.InRange(deviation, 0.1, 10);
    }

    [Fact]
    public void Text_goes_through_the_synthetic_vocabulary_byte_by_byte()
    {
        using TemporaryFolder folder = new();
        Assert.True(QuantizationMixture.TryGet("q8_0", out QuantizationMixture? mixture));
        new SyntheticModel("small", Small, null, 1).WriteGguf(folder.PathOf("a.gguf"), mixture);
        using GgufFile file = GgufFile.Open(folder.PathOf("a.gguf"));
        QwenTokenizer tokenizer = QwenTokenizer.FromGguf(file.Metadata);
        const string Text = "Hello, 世界 🌍\n";
        int[] ids = tokenizer.Encode(Text);
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(Text), ids.Length);
        Assert.Equal(Text, tokenizer.Decode(ids));
        Assert.Equal([151643, 151645], tokenizer.EndTokens.Order());
        Assert.True(tokenizer.IsUnused(1000));
        Assert.True(tokenizer.IsUnused(151_900));
        Assert.False(tokenizer.IsUnused(151_644));
        int[] chat = ChatTemplate.Parse(tokenizer.ChatTemplateSource!).Encode(tokenizer, [new ChatMessage("user", "<|im_end|>")]);
        Assert.Equal(2, chat.Count(id => id == 151_644));
        Assert.Single(chat, 151_645);       // the template's own; the message's is text
    }

    [Theory]
    [InlineData("deltanet")]
    [InlineData("gated_deltanet")]
    [InlineData("mamba2")]
    public void A_folder_converts_to_the_file_that_is_written_at_once(string kind)
    {
        using TemporaryFolder folder = new();
        SyntheticModel model = new("small", Small, Rule(kind), 3);
        Assert.True(QuantizationMixture.TryGet("f32", out QuantizationMixture? mixture));
        model.WriteGguf(folder.PathOf("direct.gguf"), mixture);
        model.WriteHuggingFace(folder.Path, GgmlType.F32);
        ConversionReport report = ModelConverter.Convert(
            new()
            {
                BaseFolder = folder.PathOf("base"),
                AhnFolder = folder.PathOf("ahn"),
                Output = folder.PathOf("converted.gguf"),
                Mixture = QuantizationMixture.Get("f32"),
            });
        Assert.Contains(report.Notes, note =>
            note.Contains("sliding_window of 256", StringComparison.Ordinal) && note.Contains("32640", StringComparison.Ordinal));

        using GgufFile direct = GgufFile.Open(folder.PathOf("direct.gguf")), converted = GgufFile.Open(folder.PathOf("converted.gguf"));
        Assert.Equal(direct.Tensors.Select(tensor => $"{tensor.Name} {tensor.TypeAndShape}"), converted.Tensors.Select(
            tensor => $"{tensor.Name} {tensor.TypeAndShape}"));
        foreach (string key in direct.Metadata.Keys.Where(key => key != "general.name"))
            Assert.Equal(direct.Metadata[key], converted.Metadata[key]);
        foreach (GgufTensor tensor in direct.Tensors.Where(tensor =>
            !tensor.Name.Contains("ahn_out", StringComparison.Ordinal) && !tensor.Name.Contains("ahn_dt", StringComparison.Ordinal)))
        {
            Assert.Equal(direct.Values(tensor.Name), converted.Values(tensor.Name));
        }
    }

    [Theory]
    [InlineData("0.5B", 494_032_768)]
    [InlineData("1.5B", 1_543_714_304)]
    [InlineData("3B", 3_085_938_688)]
    [InlineData("7B", 7_615_616_512)]
    [InlineData("14B", 14_770_033_664)]
    [InlineData("32B", 32_763_876_352)]
    [InlineData("72B", 72_706_203_648)]
    [InlineData("Qwen3-0.6B", 596_049_920)]
    [InlineData("Qwen3-1.7B", 1_720_574_976)]
    [InlineData("Qwen3-4B", 4_022_468_096)]
    [InlineData("Qwen3-8B", 8_190_735_360)]
    [InlineData("Qwen3-14B", 14_768_307_200)]
    [InlineData("Qwen3-32B", 32_762_123_264)]
    public void Base_models_have_the_published_parameter_counts(string shape, long expected) =>
        Assert.Equal(expected, SyntheticModel.Create(shape, null, 0).BaseParameters);

    [Fact]
    public void Large_folders_are_sharded()
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter[] shards = [new(), new()];
        shards[0].Add("a", "F32", [2], stream => stream.Write(new byte[8]));
        shards[1].Add("b", "F16", [3], stream => stream.Write(new byte[6]));
        SyntheticFolder.WriteShards(folder.Path, shards);
        Assert.Equal(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static MemoryRule? Rule(string? word) => word is null ? null : MemoryRule.OfWord(word);

    private static string Fingerprint(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return BaseFingerprint.Of(file, Small.LayerCount);
    }
}
