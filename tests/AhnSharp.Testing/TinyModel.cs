using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Testing;

/// <summary>
/// A random model small enough for a double-precision reference: weights by checkpoint name, and the same as a GGUF file.
/// </summary>
internal sealed record TinyModel
{
    public int Hidden { get; init; } = 64;
    public int Layers { get; init; } = 2;
    public int Heads { get; init; } = 4;
    public int KvHeads { get; init; } = 2;
    public int HeadDim { get; init; } = 32;
    public int Ffn { get; init; } = 96;
    public int Vocabulary { get; init; } = 128;
    public float Theta { get; init; } = 1e4f;
    public bool Tied { get; init; } = true;
    public HippocampusKind? Kind { get; init; }

    /// <summary>Qwen3: norms of the heads of q and k, and no biases; else Qwen2.</summary>
    public bool HeadNorms { get; init; }
    public int[] FullAttentionLayers { get; init; } = [];
    public (float Factor, int Original)? Yarn { get; init; }
    public int Seed { get; init; } = 1;

    /// <summary>Adds further keys to the file: a tokenizer, how texts become vectors.</summary>
    public Action<GgufWriter>? MoreKeys { get; init; }

    /// <summary>Checkpoint name → row-major values, slowest dimension first.</summary>
    public Dictionary<string, float[]> Weights()
    {
        var random = new Random(Seed);
        var weights = new Dictionary<string, float[]>();
        int q = Heads * HeadDim, kv = KvHeads * HeadDim;
        Add("model.embed_tokens.weight", Vocabulary * Hidden, 1);
        if (!Tied) Add("lm_head.weight", Vocabulary * Hidden, 0.3);
        Add("model.norm.weight", Hidden, 0.1, 1);
        for (int n = 0; n < Layers; n++)
        {
            string layer = $"model.layers.{n}.";
            Add(layer + "input_layernorm.weight", Hidden, 0.1, 1);
            Add(layer + "post_attention_layernorm.weight", Hidden, 0.1, 1);
            Add(layer + "self_attn.q_proj.weight", q * Hidden, 0.2);
            Add(layer + "self_attn.k_proj.weight", kv * Hidden, 0.2);
            Add(layer + "self_attn.v_proj.weight", kv * Hidden, 0.2);
            if (HeadNorms)
            {
                Add(layer + "self_attn.q_norm.weight", HeadDim, 0.3, 1);
                Add(layer + "self_attn.k_norm.weight", HeadDim, 0.3, 1);
            }
            else
            {
                Add(layer + "self_attn.q_proj.bias", q, 0.2);
                Add(layer + "self_attn.k_proj.bias", kv, 0.2);
                Add(layer + "self_attn.v_proj.bias", kv, 0.2);
            }
            Add(layer + "self_attn.o_proj.weight", Hidden * q, 0.1);
            Add(layer + "mlp.gate_proj.weight", Ffn * Hidden, 0.15);
            Add(layer + "mlp.up_proj.weight", Ffn * Hidden, 0.15);
            Add(layer + "mlp.down_proj.weight", Hidden * Ffn, 0.1);
            if (Kind is not { } kind || FullAttentionLayers.Contains(n)) continue;
            string ahn = layer + "ahn.fn.";
            Add(ahn + "g_proj.weight", Heads * Hidden, 0.2);
            Add(ahn + "o_proj.weight", Heads * HeadDim * HeadDim, 0.2);
            if (kind == HippocampusKind.Mamba2)
            {
                Add(ahn + "dt_proj.weight", Heads * Hidden, 0.1);
                Add(ahn + "dt_proj.bias", Heads, 0.2);
                Add(ahn + "g_proj.bias", Heads, 0.2);
                Add(ahn + "norm.weight", Heads * HeadDim, 0.1, 1);
            }
            else
            {
                Add(ahn + "b_proj.weight", Heads * Hidden, 0.2);
                Add(ahn + "o_norm.weight", HeadDim, 0.1, 1);
                if (kind == HippocampusKind.GatedDeltaNet) Add(ahn + "a_proj.weight", Heads * Hidden, 0.2);
            }
            if (kind == HippocampusKind.DeltaNet) continue;
            Add(ahn + "A_log", Heads, 0.5, -2);
            Add(ahn + "dt_bias", Heads, 0.5, -1);
        }
        return weights;

        void Add(string name, int count, double scale, double center = 0)
        {
            float[] values = new float[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = (float)(center
                    + scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            }
            weights[name] = values;
        }
    }

    /// <summary>Writes the model as a merged (or, without a kind, plain) GGUF file; W and S are the file's defaults.</summary>
    public void Write(string path, int window = 40, int sinks = 4)
    {
        Dictionary<string, float[]> weights = Weights();
        var writer = new GgufWriter();
        string arch = (HeadNorms ? "qwen3" : "qwen2") + (Kind is null ? "" : "-ahn");
        writer.Add("general.architecture", arch);
        writer.Add("general.type", "model");
        writer.Add(arch + ".context_length", 4096u);
        writer.Add(arch + ".embedding_length", (uint)Hidden);
        writer.Add(arch + ".block_count", (uint)Layers);
        writer.Add(arch + ".feed_forward_length", (uint)Ffn);
        writer.Add(arch + ".attention.head_count", (uint)Heads);
        writer.Add(arch + ".attention.head_count_kv", (uint)KvHeads);
        writer.Add(arch + ".attention.key_length", (uint)HeadDim);
        writer.Add(arch + ".attention.layer_norm_rms_epsilon", 1e-6f);
        writer.Add(arch + ".rope.freq_base", Theta);
        if (Yarn is { } yarn)
        {
            writer.Add(arch + ".rope.scaling.type", "yarn");
            writer.Add(arch + ".rope.scaling.factor", yarn.Factor);
            writer.Add(arch + ".rope.scaling.original_context_length", (uint)yarn.Original);
        }
        if (Kind is { } kind)
        {
            writer.Add("ahn.kind", kind switch
            {
                HippocampusKind.DeltaNet => "deltanet",
                HippocampusKind.GatedDeltaNet => "gated_deltanet",
                _ => "mamba2",
            });
            writer.Add("ahn.sliding_window", (uint)window);
            writer.Add("ahn.attention_sinks", (uint)sinks);
            writer.Add("ahn.block_count", (uint)Layers);
            writer.Add("ahn.embedding_length", (uint)Hidden);
            writer.Add("ahn.head_count", (uint)Heads);
            writer.Add("ahn.head_dim", (uint)HeadDim);
            writer.Add("ahn.norm_epsilon", 1e-5f);
            if (FullAttentionLayers.Length > 0) writer.Add("ahn.full_attention_layers", FullAttentionLayers.Select(n => (uint)n).ToArray());
        }
        MoreKeys?.Invoke(writer);
        int q = Heads * HeadDim, kv = KvHeads * HeadDim;
        Tensor("token_embd.weight", weights["model.embed_tokens.weight"], Hidden, Vocabulary);
        if (!Tied) Tensor("output.weight", weights["lm_head.weight"], Hidden, Vocabulary);
        Tensor("output_norm.weight", weights["model.norm.weight"], Hidden);
        for (int n = 0; n < Layers; n++)
        {
            string layer = $"model.layers.{n}.", blk = $"blk.{n}.";
            Tensor(blk + "attn_norm.weight", weights[layer + "input_layernorm.weight"], Hidden);
            Tensor(blk + "ffn_norm.weight", weights[layer + "post_attention_layernorm.weight"], Hidden);
            Tensor(blk + "attn_q.weight", weights[layer + "self_attn.q_proj.weight"], Hidden, q);
            Tensor(blk + "attn_k.weight", weights[layer + "self_attn.k_proj.weight"], Hidden, kv);
            Tensor(blk + "attn_v.weight", weights[layer + "self_attn.v_proj.weight"], Hidden, kv);
            if (HeadNorms)
            {
                Tensor(blk + "attn_q_norm.weight", weights[layer + "self_attn.q_norm.weight"], HeadDim);
                Tensor(blk + "attn_k_norm.weight", weights[layer + "self_attn.k_norm.weight"], HeadDim);
            }
            else
            {
                Tensor(blk + "attn_q.bias", weights[layer + "self_attn.q_proj.bias"], q);
                Tensor(blk + "attn_k.bias", weights[layer + "self_attn.k_proj.bias"], kv);
                Tensor(blk + "attn_v.bias", weights[layer + "self_attn.v_proj.bias"], kv);
            }
            Tensor(blk + "attn_output.weight", weights[layer + "self_attn.o_proj.weight"], q, Hidden);
            Tensor(blk + "ffn_gate.weight", weights[layer + "mlp.gate_proj.weight"], Hidden, Ffn);
            Tensor(blk + "ffn_up.weight", weights[layer + "mlp.up_proj.weight"], Hidden, Ffn);
            Tensor(blk + "ffn_down.weight", weights[layer + "mlp.down_proj.weight"], Ffn, Hidden);
            if (Kind is not { } ahnKind || FullAttentionLayers.Contains(n)) continue;
            string ahn = layer + "ahn.fn.";
            bool mamba = ahnKind == HippocampusKind.Mamba2;
            Tensor(blk + "ahn_beta.weight", weights[ahn + (mamba ? "dt_proj.weight" : "b_proj.weight")], Hidden, Heads);
            Tensor(blk + "ahn_gate.weight", weights[ahn + "g_proj.weight"], Hidden, Heads);
            Tensor(blk + "ahn_norm.weight", weights[ahn + (mamba ? "norm.weight" : "o_norm.weight")], mamba ? q : HeadDim);
            Tensor(blk + "ahn_out.weight", Transposed(weights[ahn + "o_proj.weight"]), HeadDim, HeadDim, Heads);
            if (mamba)
            {
                Tensor(blk + "ahn_gate.bias", weights[ahn + "g_proj.bias"], Heads);
                Tensor(blk + "ahn_dt.bias", [.. weights[ahn + "dt_bias"].Zip(weights[ahn + "dt_proj.bias"], (a, b) => a + b)], Heads);
            }
            else if (ahnKind == HippocampusKind.GatedDeltaNet)
            {
                Tensor(blk + "ahn_alpha.weight", weights[ahn + "a_proj.weight"], Hidden, Heads);
                Tensor(blk + "ahn_dt.bias", weights[ahn + "dt_bias"], Heads);
            }
            if (ahnKind != HippocampusKind.DeltaNet) Tensor(blk + "ahn_a_log", weights[ahn + "A_log"], Heads);
        }
        writer.Write(path);

        void Tensor(string name, float[] values, params long[] shape) => writer.AddTensor(name, GgmlType.F32, shape, stream =>
        {
            byte[] bytes = new byte[4 * values.Length];
            Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
            stream.Write(bytes);
        });
    }

    // [H, in, out] as in the checkpoint → [H, out, in] as in the file.
    private float[] Transposed(float[] p)
    {
        float[] file = new float[p.Length];
        for (int h = 0; h < Heads; h++)
        {
            for (int i = 0; i < HeadDim; i++)
            {
                for (int o = 0; o < HeadDim; o++) file[(h * HeadDim + o) * HeadDim + i] = p[(h * HeadDim + i) * HeadDim + o];
            }
        }
        return file;
    }
}
