using System;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>The gates of a layer's memory over a text, and back: strength and decay of what leaves, γ of who reads.</summary>
/// <remarks>
/// Of the leaving token's normed hidden state: DN β = σ(b); GDN also g = −exp(A_log)·softplus(a + dt_bias); Mamba2 Δ = softplus(b +
/// dt_bias), g = −Δ·exp(A_log). Of the reading one: γ = W_g h (+ bias). b, a: rows of Beta and Alpha times h.
/// </remarks>
internal sealed class MemoryGates(MemoryRule rule, int heads, int hidden, Workers workers, Gemm gemm)
{
    private const int ColumnsPerItem = 64, TokensPerItem = 16;
    private float[] _strengths = [], _logDecays = [], _gammas = [], _dStrengths = [], _dLogDecays = [], _dGammas = [];
    private int _count;

    /// <summary>[H, count]: β or Δ.</summary>
    public Span<float> Strengths(int head) => _strengths.AsSpan(head * _count, _count);

    /// <summary>[H, count]: g.</summary>
    public Span<float> LogDecays(int head) => _logDecays.AsSpan(head * _count, _count);

    /// <summary>[H, count]: γ.</summary>
    public Span<float> Gammas(int head) => _gammas.AsSpan(head * _count, _count);

    /// <summary>What the loss gains by each; written by whoever knows it, before <see cref="Backward"/>.</summary>
    public Span<float> StrengthGradient(int head) => _dStrengths.AsSpan(head * _count, _count);

    public Span<float> LogDecayGradient(int head) => _dLogDecays.AsSpan(head * _count, _count);

    public Span<float> GammaGradient(int head) => _dGammas.AsSpan(head * _count, _count);

    /// <summary>Computes all gates.</summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="normed">[tokens, E].</param>
    /// <param name="leaving">Row of the first token that leaves.</param>
    /// <param name="reading">Row of the first that reads.</param>
    /// <param name="count">Of both.</param>
    public void Forward(LayerParameters parameters, float[] normed, int leaving, int reading, int count)
    {
        _count = count;
        TeamWork.Reserve(ref _strengths, heads * count);
        TeamWork.Reserve(ref _logDecays, heads * count);
        TeamWork.Reserve(ref _gammas, heads * count);
        workers.For((count + TokensPerItem - 1) / TokensPerItem, (item, _) =>
        {
            for (int i = item * TokensPerItem; i < Math.Min(count, (item + 1) * TokensPerItem); i++)
            {
                ReadOnlySpan<float> left = normed.AsSpan((leaving + i) * hidden, hidden),
                    read = normed.AsSpan((reading + i) * hidden, hidden);
                for (int head = 0; head < heads; head++) Gate(parameters, head, i, left, read);
            }
        });
    }

    private void Gate(LayerParameters parameters, int head, int i, ReadOnlySpan<float> left, ReadOnlySpan<float> read)
    {
        double b = Dot(Row(parameters.Beta, head), left), g = 0;
        double strength;
        if (rule.DecaysByStrength)
        {
            strength = Softplus.Of(b + parameters.DtBias.Span[head]);
            g = -strength * Math.Exp(parameters.ALog.Span[head]);
        }
        else strength = 1 / (1 + Math.Exp(-b));
        if (rule.HasAlpha)
        {
            double a = Dot(Row(parameters.Alpha, head), left) + parameters.DtBias.Span[head];
            g = -Math.Exp(parameters.ALog.Span[head]) * Softplus.Of(a);
        }
        int at = head * _count + i;
        _strengths[at] = (float)strength;
        _logDecays[at] = (float)g;
        _gammas[at] = (float)(Dot(Row(parameters.Gate, head), read) + (rule.HasGateBias ? parameters.GateBias.Span[head] : 0));
    }

    /// <summary>Prepares the gradients' room.</summary>
    public void BeginBackward()
    {
        TeamWork.Reserve(ref _dStrengths, heads * _count);
        TeamWork.Reserve(ref _dLogDecays, heads * _count);
        TeamWork.Reserve(ref _dGammas, heads * _count);
    }

    /// <summary>
    /// From the gradients of the gates to those of the tensors, and of the normed rows from <paramref name="reading"/> on.
    /// </summary>
    /// <param name="parameters">The layer's.</param>
    /// <param name="gradient">Added to.</param>
    /// <param name="normed">As Forward.</param>
    /// <param name="leaving">As Forward.</param>
    /// <param name="reading">As Forward.</param>
    /// <param name="dNormed">[count, E] of the rows from <paramref name="reading"/> on, added to; null: not asked for.</param>
    public void Backward(
        LayerParameters parameters, LayerParameters gradient, float[] normed, int leaving, int reading, float[]? dNormed)
    {
        workers.For(heads, (head, _) => ToProducts(parameters, gradient, head));
        AddToRows(_dStrengths, normed, leaving, gradient.Beta);
        if (rule.HasAlpha) AddToRows(_dLogDecays, normed, leaving, gradient.Alpha);
        AddToRows(_dGammas, normed, reading, gradient.Gate);
        if (dNormed is null) return;
        int count = _count, between = reading - leaving;
        workers.For((count + TokensPerItem - 1) / TokensPerItem, (item, _) =>
        {
            for (int i = item * TokensPerItem; i < Math.Min(count, (item + 1) * TokensPerItem); i++)
            {
                Span<float> row = dNormed.AsSpan(i * hidden, hidden);
                for (int head = 0; head < heads; head++)
                {
                    AddRow(row, parameters.Gate, head, _dGammas[head * count + i]);
                    // The same token when it leaves, where it still does.
                    if (i + between >= count) continue;
                    AddRow(row, parameters.Beta, head, _dStrengths[head * count + i + between]);
                    if (rule.HasAlpha) AddRow(row, parameters.Alpha, head, _dLogDecays[head * count + i + between]);
                }
            }
        });
    }

    // Of one head: dβ becomes db, dg becomes da; the biases and A_log gain their sums.
    private void ToProducts(LayerParameters parameters, LayerParameters gradient, int head)
    {
        double rate = rule.Decays ? Math.Exp(parameters.ALog.Span[head]) : 0, toRate = 0, toBias = 0, toGateBias = 0;
        for (int i = 0, at = head * _count; i < _count; i++, at++)
        {
            double strength = _strengths[at], g = _logDecays[at], dg = _dLogDecays[at];
            if (rule.Decays) toRate += dg * g;
            if (rule.DecaysByStrength)
            {
                double db = (_dStrengths[at] - rate * dg) * SoftplusSlope(strength);
                _dStrengths[at] = (float)db;
                toBias += db;
            }
            else _dStrengths[at] *= (float)(strength * (1 - strength));
            if (rule.HasAlpha)
            {
                double da = -rate * dg * SoftplusSlope(-g / rate);
                _dLogDecays[at] = (float)da;
                toBias += da;
            }
            toGateBias += _dGammas[at];
        }
        if (rule.Decays)
        {
            gradient.ALog.Span[head] += (float)toRate;
            gradient.DtBias.Span[head] += (float)toBias;
        }
        if (rule.HasGateBias) gradient.GateBias.Span[head] += (float)toGateBias;
    }

    // σ(x) of softplus(x) = y: 1 − e^−y.
    private static double SoftplusSlope(double y) => y < 1e-5 ? y * (1 - y / 2) : 1 - Math.Exp(-y);

    // rows [H, E] += d [H, count]·normed [count, E].
    private void AddToRows(float[] d, float[] normed, int from, Memory<float> rows)
    {
        int count = _count;
        workers.For((hidden + ColumnsPerItem - 1) / ColumnsPerItem, (item, _) =>
        {
            int column = item * ColumnsPerItem;
            gemm.Multiply(
                in d[0], count, in normed[from * hidden + column], hidden, ref rows.Span[column], hidden, heads, count,
                Math.Min(ColumnsPerItem, hidden - column), true);
        });
    }

    // In double: where all γ of a token are near 0, Mamba2's norm over all heads enlarges their rounding up to 300 times.
    private static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(x), b = MemoryMarshal.Cast<float, Vector<float>>(y);
        Vector<double> sums = default;
        for (int i = 0; i < a.Length; i++)
        {
            Vector.Widen(a[i], out Vector<double> low, out Vector<double> high);
            Vector.Widen(b[i], out Vector<double> otherLow, out Vector<double> otherHigh);
            sums += low * otherLow + high * otherHigh;
        }
        double sum = Vector.Sum(sums);
        for (int i = a.Length * Vector<float>.Count; i < x.Length; i++) sum += (double)x[i] * y[i];
        return sum;
    }

    private Span<float> Row(Memory<float> rows, int head) => rows.Span.Slice(head * hidden, hidden);

    private void AddRow(Span<float> to, Memory<float> rows, int head, float times) =>
        TensorPrimitives.MultiplyAdd(Row(rows, head), times, to, to);
}
