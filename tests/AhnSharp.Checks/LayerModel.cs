using System;
using System.Linq;
using System.Runtime.InteropServices;
using AhnSharp.Conversion;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Checks;

/// <summary>
/// One decoder layer at the shape of a real Qwen2.5, DeltaNet memory included, between a small vocabulary's embedding and head.
/// </summary>
/// <remarks>The layer in double, straight from the equations, and the same as a GGUF file with F16 matrices (72B: 1.8 GB).</remarks>
public sealed class LayerModel
{
    public const int Window = 3, Sinks = 1, Vocabulary = 64;
    private const double Epsilon = 1e-6f, MemoryEpsilon = 1e-5f, Theta = 1e6;
    private readonly ModelConfig _shape;
    private readonly LayerMatrix _embedding, _q, _k, _v, _o, _gate, _up, _down, _beta, _read, _out;

    public LayerModel(string size)
    {
        _shape = QwenShape.Get(size);
        int e = _shape.HiddenSize, q = _shape.HeadCount * _shape.HeadDim, kv = _shape.KvHeadCount * _shape.HeadDim, f = _shape.FfnSize;
        _embedding = new LayerMatrix("token_embd.weight", Vocabulary, e);
        _q = new LayerMatrix("blk.0.attn_q.weight", q, e);
        _k = new LayerMatrix("blk.0.attn_k.weight", kv, e);
        _v = new LayerMatrix("blk.0.attn_v.weight", kv, e);
        _o = new LayerMatrix("blk.0.attn_output.weight", e, q);
        _gate = new LayerMatrix("blk.0.ffn_gate.weight", f, e);
        _up = new LayerMatrix("blk.0.ffn_up.weight", f, e);
        _down = new LayerMatrix("blk.0.ffn_down.weight", e, f);
        _beta = new LayerMatrix("blk.0.ahn_beta.weight", _shape.HeadCount, e);
        _read = new LayerMatrix("blk.0.ahn_gate.weight", _shape.HeadCount, e);
        _out = new LayerMatrix("blk.0.ahn_out.weight", _shape.HeadCount * _shape.HeadDim, _shape.HeadDim); // [H·out, in]
    }

    /// <summary>Writes the GGUF file.</summary>
    public void Write(string path)
    {
        var writer = new GgufWriter();
        writer.Add("general.architecture", "qwen2-ahn");
        foreach ((string key, int value) in new[]
        {
            ("qwen2-ahn.context_length", 4096), ("qwen2-ahn.embedding_length", _shape.HiddenSize), ("qwen2-ahn.block_count", 1),
            ("qwen2-ahn.feed_forward_length", _shape.FfnSize), ("qwen2-ahn.attention.head_count", _shape.HeadCount),
            ("qwen2-ahn.attention.head_count_kv", _shape.KvHeadCount), ("ahn.sliding_window", Window), ("ahn.attention_sinks", Sinks),
            ("ahn.block_count", 1), ("ahn.embedding_length", _shape.HiddenSize), ("ahn.head_count", _shape.HeadCount),
            ("ahn.head_dim", _shape.HeadDim),
        }) writer.Add(key, (uint)value);
        writer.Add("qwen2-ahn.attention.layer_norm_rms_epsilon", (float)Epsilon);
        writer.Add("qwen2-ahn.rope.freq_base", (float)Theta);
        writer.Add("ahn.kind", "deltanet");
        writer.Add("ahn.norm_epsilon", (float)MemoryEpsilon);
        foreach (LayerMatrix matrix in new[] { _embedding, _q, _k, _v, _o, _gate, _up, _down, _beta, _read })
        {
            writer.AddTensor(matrix.Name, GgmlType.F16, [matrix.Columns, matrix.Rows], matrix.Write);
        }
        writer.AddTensor(_out.Name, GgmlType.F16, [_shape.HeadDim, _shape.HeadDim, _shape.HeadCount], _out.Write);
        foreach ((string name, int length) in new[]
        {
            ("output_norm.weight", _shape.HiddenSize), ("blk.0.attn_norm.weight", _shape.HiddenSize),
            ("blk.0.ffn_norm.weight", _shape.HiddenSize),
            ("blk.0.ahn_norm.weight", _shape.HeadDim), ("blk.0.attn_q.bias", _q.Rows), ("blk.0.attn_k.bias", _k.Rows),
            ("blk.0.attn_v.bias", _v.Rows),
        })
        {
            writer.AddTensor(name, GgmlType.F32, [length], stream => stream.Write(MemoryMarshal.AsBytes<float>(Vector(name, length))));
        }
        writer.Write(path);
    }

    /// <summary>Logits behind each token, in double.</summary>
    public double[][] Logits(int[] ids)
    {
        int d = _shape.HeadDim, e = _shape.HiddenSize, heads = _shape.HeadCount, group = heads / _shape.KvHeadCount;
        double[][] x = [.. ids.Select(id => Row(_embedding, id))];
        double[][] h = [.. x.Select(row => Norm(row, Vector("blk.0.attn_norm.weight", e), Epsilon))];
        double[][] q = Biased(_q, "blk.0.attn_q.bias", h), k = Biased(_k, "blk.0.attn_k.bias", h), v = Biased(_v, "blk.0.attn_v.bias", h);
        double[][] beta = _beta.Multiply(h), gamma = _read.Multiply(h), a = [.. ids.Select(_ => new double[heads * d])];
        for (int t = 0; t < ids.Length; t++)
        {
            Rotate(q[t], t);
            Rotate(k[t], t);
        }
        for (int head = 0; head < heads; head++)
        {
            double[] state = new double[d * d];
            for (int t = 0; t < ids.Length; t++)
            {
                Span<double> to = a[t].AsSpan(head * d, d);
                Attend(t, q[t].AsSpan(head * d, d), k, v, head / group * d, to);
                if (t >= Window + Sinks) Remember(t, head, state, q[t].AsSpan(head * d, d), k, v, head / group * d, beta, gamma, to);
            }
        }
        double[][] projected = _o.Multiply(a);
        for (int t = 0; t < ids.Length; t++) Add(x[t], projected[t]);
        double[][] n = [.. x.Select(row => Norm(row, Vector("blk.0.ffn_norm.weight", e), Epsilon))];
        double[][] gate = _gate.Multiply(n), up = _up.Multiply(n);
        for (int t = 0; t < ids.Length; t++)
        {
            for (int i = 0; i < gate[t].Length; i++) gate[t][i] = gate[t][i] / (1 + Math.Exp(-gate[t][i])) * up[t][i];
        }
        double[][] down = _down.Multiply(gate);
        for (int t = 0; t < ids.Length; t++) Add(x[t], down[t]);
        return _embedding.Multiply([.. x.Select(row => Norm(row, Vector("output_norm.weight", e), Epsilon))]);
    }

    private static void Attend(int t, ReadOnlySpan<double> q, double[][] k, double[][] v, int column, Span<double> output)
    {
        double sum = 0;
        for (int j = 0; j <= t; j++)
        {
            if (t - j >= Window && j >= Sinks) continue;
            double weight = Math.Exp(Dot(q, k[j].AsSpan(column, q.Length)) / Math.Sqrt(q.Length));
            sum += weight;
            for (int i = 0; i < q.Length; i++) output[i] += weight * v[j][column + i];
        }
        for (int i = 0; i < q.Length; i++) output[i] /= sum;
    }

    // The token at t − W is written by the delta rule, then the query reads, and what it read is normed, gated, projected and added.
    private void Remember(
        int t, int head, double[] state, ReadOnlySpan<double> q, double[][] k, double[][] v, int column, double[][] beta, double[][] gamma,
        Span<double> output)
    {
        int d = q.Length, left = t - Window;
        double[] key = Unit(k[left].AsSpan(column, d)), query = Unit(q), u = new double[d], o = new double[d];
        double write = 1 / (1 + Math.Exp(-beta[left][head]));
        for (int j = 0; j < d; j++)
        {
            double predicted = 0;
            for (int i = 0; i < d; i++) predicted += state[i * d + j] * key[i];
            u[j] = write * (v[left][column + j] - predicted);
        }
        for (int i = 0; i < d; i++)
        {
            for (int j = 0; j < d; j++)
            {
                state[i * d + j] += key[i] * u[j];
                o[j] += state[i * d + j] * query[i] / Math.Sqrt(d);
            }
        }
        double[] y = Norm(o, Vector("blk.0.ahn_norm.weight", d), MemoryEpsilon);
        double gate = gamma[t][head] / (1 + Math.Exp(-gamma[t][head]));
        for (int i = 0; i < d; i++) y[i] *= gate;
        for (int j = 0; j < d; j++) output[j] += Dot(y, Row(_out, head * d + j));
    }

    private void Rotate(double[] heads, int position)
    {
        int d = _shape.HeadDim, half = d / 2;
        for (int start = 0; start < heads.Length; start += d)
        {
            for (int i = 0; i < half; i++)
            {
                (double sin, double cos) = Math.SinCos(position * Math.Pow(Theta, -2.0 * i / d));
                (double a, double b) = (heads[start + i], heads[start + half + i]);
                (heads[start + i], heads[start + half + i]) = (a * cos - b * sin, b * cos + a * sin);
            }
        }
    }

    private static double[][] Biased(LayerMatrix matrix, string bias, double[][] x)
    {
        double[][] y = matrix.Multiply(x);
        double[] b = [.. Vector(bias, matrix.Rows).Select(value => (double)value)];
        foreach (double[] row in y) Add(row, b);
        return y;
    }

    // Norm weights near 1, biases near 0; exact in f32.
    private static float[] Vector(string name, int length)
    {
        float[] values = new float[length];
        new LayerMatrix(name, 1, length).Row(0, values);
        float scale = 0.2f * MathF.Sqrt(length);
        for (int i = 0; i < length; i++) values[i] = values[i] * scale + (name.Contains("norm", StringComparison.Ordinal) ? 1 : 0);
        return values;
    }

    private static double[] Row(LayerMatrix matrix, int row)
    {
        float[] values = new float[matrix.Columns];
        matrix.Row(row, values);
        return [.. values.Select(value => (double)value)];
    }

    private static double[] Norm(double[] x, float[] weight, double epsilon)
    {
        double scale = 1 / Math.Sqrt(Dot(x, x) / x.Length + epsilon);
        return [.. x.Select((value, i) => value * scale * weight[i])];
    }

    private static double[] Unit(ReadOnlySpan<double> x)
    {
        double[] unit = x.ToArray();
        double scale = 1 / Math.Sqrt(Dot(x, x) + 1e-6);
        for (int i = 0; i < unit.Length; i++) unit[i] *= scale;
        return unit;
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void Add(double[] x, double[] y)
    {
        for (int i = 0; i < x.Length; i++) x[i] += y[i];
    }
}
