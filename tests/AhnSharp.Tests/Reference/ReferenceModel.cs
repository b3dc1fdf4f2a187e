using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Tests.Reference;

/// <summary>
/// Qwen2.5 or Qwen3 with its memory in double precision, one token at a time, straight from docs/memory.md: the engine's oracle.
/// </summary>
/// <remarks>
/// Weights by their Hugging Face names, row-major. Nothing is shared with the engine but the name of the kind. Everything a token leaves
/// behind is kept (no ring), so that any W ≥ 1 and S ≥ 0 is a mere condition on positions.
/// </remarks>
internal sealed class ReferenceModel(ReferenceConfig config, IReadOnlyDictionary<string, double[]> weights)
{
    private readonly ReferenceRope _rope = new(config);

    /// <summary>What the last call left in each layer.</summary>
    public LayerState[] Layers { get; private set; } = [];

    /// <summary>Logits of every position [ids][vocabulary].</summary>
    public double[][] Logits(IReadOnlyList<int> ids, ReferenceMode mode, int window, int sinks)
    {
        double[] head = weights[config.TiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight"];
        return [.. Hidden(ids, mode, window, sinks).Select(row => Multiply(head, row))];
    }

    /// <summary>The rows behind the last norm of every position [ids][hidden].</summary>
    public double[][] Hidden(IReadOnlyList<int> ids, ReferenceMode mode, int window, int sinks)
    {
        LayerState[] layers = Layers = [.. Enumerable.Range(0, config.Layers).Select(_ => new LayerState(config))];
        double[] embeddings = weights["model.embed_tokens.weight"];
        double[][] rows = new double[ids.Count][];
        for (int t = 0; t < rows.Length; t++)
        {
            double[] x = embeddings.AsSpan(ids[t] * config.Hidden, config.Hidden).ToArray();
            for (int layer = 0; layer < config.Layers; layer++)
            {
                bool full = mode == ReferenceMode.Full || config.FullAttentionLayers.Contains(layer);
                Layer($"model.layers.{layer}.", layers[layer], x, t, full, mode == ReferenceMode.Ahn, window, sinks);
            }
            rows[t] = RmsNorm(x, weights["model.norm.weight"], config.NormEpsilon);
        }
        return rows;
    }

    // x is updated in place by the token at position t.
    private void Layer(string name, LayerState state, double[] x, int t, bool full, bool memory, int window, int sinks)
    {
        int d = config.HeadDim, groups = config.Heads / config.KvHeads;
        double[] h = RmsNorm(x, weights[name + "input_layernorm.weight"], config.NormEpsilon);
        double[] q = Linear(name + "self_attn.q_proj", h), k = Linear(name + "self_attn.k_proj", h),
            v = Linear(name + "self_attn.v_proj", h);
        if (config.HeadNorms)
        {
            NormHeads(q, weights[name + "self_attn.q_norm.weight"]);
            NormHeads(k, weights[name + "self_attn.k_norm.weight"]);
        }
        for (int head = 0; head < config.Heads; head++) _rope.Rotate(q.AsSpan(head * d, d), t);
        for (int head = 0; head < config.KvHeads; head++) _rope.Rotate(k.AsSpan(head * d, d), t);
        state.Keys.Add(k);
        state.Values.Add(v);
        state.Hidden.Add(h);

        double[] a = new double[config.Heads * d];
        for (int head = 0; head < config.Heads; head++)
        {
            Attend(q.AsSpan(head * d, d), state, head / groups * d, j => full || t - j < window || j < sinks, a.AsSpan(head * d, d));
        }
        if (memory && !full && t >= window + sinks)
        {
            double[] read = Remember(name + "ahn.fn.", state, q, h, t - window);
            for (int i = 0; i < a.Length; i++) a[i] += read[i];
        }
        Add(x, Linear(name + "self_attn.o_proj", a));

        double[] n = RmsNorm(x, weights[name + "post_attention_layernorm.weight"], config.NormEpsilon);
        double[] gate = Linear(name + "mlp.gate_proj", n), up = Linear(name + "mlp.up_proj", n);
        for (int i = 0; i < gate.Length; i++) gate[i] = Silu(gate[i]) * up[i];
        Add(x, Linear(name + "mlp.down_proj", gate));
    }

    private static void Attend(ReadOnlySpan<double> q, LayerState state, int kvColumn, Func<int, bool> sees, Span<double> a)
    {
        double[] scores = new double[state.Keys.Count];
        for (int j = 0; j < scores.Length; j++)
        {
            scores[j] = sees(j) ? Dot(q, state.Keys[j].AsSpan(kvColumn, q.Length)) / Math.Sqrt(q.Length) : double.NegativeInfinity;
        }
        double max = scores.Max(), sum = 0;
        for (int j = 0; j < scores.Length; j++) sum += scores[j] = Math.Exp(scores[j] - max);
        for (int j = 0; j < scores.Length; j++)
        {
            for (int i = 0; i < a.Length; i++) a[i] += scores[j] / sum * state.Values[j][kvColumn + i];
        }
    }

    // Token `leaving` is written, then every head reads with its query; returns [H·D] before the output projection of attention.
    private double[] Remember(string name, LayerState state, double[] q, double[] h, int leaving)
    {
        int heads = config.Heads, d = config.HeadDim, groups = heads / config.KvHeads;
        bool mamba = config.Kind == HippocampusKind.Mamba2;
        (double[] strengths, double[] logDecays) = WriteGates(name, state.Hidden[leaving]);
        double[] gates = [.. Linear(name + "g_proj", h).Select(Silu)], y = new double[heads * d];
        for (int head = 0; head < heads; head++)
        {
            int kv = head / groups * d;
            ReferenceMemory memory = state.Memories[head];
            memory.Write(state.Keys[leaving].AsSpan(kv, d), state.Values[leaving].AsSpan(kv, d), strengths[head], logDecays[head]);
            double[] o = memory.Read(q.AsSpan(head * d, d));
            if (!mamba) o = RmsNorm(o, weights[name + "o_norm.weight"], config.MemoryNormEpsilon);
            for (int i = 0; i < d; i++) y[head * d + i] = o[i] * gates[head];
        }
        if (mamba) y = RmsNorm(y, weights[name + "norm.weight"], config.MemoryNormEpsilon);

        double[] p = weights[name + "o_proj.weight"], result = new double[heads * d];
        for (int head = 0; head < heads; head++)
        {
            for (int i = 0; i < d; i++)
            {
                for (int j = 0; j < d; j++) result[head * d + j] += y[head * d + i] * p[(head * d + i) * d + j];
            }
        }
        return result;
    }

    /// <summary>β or Δ, and g, of every head for a token whose normed hidden state is <paramref name="hidden"/>.</summary>
    public (double[] Strengths, double[] LogDecays) WriteGates(string name, double[] hidden)
    {
        int heads = config.Heads;
        double[] strengths, logDecays = new double[heads];
        if (config.Kind == HippocampusKind.Mamba2)
        {
            strengths = [.. Linear(name + "dt_proj", hidden).Zip(weights[name + "dt_bias"], (x, bias) => Softplus(x + bias))];
            for (int i = 0; i < heads; i++) logDecays[i] = -strengths[i] * Math.Exp(weights[name + "A_log"][i]);
        }
        else
        {
            strengths = [.. Linear(name + "b_proj", hidden).Select(x => 1 / (1 + Math.Exp(-x)))];
        }
        if (config.Kind == HippocampusKind.GatedDeltaNet)
        {
            double[] a = Linear(name + "a_proj", hidden);
            for (int i = 0; i < heads; i++)
                logDecays[i] = -Math.Exp(weights[name + "A_log"][i]) * Softplus(a[i] + weights[name + "dt_bias"][i]);
        }
        return (strengths, logDecays);
    }

    private double[] Linear(string name, double[] x)
    {
        double[] y = Multiply(weights[name + ".weight"], x);
        if (weights.TryGetValue(name + ".bias", out double[]? bias)) Add(y, bias);
        return y;
    }

    private static double[] Multiply(double[] w, double[] x)
    {
        double[] y = new double[w.Length / x.Length];
        for (int r = 0; r < y.Length; r++) y[r] = Dot(w.AsSpan(r * x.Length, x.Length), x);
        return y;
    }

    private void NormHeads(double[] heads, double[] weight)
    {
        for (int at = 0; at < heads.Length; at += config.HeadDim)
            RmsNorm(heads[at..(at + config.HeadDim)], weight, config.NormEpsilon).CopyTo(heads, at);
    }

    private static double[] RmsNorm(double[] x, double[] weight, double epsilon)
    {
        double inverse = 1 / Math.Sqrt(Dot(x, x) / x.Length + epsilon);
        return [.. x.Zip(weight, (element, w) => element * inverse * w)];
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }

    private static void Add(double[] x, double[] y)
    {
        for (int i = 0; i < x.Length; i++) x[i] += y[i];
    }

    private static double Silu(double x) => x / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    /// <summary>What the tokens so far left in one layer.</summary>
    internal sealed class LayerState(ReferenceConfig config)
    {
        public List<double[]> Keys { get; } = []; // [K·D] a token, rotated
        public List<double[]> Values { get; } = []; // [K·D]
        public List<double[]> Hidden { get; } = []; // [E], after the input norm
        public ReferenceMemory[] Memories { get; } =
            [.. Enumerable.Range(0, config.Heads).Select(_ => new ReferenceMemory(config.Kind, config.HeadDim))];
    }
}
