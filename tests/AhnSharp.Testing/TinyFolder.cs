using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AhnSharp.Conversion;
using AhnSharp.Network;

namespace AhnSharp.Testing;

/// <summary>A Hugging Face folder of a two-layer model, to be bent in one place by each test.</summary>
/// <remarks>E 32, F 64, H 4, K 2, D 8, vocabulary 20; head dimension as E / H; of a Qwen3 16.</remarks>
internal sealed class TinyFolder
{
    private readonly TemporaryFolder _parent;
    private readonly string _name;

    private TinyFolder(TemporaryFolder parent, string name, string? kind, Network.Architecture? architecture)
    {
        _parent = parent;
        _name = name;
        bool qwen3 = architecture == Network.Architecture.Qwen3;
        Config = new JsonObject
        {
            ["model_type"] = qwen3 ? "qwen3" : "qwen2",
            ["hidden_act"] = "silu",
            ["hidden_size"] = 32,
            ["intermediate_size"] = 64,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 4,
            ["num_key_value_heads"] = 2,
            ["vocab_size"] = 20,
            ["max_position_embeddings"] = 1024,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 1000000.0,
            ["tie_word_embeddings"] = true,
            ["eos_token_id"] = 3,
            ["bos_token_id"] = 2,
        };
        if (qwen3) Config["head_dim"] = 16;
        if (kind is not null)
        {
            Config["_ahn_implementation"] = kind switch { "deltanet" => "DeltaNet", "gated_deltanet" => "GatedDeltaNet", _ => "Mamba2" };
            Config["sliding_window"] = 48;
            Config["num_attn_sinks"] = 8;
            Config["use_q_proj"] = false;
            Config["use_ahn_router"] = false;
            Config["fa_layer_ids"] = "";
        }
        ModelConfig shape = new()
        {
            Architecture = architecture ?? Network.Architecture.Qwen2,
            HiddenSize = 32,
            FfnSize = 64,
            LayerCount = 2,
            HeadCount = 4,
            KvHeadCount = 2,
            HeadDim = qwen3 ? 16 : 8,
            VocabularySize = 20,
            ContextLength = 1024,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 1e6,
            TiedEmbeddings = true,
        };
        Random random = new(7);
        NetworkTensors tensors = new(kind is null ? shape : shape with { Ahn = new AhnConfig(MemoryRule.OfWord(kind)!, 48, 8, []) });
        foreach (TensorSpec row in kind is null ? tensors.Base : tensors.Memories)
        {
            // Representable in every type, so that a test of F16 or BF16 may demand equality.
            float[] values = [.. Enumerable.Range(0, (int)row.ElementCount).Select(_ => random.Next(-127, 128) / 64f)];
            Tensors.Add(row.CheckpointName, ("F32", [.. row.Shape], values));
        }
    }

    public JsonObject Config { get; }

    public Dictionary<string, (string Type, long[] Shape, float[] Values)> Tensors { get; } = [];

    public string Path => _parent.PathOf(_name);

    public static TinyFolder Base(TemporaryFolder parent, Network.Architecture? architecture = null) =>
        new(parent, "base", null, architecture);

    public static TinyFolder Ahn(TemporaryFolder parent, string kind, Network.Architecture? architecture = null) =>
        new(parent, "ahn", kind, architecture);

    /// <summary>Writes config.json and the tensors, in one file or in shards with their index.</summary>
    public TinyFolder Write(int shards = 1)
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "config.json"), Config.ToJsonString());
        SafetensorsWriter[] writers = [.. Enumerable.Range(0, shards).Select(_ => new SafetensorsWriter())];
        int index = 0;
        foreach ((string name, (string type, long[] shape, float[] values)) in Tensors)
        {
            byte[] bytes = Encode(type, values);
            writers[index++ % shards].Add(name, type, shape, stream => stream.Write(bytes));
        }
        SyntheticFolder.WriteShards(Path, writers);
        return this;
    }

    public void WriteFile(string name, string text) => File.WriteAllText(System.IO.Path.Combine(Path, name), text);

    public void Retype(string type)
    {
        foreach (string name in Tensors.Keys.ToArray()) Tensors[name] = Tensors[name] with { Type = type };
    }

    private static byte[] Encode(string type, float[] values) => type switch
    {
        "F16" => MemoryMarshal.AsBytes<Half>(values.Select(value => (Half)value).ToArray()).ToArray(),
        "BF16" => MemoryMarshal.AsBytes<ushort>(
            values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)).ToArray()).ToArray(),
        "F64" => MemoryMarshal.AsBytes<double>(values.Select(value => (double)value).ToArray()).ToArray(),
        _ => MemoryMarshal.AsBytes<float>(values).ToArray(),
    };
}
