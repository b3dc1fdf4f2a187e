using System;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Model;
using AhnSharp.Network;
using AhnSharp.Tokenizer;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class SyntheticModelTests
{
    // The smallest that has Qwen's vocabulary: 19 million weights in the embedding, 100 thousand elsewhere.
    private static readonly ModelConfig Small = QwenShape.Get("0.5B") with { HiddenSize = 128, FfnSize = 256, LayerCount = 2, HeadCount = 4, KvHeadCount = 2, HeadDim = 32 };

    [Theory]
    [InlineData("deltanet", "q8_0")]
    [InlineData("gated_deltanet", "f16")]
    [InlineData("mamba2", "q4_0")]
    [InlineData(null, "q4_k_m")]
    public void Logits_are_finite_and_the_seed_decides_every_byte(string? kind, string type)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a.gguf"), again = folder.File("b.gguf"), other = folder.File("c.gguf");
        Assert.True(QuantizationMixture.TryGet(type, out QuantizationMixture? mixture));
        new SyntheticModel("small", Small, Rule(kind), 1).WriteGguf(path, mixture);
        new SyntheticModel("small", Small, Rule(kind), 1).WriteGguf(again, mixture);
        new SyntheticModel("small", Small, Rule(kind), 2).WriteGguf(other, mixture);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(again)));
        Assert.NotEqual(Fingerprint(path), Fingerprint(other));

        using QwenModel model = QwenModel.Load(path);
        using Session session = model.CreateSession(new SessionOptions { Window = 8, Sinks = 2, Mode = kind is null ? MemoryMode.Full : MemoryMode.Ahn });
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
        new SyntheticModel("small", Small, null, 1).WriteGguf(folder.File("a.gguf"), mixture);
        using GgufFile file = GgufFile.Open(folder.File("a.gguf"));
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
        model.WriteGguf(folder.File("direct.gguf"), mixture);
        model.WriteHuggingFace(folder.Path, GgmlType.F32);
        ConversionReport report = ModelConverter.Convert(
            new() { BaseFolder = folder.File("base"), AhnFolder = folder.File("ahn"), Output = folder.File("converted.gguf"), Mixture = QuantizationMixture.Get("f32") });
        Assert.Contains(report.Notes, note => note.Contains("sliding_window of 256", StringComparison.Ordinal) && note.Contains("32640", StringComparison.Ordinal));

        using GgufFile direct = GgufFile.Open(folder.File("direct.gguf")), converted = GgufFile.Open(folder.File("converted.gguf"));
        Assert.Equal(direct.Tensors.Select(tensor => $"{tensor.Name} {tensor.TypeAndShape}"), converted.Tensors.Select(tensor => $"{tensor.Name} {tensor.TypeAndShape}"));
        foreach (string key in direct.Metadata.Keys.Where(key => key != "general.name")) Assert.Equal(direct.Metadata[key], converted.Metadata[key]);
        foreach (GgufTensor tensor in direct.Tensors.Where(tensor => !tensor.Name.Contains("ahn_out", StringComparison.Ordinal) && !tensor.Name.Contains("ahn_dt", StringComparison.Ordinal)))
        {
            Assert.Equal(direct.Values(tensor.Name), converted.Values(tensor.Name));
        }
    }

    /// <summary>The counts of the published checkpoints, to the digits that their paper gives; GatedDeltaNet's unused D counts there.</summary>
    [Theory]
    [InlineData("3B", "deltanet", "11.8M")]
    [InlineData("3B", "gated_deltanet", "13.0M")]
    [InlineData("3B", "mamba2", "11.9M")]
    [InlineData("7B", "deltanet", "18.5M")]
    [InlineData("7B", "gated_deltanet", "21.3M")]
    [InlineData("7B", "mamba2", "18.6M")]
    [InlineData("14B", "deltanet", "51.1M")]
    [InlineData("14B", "gated_deltanet", "61.0M")]
    [InlineData("14B", "mamba2", "51.4M")]
    public void Memories_of_the_published_shapes_convert_and_inspect_to_their_parameter_counts(string shape, string kind, string expected)
    {
        using TemporaryFolder folder = new();
        SyntheticModel model = SyntheticModel.Create(shape, Rule(kind), 0);
        model.WriteHuggingFace(folder.Path, GgmlType.BF16, includeBase: false);
        ConversionReport report = ModelConverter.Convert(new() { AhnFolder = folder.File("ahn"), Output = folder.File("ahn.gguf"), Mixture = QuantizationMixture.Get("bf16") });
        Assert.Equal(expected, ByteProgress.Count(report.AhnParameters));
        Assert.Equal((AhnConfig.DefaultWindow, AhnConfig.DefaultSinks), (report.Window, report.Sinks));

        using GgufFile file = GgufFile.Open(folder.File("ahn.gguf"));
        InspectReport inspected = InspectReport.Of(file, null, new SessionOptions());
        Assert.Equal("adapter", inspected.Form);
        Assert.Equal(expected, ByteProgress.Count(inspected.AhnParameters));
        Assert.Equal(4L * model.Config.LayerCount * model.Config.HeadCount * 128 * 128, inspected.MemoryStateBytes);
    }

    [Theory]
    [InlineData("0.5B", 494_032_768)]
    [InlineData("1.5B", 1_543_714_304)]
    [InlineData("3B", 3_085_938_688)]
    [InlineData("7B", 7_615_616_512)]
    [InlineData("14B", 14_770_033_664)]
    [InlineData("32B", 32_763_876_352)]
    [InlineData("72B", 72_706_203_648)]
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
