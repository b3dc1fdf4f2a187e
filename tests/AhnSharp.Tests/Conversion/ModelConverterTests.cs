using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Tests.Conversion;

public sealed class ModelConverterTests
{
    [Theory]
    [InlineData("deltanet", 8)]
    [InlineData("gated_deltanet", 14)]
    [InlineData("mamba2", 14)]
    public void A_merged_file_has_the_keys_tensors_and_values_of_the_convention(string kind, int ahnTensors)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, kind).Write();
        (ConversionReport report, string path) = Convert(
            folder, new() { BaseFolder = model.Path, AhnFolder = memory.Path, Output = "", Mixture = QuantizationMixture.Get("f32") });
        using GgufFile file = GgufFile.Open(path);
        GgufMetadata keys = file.Metadata;

        Assert.Equal("merged", report.Form);
        Assert.Equal("qwen2-ahn", keys.GetString("general.architecture"));
        Assert.Equal("model", keys.GetString("general.type"));
        Assert.DoesNotContain(keys.Keys, key => key.StartsWith("qwen2.", StringComparison.Ordinal));
        Assert.Equal(32u, keys.GetUInt32("qwen2-ahn.embedding_length"));
        Assert.Equal(1e-6f, keys.GetSingle("qwen2-ahn.attention.layer_norm_rms_epsilon"));
        Assert.False(keys.Contains("qwen2-ahn.attention.key_length"));
        Assert.Equal(kind, keys.GetString("ahn.kind"));
        Assert.Equal((48u, 8u), (keys.GetUInt32("ahn.sliding_window"), keys.GetUInt32("ahn.attention_sinks")));
        Assert.Equal((2u, 32u, 4u, 8u), (keys.GetUInt32("ahn.block_count"), keys.GetUInt32("ahn.embedding_length"),
            keys.GetUInt32("ahn.head_count"), keys.GetUInt32("ahn.head_dim")));
        Assert.Equal(1e-5f, keys.GetSingle("ahn.norm_epsilon"));
        Assert.False(keys.Contains("ahn.full_attention_layers"));
        Assert.Equal(BaseFingerprint.Of(file, 2), keys.GetString("ahn.base_model.fingerprint"));
        Assert.Equal(26 + ahnTensors, file.Tensors.Count);

        Assert.Equal(model.Tensors["model.layers.1.mlp.down_proj.weight"].Values, file.Values("blk.1.ffn_down.weight"));
        Assert.Equal([64L, 32], file.GetTensor("blk.1.ffn_down.weight").Shape.ToArray());
        Assert.Equal(model.Tensors["model.norm.weight"].Values, file.Values("output_norm.weight"));
        string fn = "model.layers.1.ahn.fn.";
        Assert.Equal(
            memory.Tensors[fn + (kind == "mamba2" ? "dt_proj.weight" : "b_proj.weight")].Values, file.Values("blk.1.ahn_beta.weight"));
        Assert.Equal(
            memory.Tensors[fn + (kind == "mamba2" ? "norm.weight" : "o_norm.weight")].Values, file.Values("blk.1.ahn_norm.weight"));
        Assert.Equal(kind == "mamba2" ? [32L] : [8L], file.GetTensor("blk.1.ahn_norm.weight").Shape.ToArray());
        if (kind == "mamba2")
        {
            Assert.Equal(
                memory.Tensors[fn + "dt_bias"].Values.Zip(memory.Tensors[fn + "dt_proj.bias"].Values, (a, b) => a + b),
                file.Values("blk.1.ahn_dt.bias"));
        }
        else if (kind == "gated_deltanet")
        {
            Assert.Equal(memory.Tensors[fn + "dt_bias"].Values, file.Values("blk.1.ahn_dt.bias"));
        }
    }

    [Fact]
    public void The_output_projection_is_transposed_head_by_head()
    {
        using TemporaryFolder folder = new();
        TinyFolder memory = TinyFolder.Ahn(folder, "deltanet").Write();
        using GgufFile file = GgufFile.Open(
            Convert(folder, new() { AhnFolder = memory.Path, Output = "", Mixture = QuantizationMixture.Get("f32") }).Path);
        float[] published = memory.Tensors["model.layers.1.ahn.fn.o_proj.weight"].Values, written = file.Values("blk.1.ahn_out.weight");
        for (int head = 0; head < 4; head++)
        {
            for (int o = 0; o < 8; o++)
            {
                for (int i = 0; i < 8; i++) Assert.Equal(published[(head * 8 + i) * 8 + o], written[(head * 8 + o) * 8 + i]);
            }
        }
    }

    [Theory]
    [InlineData(GgmlType.F32, GgmlType.F32)]
    [InlineData(GgmlType.F16, GgmlType.F16)]
    [InlineData(GgmlType.BF16, GgmlType.BF16)]
    [InlineData(GgmlType.Q8_0, GgmlType.F16)]
    public void Norms_and_biases_stay_F32_and_the_memory_precise(GgmlType type, GgmlType memoryType)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "mamba2").Write();
        using GgufFile file = GgufFile.Open(Convert(folder, new()
        {
            BaseFolder = model.Path,
            AhnFolder = memory.Path,
            Output = "",
            Mixture = QuantizationMixture.Get(type.ToString()),
        }).Path);
        foreach (GgufTensor tensor in file.Tensors)
        {
            GgmlType expected =
                tensor.Shape.Length == 1 ? GgmlType.F32 : tensor.Name.Contains(".ahn_", StringComparison.Ordinal) ? memoryType : type;
            Assert.Equal(expected, tensor.Type);
        }
        float[] weights = model.Tensors["model.layers.0.mlp.gate_proj.weight"].Values;
        float largest = weights.Max(MathF.Abs);
        float tolerance = type == GgmlType.Q8_0 ? largest / 127 : 0;        // the test's weights are exact in the float types
        Assert.All(
            weights.Zip(file.Values("blk.0.ffn_gate.weight")), pair => Assert.InRange(pair.Second - pair.First, -tolerance, tolerance));
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Half_precision_sources_give_the_same_file_as_float32(string sourceType)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        byte[] expected = File.ReadAllBytes(Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path);
        model.Retype(sourceType);
        model.Write();
        Assert.Equal(expected, File.ReadAllBytes(Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path));
    }

    [Fact]
    public void Shards_give_the_same_file_as_one()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        byte[] expected = File.ReadAllBytes(Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path);
        File.Delete(Path.Combine(model.Path, HuggingFaceModel.SingleFile));
        model.Write(shards: 3);
        Assert.Equal(3, Directory.GetFiles(model.Path, "*.safetensors").Length);
        Assert.Equal(expected, File.ReadAllBytes(Convert(folder, new() { BaseFolder = model.Path, Output = "" }).Path));
    }

    [Fact]
    public void An_adapter_has_no_base_keys_and_says_aloud_that_it_has_no_fingerprint()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "deltanet").Write();
        (ConversionReport report, string path) = Convert(folder, new() { AhnFolder = memory.Path, Output = "" });
        using (GgufFile file = GgufFile.Open(path))
        {
            Assert.Equal(("adapter", "ahn", "qwen2"),
                (file.Metadata.GetString("general.type"), file.Metadata.GetString("adapter.type"),
                    file.Metadata.GetString("general.architecture")));
            Assert.DoesNotContain(file.Metadata.Keys,
                key => key.StartsWith("qwen2", StringComparison.Ordinal) || key.StartsWith("tokenizer", StringComparison.Ordinal));
            Assert.False(file.Metadata.Contains("ahn.base_model.fingerprint"));
            Assert.Equal(1u, file.Metadata.GetUInt32("general.file_type"));      // F16, although Q8_0 was asked for
            Assert.All(file.Tensors, tensor => Assert.Contains(".ahn_", tensor.Name, StringComparison.Ordinal));
        }
        Assert.Contains("--fingerprint-from", Assert.Single(report.Notes), StringComparison.Ordinal);

        string basePath = folder.PathOf("base.gguf");
        Convert(folder, new() { BaseFolder = model.Path, Output = "" }, basePath);
        string? fromFile = Convert(folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = basePath }).Report.Fingerprint;
        string? fromFolder =
            Convert(folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = model.Path }).Report.Fingerprint;
        Assert.Matches("^[0-9a-f]{64}$", fromFile);
        Assert.Equal(fromFile, fromFolder);
    }

    [Theory]
    [InlineData(null, null, null, null, 32640, 128, true)]
    [InlineData(null, null, 8064, null, 8064, 128, true)]
    [InlineData(null, null, null, 0, 32640, 0, true)]
    [InlineData(null, null, 8064, 64, 8064, 64, false)]
    [InlineData(48, 8, null, null, 48, 8, false)]
    [InlineData(48, 8, 100, null, 100, 8, false)]
    [InlineData(256, 0, null, null, 256, 0, false)]
    public void Window_and_sinks_follow_the_rule(
        int? written, int? writtenSinks, int? window, int? sinks, int expectedWindow, int expectedSinks, bool isSaid)
    {
        using TemporaryFolder folder = new();
        TinyFolder memory = TinyFolder.Ahn(folder, "deltanet");
        memory.Config["sliding_window"] = written ?? 256;
        memory.Config.Remove("num_attn_sinks");
        memory.Config["dy_num_attn_sinks"] = 999;      // stale in some published folders
        memory.Config["dy_sliding_window"] = 999;
        if (writtenSinks is { } s) memory.Config["num_attn_sinks"] = s;
        memory.Write();
        (ConversionReport report, _) = Convert(folder, new() { AhnFolder = memory.Path, Output = "", Window = window, Sinks = sinks });
        Assert.Equal((expectedWindow, expectedSinks), (report.Window, report.Sinks));
        Assert.Equal(isSaid, report.Notes.Any(note => note.Contains("num_attn_sinks", StringComparison.Ordinal)
            && note.Contains(
                $"{expectedWindow}", StringComparison.Ordinal) && note.Contains($"{expectedSinks}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Layers_of_full_attention_have_no_memory()
    {
        using TemporaryFolder folder = new();
        TinyFolder memory = TinyFolder.Ahn(folder, "gated_deltanet");
        memory.Config["fa_layer_ids"] = "1";
        foreach (string name in memory.Tensors.Keys.Where(name => name.Contains(".layers.1.", StringComparison.Ordinal)).ToArray())
            memory.Tensors.Remove(name);
        memory.Write();
        using GgufFile file = GgufFile.Open(Convert(folder, new() { AhnFolder = memory.Path, Output = "" }).Path);
        Assert.Equal([1], file.Metadata.GetInt32Array("ahn.full_attention_layers"));
        Assert.All(file.Tensors, tensor => Assert.StartsWith("blk.0.", tensor.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void Yarn_and_a_head_dimension_of_its_own_are_written()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder);
        model.Config["rope_scaling"] =
            new JsonObject { ["type"] = "yarn", ["factor"] = 4.0, ["original_max_position_embeddings"] = 512, ["attention_factor"] = 2.0 };
        model.Config["head_dim"] = 4;
        foreach (string name in model.Tensors.Keys.Where(name => name.Contains("self_attn", StringComparison.Ordinal)).ToArray())
        {
            (string type, long[] shape, float[] values) = model.Tensors[name];
            int axis = name.Contains("o_proj", StringComparison.Ordinal) ? 1 : 0;
            shape[axis] /= 2;
            model.Tensors[name] = (type, shape, values[..(values.Length / 2)]);
        }
        using GgufFile file = GgufFile.Open(Convert(folder, new() { BaseFolder = model.Write().Path, Output = "" }).Path);
        Assert.Equal(4u, file.Metadata.GetUInt32("qwen2.attention.key_length"));
        Assert.Equal(
            ("yarn", 4f, 512u), (file.Metadata.GetString("qwen2.rope.scaling.type"), file.Metadata.GetSingle("qwen2.rope.scaling.factor"),
                file.Metadata.GetUInt32("qwen2.rope.scaling.original_context_length")));
        Assert.Equal(2 / (0.1 * Math.Log(4) + 1), file.Metadata.GetSingle("qwen2.rope.scaling.attn_factor"), 1e-6);
        Assert.Equal(GgmlType.F16, file.GetTensor("blk.0.attn_output.weight").Type);      // rows of 16 do not fit Q8_0
    }

    [Fact]
    public void An_untied_head_is_written_and_a_redundant_one_left_out_aloud()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder);
        model.Tensors["lm_head.weight"] = ("F32", [20, 32], new float[640]);
        (ConversionReport tied, string tiedPath) = Convert(folder, new() { BaseFolder = model.Write().Path, Output = "" });
        using (GgufFile file = GgufFile.Open(tiedPath)) Assert.False(file.TryGetTensor("output.weight", out _));
        Assert.Contains(tied.Notes, note => note.Contains("lm_head.weight", StringComparison.Ordinal));

        model.Config["tie_word_embeddings"] = false;
        using GgufFile untied = GgufFile.Open(Convert(folder, new() { BaseFolder = model.Write().Path, Output = "" }).Path);
        Assert.Equal([32L, 20], untied.GetTensor("output.weight").Shape.ToArray());
    }

    [Fact]
    public void Nothing_is_left_behind_by_a_failure()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder);
        model.Tensors["model.norm.weight"].Values[3] = float.NaN;
        model.Write();
        string message =
            Assert.Throws<InvalidModelException>(() => Convert(folder, new() { BaseFolder = model.Path, Output = "" })).Message;
        Assert.Contains("output_norm.weight", message, StringComparison.Ordinal);
        Assert.Equal(["base"], Directory.EnumerateFileSystemEntries(folder.Path).Select(entry => Path.GetFileName(entry)!));
    }

    internal static (ConversionReport Report, string Path) Convert(TemporaryFolder folder, ConversionOptions options, string? path = null)
    {
        path ??= folder.PathOf("out.gguf");
        return (ModelConverter.Convert(options with { Output = path, Overwrite = true }), path);
    }
}
