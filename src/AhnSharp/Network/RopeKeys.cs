using System;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>The keys <c>*.rope.*</c> of a file: each changes the result, so each is honoured, or refused by name.</summary>
/// <remarks>Meaning and defaults as llama.cpp has them: a factor without a type is linear; yarn's own keys stand with and without "yarn_"
/// before them.</remarks>
internal static class RopeKeys
{
    // Behind "<architecture>.rope."; finetuned says how the model was made and changes nothing.
    private static readonly string[] Known =
    [
        "freq_base", "dimension_count", "scale_linear", "scaling.type", "scaling.factor", "scaling.original_context_length",
        "scaling.finetuned", "scaling.attn_factor", "scaling.yarn_attn_factor", "scaling.ext_factor", "scaling.yarn_ext_factor",
        "scaling.beta_fast", "scaling.yarn_beta_fast", "scaling.beta_slow", "scaling.yarn_beta_slow",
    ];

    /// <summary>Writes a scaling so that <see cref="Read"/> gives it again; what is standard is left out.</summary>
    public static void Write(GgufWriter writer, string prefix, RopeScaling scaling)
    {
        string before = prefix + ".rope.scaling.";
        bool isLinear = scaling.Extrapolation == 0;
        writer.Add(before + "type", isLinear ? "linear" : "yarn");
        writer.Add(before + "factor", (float)scaling.Factor);
        if (scaling.AttentionFactor != 1) writer.Add(before + "attn_factor", (float)scaling.AttentionFactor);
        if (isLinear) return;
        writer.Add(before + "original_context_length", (uint)scaling.OriginalContextLength);
        if (scaling.Extrapolation != 1) writer.Add(before + "yarn_ext_factor", (float)scaling.Extrapolation);
        if (scaling.BetaFast != 32) writer.Add(before + "yarn_beta_fast", (float)scaling.BetaFast);
        if (scaling.BetaSlow != 1) writer.Add(before + "yarn_beta_slow", (float)scaling.BetaSlow);
    }

    /// <summary>The scaling that a file asks for, or null.</summary>
    /// <param name="metadata">The file's keys.</param>
    /// <param name="prefix">Its architecture.</param>
    /// <param name="headDim">D.</param>
    /// <param name="contextLength">What the original context is where the file does not say.</param>
    public static RopeScaling? Read(GgufMetadata metadata, string prefix, int headDim, int contextLength)
    {
        string rope = prefix + ".rope.";
        foreach (string key in metadata.Keys)
        {
            if (key.StartsWith(rope, StringComparison.Ordinal) && !Known.Contains(key[rope.Length..]))
            {
                throw new InvalidModelException($"Key {GgufText.Quote(key)}: it changes how positions are encoded, "
                    + $"and is not supported here; expected none but {string.Join(", ", Known)}.");
            }
        }
        if (metadata.GetUInt32OrNull(rope + "dimension_count") is { } rotated && rotated != headDim)
        {
            throw new InvalidModelException($"Key {rope}dimension_count: expected {headDim}, all entries of a head, found {rotated}; "
                + "turning a part of them is not supported.");
        }

        string type = metadata.GetStringOrNull(rope + "scaling.type") ?? "linear";
        if (type is not ("none" or "linear" or "yarn"))
            throw new InvalidModelException($"Key {rope}scaling.type: expected none, linear or yarn, found {GgufText.Quote(type)}.");
        string factorKey = metadata.Contains(rope + "scaling.factor") ? "scaling.factor" : "scale_linear";
        float factor = metadata.GetSingleOrNull(rope + factorKey) ?? 1;
        // 0 stands for none.
        if (factor == 0) factor = 1;
        if (!(factor >= 1 && float.IsFinite(factor)))
            throw new InvalidModelException($"Key {rope}{factorKey}: expected a number from 1, found {factor}.");
        if (type == "none") factor = 1;
        float attention = Number("attn_factor", 1, 0, 1e3f), extrapolation = Number("ext_factor", 1, 0, 1);
        float fast = Number("beta_fast", 32, 1e-3f, 1e6f), slow = Number("beta_slow", 1, 1e-3f, 1e6f);
        if (factor == 1 && attention == 1) return null;
        int original = metadata.GetUInt32OrNull(rope + "scaling.original_context_length") is { } length
            ? length is > 0 and <= int.MaxValue ? (int)length
                : throw new InvalidModelException($"Key {rope}scaling.original_context_length: expected a number from 1, found {length}.")
            : contextLength;
        return new RopeScaling(factor, original)
        {
            AttentionFactor = attention,
            Extrapolation = type == "yarn" ? extrapolation : 0,
            BetaFast = fast,
            BetaSlow = slow,
        };

        float Number(string name, float standard, float least, float most)
        {
            string key = rope + "scaling." + (metadata.Contains(rope + "scaling.yarn_" + name) ? "yarn_" : "") + name;
            // Below 0 an extrapolation is llama.cpp's word for its default.
            if (metadata.GetSingleOrNull(key) is not { } value || (name == "ext_factor" && value < 0)) return standard;
            return value >= least && value <= most ? value
                : throw new InvalidModelException($"Key {key}: expected a number from {least} to {most}, found {value}.");
        }
    }
}
