using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using Xunit;

namespace AhnSharp.Tests.Conversion;

/// <summary>Whatever a folder lacks, has too much or has wrong is refused by name.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("model_type", "\"llama\"", "llama")]
    [InlineData("hidden_act", "\"gelu\"", "gelu")]
    [InlineData("hidden_size", "0", "hidden_size")]
    [InlineData("hidden_size", "\"32\"", "hidden_size")]
    [InlineData("hidden_size", "4000000000", "hidden_size")]
    [InlineData("hidden_size", "30", "hidden_size")]
    [InlineData("hidden_size", "64", "model.embed_tokens.weight: expected [20, 64] by config.json, found [20, 32]")]
    [InlineData("num_hidden_layers", "3", "model.layers.2.input_layernorm.weight")]
    [InlineData("num_hidden_layers", "1", "model.layers.1.input_layernorm.weight and 11 more")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("num_key_value_heads", "4", "self_attn.k_proj.weight: expected [32, 32]")]
    [InlineData("head_dim", "7", "head_dim")]
    [InlineData("vocab_size", "21", "expected [21, 32]")]
    [InlineData("rms_norm_eps", "null", "rms_norm_eps")]
    [InlineData("rope_theta", "\"big\"", "rope_theta")]
    [InlineData("tie_word_embeddings", "false", "lm_head.weight")]
    [InlineData("use_sliding_window", "true", "use_sliding_window")]
    [InlineData("quantization_config", """{"quant_method":"gptq"}""", "quantization_config")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8}""", "llama3")]
    [InlineData("rope_scaling", """{"type":"yarn"}""", "factor")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4,"beta_fast":0}""", "beta_fast")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4,"attention_factor":0}""", "attention_factor")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4,"mscale":2}""", "mscale")]
    [InlineData("_ahn_implementation", "\"DeltaNet\"", "--ahn")]
    public void A_base_folder_that_is_not_as_it_should_be(string field, string value, string named)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder);
        model.Config[field] = JsonNode.Parse(value);
        Refuses(folder, new() { BaseFolder = model.Write().Path, Output = "" }, named);
    }

    [Theory]
    [InlineData("use_q_proj", "true", "use_q_proj")]
    [InlineData("use_ahn_router", "true", "use_ahn_router")]
    [InlineData("use_q_proj", "\"yes\"", "use_q_proj")]
    [InlineData("_ahn_implementation", "\"RWKV7\"", "RWKV7")]
    [InlineData("_ahn_implementation", "null", "_ahn_implementation")]
    [InlineData("_ahn_implementation", "\"Mamba2\"", "dt_proj.weight")]
    [InlineData("sliding_window", "null", "sliding_window")]
    [InlineData("sliding_window", "0", "sliding_window")]
    [InlineData("sliding_window", "2000000", "2000000")]
    [InlineData("num_attn_sinks", "-1", "num_attn_sinks")]
    [InlineData("fa_layer_ids", "\"2\"", "fa_layer_ids")]
    [InlineData("fa_layer_ids", "\"1,1\"", "fa_layer_ids")]
    [InlineData("fa_layer_ids", "\"0,1\"", "fewer than all")]
    [InlineData("fa_layer_ids", "\"one\"", "fa_layer_ids")]
    [InlineData("fa_layer_ids", "\"1\"", "model.layers.1.ahn.fn.b_proj.weight")]
    [InlineData("num_hidden_layers", "3", "layers 3")]
    [InlineData("hidden_size", "64", "hidden size 64")]
    [InlineData("num_attention_heads", "8", "heads 8")]
    public void A_memory_that_is_not_as_it_should_be(string field, string value, string named)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "deltanet");
        memory.Config[field] = JsonNode.Parse(value);
        Refuses(folder, new() { BaseFolder = model.Path, AhnFolder = memory.Write().Path, Output = "" }, named);
    }

    [Fact]
    public void Unknown_missing_and_mistyped_tensors()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder);
        model.Tensors["model.layers.0.self_attn.q_norm.weight"] = ("F32", [8], new float[8]);
        Refuses(folder, new() { BaseFolder = model.Write().Path, Output = "" }, "q_norm.weight");
        model.Tensors.Remove("model.layers.0.self_attn.q_norm.weight");

        (string Type, long[] Shape, float[] Values) bias = model.Tensors["model.layers.0.self_attn.v_proj.bias"];
        model.Tensors["model.layers.0.self_attn.v_proj.bias"] = bias with { Type = "F64" };
        Refuses(folder, new() { BaseFolder = model.Write().Path, Output = "" }, "v_proj.bias: expected F32, F16 or BF16, found F64");
        model.Tensors.Remove("model.layers.0.self_attn.v_proj.bias");
        Refuses(folder, new() { BaseFolder = model.Write().Path, Output = "" }, "model.layers.0.self_attn.v_proj.bias [16]");
        model.Tensors["model.layers.0.self_attn.v_proj.bias"] = bias;

        model.Tensors["model.layers.0.mlp.up_proj.weight"].Values[0] = 1e6f;
        Refuses(folder, new() { BaseFolder = model.Write().Path, Output = "", Mixture = QuantizationMixture.Get("f16") }, "65504");
    }

    [Fact]
    public void Shards_that_do_not_fit_their_index()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(shards: 2);
        string indexPath = Path.Combine(model.Path, HuggingFaceModel.IndexFile);
        string index = File.ReadAllText(indexPath), second = Path.Combine(model.Path, "model-00002-of-00002.safetensors");

        model.WriteFile(HuggingFaceModel.IndexFile, index.Replace("model-00002-of-00002", "../model", StringComparison.Ordinal));
        Refuses(folder, new() { BaseFolder = model.Path, Output = "" }, "plain name");
        model.WriteFile(HuggingFaceModel.IndexFile, index.Replace("model.norm.weight", "model.other.weight", StringComparison.Ordinal));
        Refuses(folder, new() { BaseFolder = model.Path, Output = "" }, "model.norm.weight");
        model.WriteFile(HuggingFaceModel.IndexFile, index);
        File.Move(second, second + ".away");
        Refuses(folder, new() { BaseFolder = model.Path, Output = "" }, "model-00002-of-00002.safetensors");
        File.Delete(indexPath);
        Refuses(folder, new() { BaseFolder = model.Path, Output = "" }, HuggingFaceModel.IndexFile);
    }

    [Fact]
    public void A_fingerprint_of_another_shape_or_kind_of_file()
    {
        using TemporaryFolder folder = new();
        TinyFolder memory = TinyFolder.Ahn(folder, "deltanet").Write();
        string adapter = folder.PathOf("adapter.gguf");
        ModelConverterTests.Convert(folder, new() { AhnFolder = memory.Path, Output = "" }, adapter);
        Refuses(folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = adapter }, "base model");
        Refuses(folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = Fixture.File("golden/base.gguf") }, "layers 2");
        string none = folder.PathOf("nothing");
        FileNotFoundException found = Assert.Throws<FileNotFoundException>(
            () => ModelConverterTests.Convert(folder, new() { AhnFolder = memory.Path, Output = "", FingerprintFrom = none }));
        Assert.StartsWith(none, found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json", "{")]
    [InlineData("config.json", "[]")]
    [InlineData("config.json", """{"model_type":"qwen2","model_type":"qwen2"}""")]
    [InlineData("config.json", """{"model_type":"\ud800"}""")]
    [InlineData("tokenizer.json", """{"model":{"type":"WordPiece"}}""")]
    [InlineData("tokenizer.json", """{"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"BPE","vocab":{},"merges":[]}}""")]
    [InlineData("vocab.json", """{"a":0}""")]
    public void Json_that_is_not_what_it_should_be(string name, string text)
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write();
        model.WriteFile(name, text);
        Refuses(folder, new() { BaseFolder = model.Path, Output = "" }, name);
    }

    private static void Refuses(TemporaryFolder folder, ConversionOptions options, string named)
    {
        string message = Assert.Throws<InvalidModelException>(() => ModelConverterTests.Convert(folder, options)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "out.gguf*").Select(Path.GetFileName));
    }
}
