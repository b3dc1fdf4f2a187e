using System;
using System.Linq;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Network;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Conversion;

/// <summary>The second architecture: files of Qwen3 by llama.cpp's names, from Hugging Face folders, with and without a memory.</summary>
public sealed class Qwen3Tests
{
    // Written here and not taken from the list that loader and converter read.
    private static readonly (string Name, string Checkpoint, long[] Shape)[] s_layer =
    [
        ("attn_norm.weight", "input_layernorm.weight", [32]), ("attn_q.weight", "self_attn.q_proj.weight", [32, 64]),
        ("attn_k.weight", "self_attn.k_proj.weight", [32, 32]),
        ("attn_v.weight", "self_attn.v_proj.weight", [32, 32]), ("attn_q_norm.weight", "self_attn.q_norm.weight", [16]),
        ("attn_k_norm.weight", "self_attn.k_norm.weight", [16]),
        ("attn_output.weight", "self_attn.o_proj.weight", [64, 32]), ("ffn_norm.weight", "post_attention_layernorm.weight", [32]),
        ("ffn_gate.weight", "mlp.gate_proj.weight", [32, 64]),
        ("ffn_up.weight", "mlp.up_proj.weight", [32, 64]), ("ffn_down.weight", "mlp.down_proj.weight", [64, 32]),
    ];

    [Theory]
    [InlineData(null)]
    [InlineData("gated_deltanet")]
    public void A_folder_becomes_a_file_of_the_names_and_shapes_of_Qwen3(string? kind)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder, Network.Architecture.Qwen3).Write();
        TinyFolder? memory = kind is null ? null : TinyFolder.Ahn(folder, kind, Network.Architecture.Qwen3).Write();
        (_, string path) = ModelConverterTests.Convert(
            folder, new() { BaseFolder = model.Path, AhnFolder = memory?.Path, Output = "", Mixture = QuantizationMixture.Get("f32") });
        using GgufFile file = GgufFile.Open(path);
        string architecture = kind is null ? "qwen3" : "qwen3-ahn";
        Assert.Equal(architecture, file.Metadata.GetString("general.architecture"));
        Assert.Equal((16u, 16u), (file.Metadata.GetUInt32(architecture + ".attention.key_length"), file.Metadata.GetUInt32(
            architecture + ".attention.value_length")));
        foreach ((string name, string checkpoint, long[] shape) in s_layer)
        {
            Assert.Equal(shape, file.GetTensor("blk.1." + name).Shape.ToArray());
            Assert.Equal(model.Tensors["model.layers.1." + checkpoint].Values, file.Values("blk.1." + name));
        }
        Assert.Equal(2 + 2 * s_layer.Length, file.Tensors.Count(tensor => !tensor.IsMemory));

        ModelConfig config = ModelKeys.Read(file);
        Assert.Equal((Network.Architecture.Qwen3, 16, kind), (config.Architecture, config.HeadDim, config.Ahn?.Rule.Word));
        using CpuModel loaded = CpuModel.Load(path, options: new ModelOptions { Threads = 1 });
        using LanguageSession session = loaded.CreateSession(
            new SessionOptions { Mode = kind is null ? MemoryMode.Window : MemoryMode.Ahn, Window = 6, Sinks = 2 });
        loaded.Forward(session, [.. Enumerable.Range(0, 20)]);
        Assert.All(session.LastLogits.ToArray(), logit => Assert.True(float.IsFinite(logit)));
    }

    [Fact]
    public void A_file_that_lacks_the_norms_or_has_biases_is_refused_by_name()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder, Network.Architecture.Qwen3);
        model.Tensors.Remove("model.layers.1.self_attn.k_norm.weight");
        model.Write();
        Assert.Contains("model.layers.1.self_attn.k_norm.weight [16]", Refusal(model), StringComparison.Ordinal);

        TinyFolder biased = TinyFolder.Base(folder, Network.Architecture.Qwen3);
        biased.Tensors.Add("model.layers.0.self_attn.q_proj.bias", ("F32", [64], new float[64]));
        biased.Write();
        Assert.Contains("model.layers.0.self_attn.q_proj.bias", Refusal(biased), StringComparison.Ordinal);

        string Refusal(TinyFolder broken) => Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(
                folder, new() { BaseFolder = broken.Path, Output = "", Mixture = QuantizationMixture.Get("f32") })).Message;
    }

    [Fact]
    public void A_memory_of_the_other_architecture_is_refused()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "deltanet", Network.Architecture.Qwen3).Write();
        string sentence = Assert.Throws<InvalidModelException>(
            () => ModelConverterTests.Convert(folder, new()
            {
                BaseFolder = model.Path,
                AhnFolder = memory.Path,
                Output = "",
                Mixture = QuantizationMixture.Get("f32"),
            })).Message;
        Assert.Contains("base model of Qwen3", sentence, StringComparison.Ordinal);

        (_, string basePath) = ModelConverterTests.Convert(
            folder, new() { BaseFolder = model.Path, Output = "", Mixture = QuantizationMixture.Get("f32") }, folder.PathOf("base.gguf"));
        (_, string ahnPath) = ModelConverterTests.Convert(
            folder, new() { AhnFolder = memory.Path, Output = "", Mixture = QuantizationMixture.Get("f32") }, folder.PathOf("memory.gguf"));
        sentence = Assert.Throws<InvalidModelException>(() => CpuModel.Load(basePath, ahnPath)).Message;
        Assert.Contains("expected a memory for qwen2", sentence, StringComparison.Ordinal);
        Assert.Contains("found one for qwen3", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_refused_by_a_sentence_that_lists_the_known()
    {
        string sentence = Assert.Throws<InvalidModelException>(() => Network.Architecture.Get("llama")).Message;
        foreach (string name in new[] { "qwen2, qwen2-ahn, qwen3, qwen3-ahn", "found llama", "Qwen2.5", "Qwen3" })
            Assert.Contains(name, sentence, StringComparison.Ordinal);
    }
}
