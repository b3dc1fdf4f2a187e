using System.Collections.Generic;
using System.IO;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>config.json and the shards of a Hugging Face folder, laid out as the published Qwen2.5 and AHN folders are.</summary>
internal static class SyntheticFolder
{
    /// <param name="folder">Where config.json goes.</param>
    /// <param name="c">The model's shape.</param>
    /// <param name="type">Of the weights.</param>
    /// <param name="ahn">The memory, or null for a base folder.</param>
    public static void WriteConfig(string folder, ModelConfig c, GgmlType type, AhnConfig? ahn) =>
        JsonFile.Write(Path.Combine(folder, "config.json"), json =>
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(c.Architecture.CheckpointClass);
            json.WriteEndArray();
            json.WriteString("model_type", c.Architecture.Name);
            json.WriteString("hidden_act", "silu");
            json.WriteNumber("bos_token_id", SyntheticTokenizer.EndOfText);
            json.WriteNumber("eos_token_id", SyntheticTokenizer.EndOfTurn);
            json.WriteNumber("vocab_size", c.VocabularySize);
            json.WriteNumber("hidden_size", c.HiddenSize);
            json.WriteNumber("intermediate_size", c.FfnSize);
            json.WriteNumber("num_hidden_layers", c.LayerCount);
            json.WriteNumber("num_attention_heads", c.HeadCount);
            json.WriteNumber("num_key_value_heads", c.KvHeadCount);
            if (c.HeadDim * c.HeadCount != c.HiddenSize) json.WriteNumber("head_dim", c.HeadDim);
            json.WriteNumber("max_position_embeddings", c.ContextLength);
            json.WriteNumber("rms_norm_eps", c.RmsNormEpsilon);
            json.WriteNumber("rope_theta", c.RopeTheta);
            json.WriteBoolean("tie_word_embeddings", c.TiedEmbeddings);
            json.WriteString("torch_dtype", type switch { GgmlType.F32 => "float32", GgmlType.F16 => "float16", _ => "bfloat16" });
            if (ahn is null)
            {
                json.WriteNumber("sliding_window", c.ContextLength);
                json.WriteBoolean("use_sliding_window", false);
                return;
            }
            // The published folders carry the training's window and no num_attn_sinks.
            json.WriteString("_layer_implementation", "Qwen2MemDecoderLayer");
            json.WriteString("_ahn_implementation", ahn.Rule.Name);
            json.WriteNumber("sliding_window", 256);
            json.WriteString("sliding_window_type", "random");
            json.WriteBoolean("use_sliding_window", true);
            json.WriteString("ahn_position", "random");
            json.WriteBoolean("use_q_proj", false);
            json.WriteBoolean("use_ahn_router", false);
            json.WriteString("fa_layer_ids", "");
            json.WriteBoolean("use_normalized_l2", true);
            json.WriteBoolean("save_ahn_only", true);
        });

    /// <summary>One file, or numbered shards and their index.</summary>
    public static void WriteShards(string folder, IReadOnlyList<SafetensorsWriter> shards)
    {
        if (shards.Count == 1)
        {
            shards[0].Write(Path.Combine(folder, HuggingFaceModel.SingleFile));
            return;
        }
        string NameOf(int i) => $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
        for (int i = 0; i < shards.Count; i++) shards[i].Write(Path.Combine(folder, NameOf(i)));
        JsonFile.Write(Path.Combine(folder, HuggingFaceModel.IndexFile), json =>
        {
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", shards.Sum(shard => shard.DataBytes));
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            for (int i = 0; i < shards.Count; i++)
            {
                foreach (string name in shards[i].Names) json.WriteString(name, NameOf(i));
            }
            json.WriteEndObject();
        });
    }
}
