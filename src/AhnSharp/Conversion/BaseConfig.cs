using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Model;

namespace AhnSharp.Conversion;

/// <summary>The shape of a Qwen2.5 network, as config.json gives it.</summary>
/// <remarks>E = <see cref="HiddenSize"/>, H = <see cref="HeadCount"/>, K = <see cref="KvHeadCount"/>, D = <see cref="HeadDim"/>, F = <see cref="FfnSize"/>.</remarks>
public sealed record BaseConfig
{
    /// <summary>E.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>H, query heads.</summary>
    public required int HeadCount { get; init; }

    /// <summary>K, key and value heads.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>D; where config.json has no <c>head_dim</c>, E / H.</summary>
    public required int HeadDim { get; init; }

    /// <summary>F, the width of the feed-forward layers.</summary>
    public required int FfnSize { get; init; }

    /// <summary>Rows of the embedding; may be more than the tokenizer has tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens the base model was trained for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Epsilon of the layers' RMSNorm.</summary>
    public required double RmsNormEpsilon { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Whether the embedding is the output head too.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>YaRN's factor, or null where positions are not scaled.</summary>
    public double? YarnFactor { get; init; }

    /// <summary>YaRN's original context length; set with <see cref="YarnFactor"/>.</summary>
    public int? YarnOriginalContextLength { get; init; }

    /// <summary>What YaRN's cos and sin are multiplied with besides 0.1·ln s + 1; null: nothing.</summary>
    public double? YarnAttentionFactor { get; init; }

    internal IReadOnlyList<int> EndTokens { get; init; } = [];

    internal int? BeginToken { get; init; }

    /// <summary>The shape of a GGUF model, as its keys give it.</summary>
    internal static BaseConfig Of(ModelConfig model) => new()
    {
        HiddenSize = model.HiddenSize,
        LayerCount = model.LayerCount,
        HeadCount = model.HeadCount,
        KvHeadCount = model.KvHeadCount,
        HeadDim = model.HeadDim,
        FfnSize = model.FfnSize,
        VocabularySize = model.VocabularySize,
        ContextLength = model.ContextLength,
        RmsNormEpsilon = model.RmsNormEpsilon,
        RopeTheta = model.RopeTheta,
        TiedEmbeddings = model.TiedEmbeddings,
        YarnFactor = model.RopeScaling?.Factor,
        YarnOriginalContextLength = model.RopeScaling?.OriginalContextLength,
        YarnAttentionFactor = model.RopeScaling is { AttentionFactor: not 1 } scaling ? scaling.AttentionFactor : null,
    };

    /// <summary>Reads the fields that both a base folder and an AHN folder have.</summary>
    internal static BaseConfig Read(ConfigJson json)
    {
        const int MaxSize = 1 << 24;
        string modelType = json.Text("model_type") ?? throw json.Missing("model_type");
        if (modelType != "qwen2") throw json.Wrong("model_type", "qwen2", modelType);
        if (json.Text("hidden_act") is { } act && act != "silu") throw json.Wrong("hidden_act", "silu", act);
        if (json.Find("quantization_config") is not null)
        {
            throw new InvalidModelException($"{json.Path}: the weights are quantised already (quantization_config); convert from the F32, F16 or BF16 folder.");
        }

        int hidden = json.RequiredInt("hidden_size", 1, MaxSize);
        int heads = json.RequiredInt("num_attention_heads", 1, 4096);
        int kvHeads = json.Int("num_key_value_heads", 1, 4096) ?? heads;
        if (heads % kvHeads != 0) throw json.Wrong("num_attention_heads", $"a multiple of num_key_value_heads, {kvHeads}", heads.ToString(null, null));
        if (json.Find("head_dim") is null && hidden % heads != 0)
        {
            throw json.Wrong("hidden_size", $"a multiple of num_attention_heads, {heads}, where there is no head_dim", hidden.ToString(null, null));
        }
        int headDim = json.Int("head_dim", 2, 4096) ?? hidden / heads;
        if (headDim % 2 != 0) throw json.Wrong("head_dim", "even, for the rotation of pairs", headDim.ToString(null, null));

        // transformers 5 moved rope_theta and rope_scaling into one object.
        ConfigJson? rope = json.Object("rope_parameters");
        ConfigJson? scaling = rope ?? json.Object("rope_scaling");
        (double? factor, int? original, double? attention) = ReadYarn(scaling);
        int context = json.RequiredInt("max_position_embeddings", 1, int.MaxValue);
        return new BaseConfig
        {
            HiddenSize = hidden,
            LayerCount = json.RequiredInt("num_hidden_layers", 1, 4096),
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadDim = headDim,
            FfnSize = json.RequiredInt("intermediate_size", 1, MaxSize),
            VocabularySize = json.RequiredInt("vocab_size", 1, MaxSize),
            ContextLength = context,
            RmsNormEpsilon = json.Number("rms_norm_eps", 0, 1) ?? throw json.Missing("rms_norm_eps"),
            RopeTheta = json.Number("rope_theta", 1, 1e12) ?? rope?.Number("rope_theta", 1, 1e12) ?? throw json.Missing("rope_theta"),
            TiedEmbeddings = json.Bool("tie_word_embeddings") ?? false,
            YarnFactor = factor,
            YarnOriginalContextLength = factor is null ? null : original ?? context,
            YarnAttentionFactor = attention,
            EndTokens = json.Ids("eos_token_id"),
            BeginToken = json.Int("bos_token_id", 0, int.MaxValue),
        };
    }

    /// <summary>Reads a base folder's config.json, which must not ask for what a plain Qwen2.5 lacks.</summary>
    internal static BaseConfig ReadBase(ConfigJson json)
    {
        if (json.Find("_ahn_implementation") is not null)
        {
            throw new InvalidModelException($"{json.Path} has an _ahn_implementation: this is a memory's folder, which goes behind --ahn; expected the base model's.");
        }
        if (json.Bool("use_sliding_window") == true)
        {
            throw json.Wrong("use_sliding_window", "false (Qwen2's own sliding window is not an AHN's and is not supported)", "true");
        }
        return Read(json);
    }

    private static (double? Factor, int? Original, double? Attention) ReadYarn(ConfigJson? scaling)
    {
        string? type = scaling?.Text("rope_type") ?? scaling?.Text("type");
        if (scaling is null || type is null or "default") return (null, null, null);
        if (type != "yarn") throw scaling.Wrong("rope_type", "yarn or default", type);
        foreach ((string field, double standard) in new[] { ("beta_fast", 32.0), ("beta_slow", 1.0) })
        {
            if (scaling.Number(field, 0, 1e6) is { } value && Math.Abs(value - standard) > 1e-9) throw scaling.Wrong(field, $"{standard}, the only one supported", $"{value}");
        }
        foreach (string field in new[] { "mscale", "mscale_all_dim" })
        {
            if (scaling.Find(field) is { } value) throw scaling.Wrong(field, "absent, as it has no place in the file", value.GetRawText());
        }
        double factor = scaling.Number("factor", 1, 1e6) ?? throw scaling.Missing("factor");
        // transformers' takes the place of 0.1·ln s + 1; a GGUF's is multiplied with it.
        double? attention = scaling.Number("attention_factor", 1e-3, 1e3) / (0.1 * Math.Log(factor) + 1);
        return (factor, scaling.Int("original_max_position_embeddings", 1, int.MaxValue), attention);
    }
}
