using System.Collections.Generic;
using System.Collections.Immutable;

namespace AhnSharp.Conversion;

/// <summary>Every tensor of a Qwen2.5 model and of its memory: both names and the shape that config.json proves.</summary>
/// <remarks>Shapes as in the checkpoints, slowest first: matrices are [out, in]. Source: gguf/README.md of this repository.</remarks>
internal static class TensorTable
{
    public static IEnumerable<TensorRow> Base(BaseConfig c)
    {
        long e = c.HiddenSize, f = c.FfnSize, q = (long)c.HeadCount * c.HeadDim, kv = (long)c.KvHeadCount * c.HeadDim;

        yield return new("token_embd.weight", "model.embed_tokens.weight", [c.VocabularySize, e]);
        for (int n = 0; n < c.LayerCount; n++)
        {
            string blk = $"blk.{n}.", layer = $"model.layers.{n}.";
            yield return new(blk + "attn_norm.weight", layer + "input_layernorm.weight", [e]);
            yield return new(blk + "attn_q.weight", layer + "self_attn.q_proj.weight", [q, e]);
            yield return new(blk + "attn_q.bias", layer + "self_attn.q_proj.bias", [q]);
            yield return new(blk + "attn_k.weight", layer + "self_attn.k_proj.weight", [kv, e]);
            yield return new(blk + "attn_k.bias", layer + "self_attn.k_proj.bias", [kv]);
            yield return new(blk + "attn_v.weight", layer + "self_attn.v_proj.weight", [kv, e]);
            yield return new(blk + "attn_v.bias", layer + "self_attn.v_proj.bias", [kv]);
            yield return new(blk + "attn_output.weight", layer + "self_attn.o_proj.weight", [e, q]);
            yield return new(blk + "ffn_norm.weight", layer + "post_attention_layernorm.weight", [e]);
            yield return new(blk + "ffn_gate.weight", layer + "mlp.gate_proj.weight", [f, e]);
            yield return new(blk + "ffn_up.weight", layer + "mlp.up_proj.weight", [f, e]);
            yield return new(blk + "ffn_down.weight", layer + "mlp.down_proj.weight", [e, f]);
        }
        yield return new("output_norm.weight", "model.norm.weight", [e]);
        if (!c.TiedEmbeddings) yield return new("output.weight", "lm_head.weight", [c.VocabularySize, e]);
    }

    /// <param name="c">The base model's shape.</param>
    /// <param name="kind"><c>deltanet</c>, <c>gated_deltanet</c> or <c>mamba2</c>.</param>
    /// <param name="fullAttentionLayers">Layers that have no memory and so no tensors here.</param>
    public static IEnumerable<TensorRow> Ahn(BaseConfig c, string kind, ImmutableArray<int> fullAttentionLayers)
    {
        long e = c.HiddenSize, h = c.HeadCount, d = c.HeadDim;
        bool gated = kind == "gated_deltanet", mamba = kind == "mamba2";

        for (int n = 0; n < c.LayerCount; n++)
        {
            if (fullAttentionLayers.Contains(n)) continue;
            string blk = $"blk.{n}.ahn_", fn = $"model.layers.{n}.ahn.fn.";
            yield return new(blk + "beta.weight", fn + (mamba ? "dt_proj.weight" : "b_proj.weight"), [h, e]);
            if (gated) yield return new(blk + "alpha.weight", fn + "a_proj.weight", [h, e]);
            if (gated || mamba) yield return new(blk + "a_log", fn + "A_log", [h]);
            if (gated) yield return new(blk + "dt.bias", fn + "dt_bias", [h]);
            if (gated) yield return new("", fn + "D", [h]);
            if (mamba) yield return new(blk + "dt.bias", fn + "dt_bias", [h], TensorChange.AddProjectionBias);
            if (mamba) yield return new("", fn + "dt_proj.bias", [h]);
            yield return new(blk + "gate.weight", fn + "g_proj.weight", [h, e]);
            if (mamba) yield return new(blk + "gate.bias", fn + "g_proj.bias", [h]);
            yield return mamba ? new(blk + "norm.weight", fn + "norm.weight", [h * d]) : new(blk + "norm.weight", fn + "o_norm.weight", [d]);
            yield return new(blk + "out.weight", fn + "o_proj.weight", [h, d, d], TensorChange.TransposeHeads);
        }
    }
}
