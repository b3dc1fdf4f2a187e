using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>What a Hugging Face folder's config.json says of the network and of its tokens.</summary>
/// <param name="Model">The network's shape, without a memory.</param>
/// <param name="EndTokens"><c>eos_token_id</c>, one or several; none where it is missing.</param>
/// <param name="BeginToken"><c>bos_token_id</c>, or null.</param>
internal sealed record FolderConfig(ModelConfig Model, IReadOnlyList<int> EndTokens, int? BeginToken)
{
    /// <summary>Reads the fields that both a base folder and an AHN folder have.</summary>
    public static FolderConfig Read(ConfigJson json)
    {
        const int MaxSize = 1 << 24;
        string modelType = json.Text("model_type") ?? throw json.Missing("model_type");
        Architecture architecture = Architecture.All.FirstOrDefault(row => row.Name == modelType)
            ?? throw json.Wrong("model_type", string.Join(" or ", Architecture.All.Select(row => row.Name)), modelType);
        if (json.Text("hidden_act") is { } act && act != "silu") throw json.Wrong("hidden_act", "silu", act);
        if (json.Find("quantization_config") is not null)
        {
            throw new InvalidModelException(
                $"{json.Path}: the weights are quantized already (quantization_config); convert from the F32, F16 or BF16 folder.");
        }

        int hidden = json.RequiredInt("hidden_size", 1, MaxSize);
        int heads = json.RequiredInt("num_attention_heads", 1, 4096);
        int kvHeads = json.Int("num_key_value_heads", 1, 4096) ?? heads;
        if (heads % kvHeads != 0)
            throw json.Wrong("num_attention_heads", $"a multiple of num_key_value_heads, {kvHeads}", heads.ToString(null, null));
        if (json.Find("head_dim") is null && hidden % heads != 0)
        {
            throw json.Wrong(
                "hidden_size", $"a multiple of num_attention_heads, {heads}, where there is no head_dim", hidden.ToString(null, null));
        }
        int headDim = json.Int("head_dim", 2, 4096) ?? hidden / heads;
        if (headDim % 2 != 0) throw json.Wrong("head_dim", "even, for the rotation of pairs", headDim.ToString(null, null));

        // transformers 5 moved rope_theta and rope_scaling into one object.
        ConfigJson? rope = json.Object("rope_parameters");
        ConfigJson? scaling = rope ?? json.Object("rope_scaling");
        int context = json.RequiredInt("max_position_embeddings", 1, int.MaxValue);
        var model = new ModelConfig
        {
            Architecture = architecture,
            HiddenSize = hidden,
            LayerCount = json.RequiredInt("num_hidden_layers", 1, 4096),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadDim = headDim,
            FfnSize = json.RequiredInt("intermediate_size", 1, MaxSize),
            VocabularySize = json.RequiredInt("vocab_size", 1, MaxSize),
            ContextLength = context,
            RmsNormEpsilon = (float)(json.Number("rms_norm_eps", 0, 1) ?? throw json.Missing("rms_norm_eps")),
            RopeTheta = json.Number("rope_theta", 1, 1e12) ?? rope?.Number("rope_theta", 1, 1e12) ?? throw json.Missing("rope_theta"),
            RopeScaling = ReadScaling(scaling, context),
            TiedEmbeddings = json.Bool("tie_word_embeddings") ?? false,
        };
        return new FolderConfig(model, json.Ids("eos_token_id"), json.Int("bos_token_id", 0, int.MaxValue));
    }

    /// <summary>Reads a base folder's config.json, which must not ask for what the engine lacks.</summary>
    public static FolderConfig ReadBase(ConfigJson json)
    {
        if (json.Find("_ahn_implementation") is not null)
        {
            throw new InvalidModelException(
                $"{json.Path} has an _ahn_implementation: this is a memory's folder, which goes behind --ahn; expected the base model's.");
        }
        if (json.Bool("use_sliding_window") == true)
        {
            throw json.Wrong("use_sliding_window", "false (Qwen2's own sliding window is not an AHN's and is not supported)", "true");
        }
        return Read(json);
    }

    private static RopeScaling? ReadScaling(ConfigJson? scaling, int context)
    {
        string? type = scaling?.Text("rope_type") ?? scaling?.Text("type");
        if (scaling is null || type is null or "default") return null;
        if (type is not ("yarn" or "linear")) throw scaling.Wrong("rope_type", "yarn, linear or default", type);
        double factor = scaling.Number("factor", 1, 1e6) ?? throw scaling.Missing("factor");
        if (type == "linear") return new RopeScaling(factor, context) { Extrapolation = 0 };
        foreach (string field in new[] { "mscale", "mscale_all_dim" })
        {
            if (scaling.Find(field) is { } value) throw scaling.Wrong(field, "absent, as it has no place in the file", value.GetRawText());
        }
        return new RopeScaling(factor, scaling.Int("original_max_position_embeddings", 1, int.MaxValue) ?? context)
        {
            // transformers' takes the place of 0.1·ln s + 1; a GGUF's is multiplied with it.
            AttentionFactor =
                scaling.Number("attention_factor", 1e-3, 1e3) is { } whole ? (float)(whole / (0.1 * Math.Log(factor) + 1)) : 1,
            BetaFast = scaling.Number("beta_fast", 1e-3, 1e6) ?? 32,
            BetaSlow = scaling.Number("beta_slow", 1e-3, 1e6) ?? 1,
        };
    }
}
