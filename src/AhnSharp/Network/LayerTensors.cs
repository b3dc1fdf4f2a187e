using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Network;

/// <summary>The tensors of one decoder layer; null: this architecture has none.</summary>
/// <remarks>E hidden, H·D query, K·D key/value, F feed-forward size.</remarks>
internal sealed class LayerTensors
{
    public LayerTensors(ModelConfig c, int layer)
    {
        long e = c.HiddenSize, f = c.FfnSize, q = (long)c.HeadCount * c.HeadDim, kv = (long)c.KvHeadCount * c.HeadDim;
        string blk = NetworkTensors.LayerPrefix(layer), hf = $"model.layers.{layer}.";
        bool bias = c.Architecture.HasQkvBias, norms = c.Architecture.HasHeadNorms;

        AttentionNorm = new(AttentionNormName(layer), hf + "input_layernorm.weight", [e]);
        Query = new(blk + "attn_q.weight", hf + "self_attn.q_proj.weight", [q, e]);
        QueryBias = bias ? new(blk + "attn_q.bias", hf + "self_attn.q_proj.bias", [q]) : null;
        Key = new(blk + "attn_k.weight", hf + "self_attn.k_proj.weight", [kv, e]);
        KeyBias = bias ? new(blk + "attn_k.bias", hf + "self_attn.k_proj.bias", [kv]) : null;
        Value = new(blk + "attn_v.weight", hf + "self_attn.v_proj.weight", [kv, e]);
        ValueBias = bias ? new(blk + "attn_v.bias", hf + "self_attn.v_proj.bias", [kv]) : null;
        QueryNorm = norms ? new(blk + "attn_q_norm.weight", hf + "self_attn.q_norm.weight", [c.HeadDim]) : null;
        KeyNorm = norms ? new(blk + "attn_k_norm.weight", hf + "self_attn.k_norm.weight", [c.HeadDim]) : null;
        Output = new(blk + "attn_output.weight", hf + "self_attn.o_proj.weight", [e, q]);
        FfnNorm = new(FfnNormName(layer), hf + "post_attention_layernorm.weight", [e]);
        Gate = new(blk + "ffn_gate.weight", hf + "mlp.gate_proj.weight", [f, e]);
        Up = new(blk + "ffn_up.weight", hf + "mlp.up_proj.weight", [f, e]);
        Down = new(blk + "ffn_down.weight", hf + "mlp.down_proj.weight", [e, f]);
    }

    public TensorSpec AttentionNorm { get; }
    public TensorSpec Query { get; }
    public TensorSpec? QueryBias { get; }
    public TensorSpec Key { get; }
    public TensorSpec? KeyBias { get; }
    public TensorSpec Value { get; }
    public TensorSpec? ValueBias { get; }
    public TensorSpec? QueryNorm { get; }
    public TensorSpec? KeyNorm { get; }
    public TensorSpec Output { get; }
    public TensorSpec FfnNorm { get; }
    public TensorSpec Gate { get; }
    public TensorSpec Up { get; }
    public TensorSpec Down { get; }

    /// <summary>Those that are there, in the order of a file.</summary>
    public IEnumerable<TensorSpec> All => new[]
    {
        AttentionNorm, Query, QueryBias, Key, KeyBias, Value, ValueBias, QueryNorm, KeyNorm, Output, FfnNorm, Gate, Up, Down,
    }.OfType<TensorSpec>();

    // Of every architecture: a fingerprint is taken over them without knowing which.
    internal static string AttentionNormName(int layer) => NetworkTensors.LayerPrefix(layer) + "attn_norm.weight";

    internal static string FfnNormName(int layer) => NetworkTensors.LayerPrefix(layer) + "ffn_norm.weight";
}
