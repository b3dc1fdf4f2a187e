using System;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Training;
using Xunit;

namespace AhnSharp.Tests.Training;

/// <summary>Each operation backwards, alone: against central differences of a plain statement of it in double precision.</summary>
public sealed class OperationGradientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(384)]
    public void RmsNorm_equals_central_differences(int length)
    {
        var random = new Random(length);
        float[] x = Slopes.Normals(random, length), w = Slopes.Normals(random, length),
            dy = Slopes.Normals(random, length), dx = new float[length];
        RowGradients.AddRmsNorm(x, w, 1e-2f, dy, dx, new float[length]);
        Slopes.Check("x", x, at =>
        {
            double scale = 1 / Math.Sqrt(at.Sum(value => value * value) / length + 1e-2f);
            return at.Select((value, i) => value * scale * w[i] * dy[i]).Sum();
        }, dx);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    public void SwiGlu_equals_central_differences(int length)
    {
        var random = new Random(length);
        float[] gate = Slopes.Normals(random, length, 3), up = Slopes.Normals(random, length), dy = Slopes.Normals(random, length);
        float[] dGate = [.. gate], dUp = [.. up];
        RowGradients.SwiGlu(dy, dGate, dUp);
        double Loss(double[] g, double[] u) => g.Select((x, i) => x / (1 + Math.Exp(-x)) * u[i] * dy[i]).Sum();
        Slopes.Check("gate", gate, at => Loss(at, Slopes.Wide(up)), dGate);
        Slopes.Check("up", up, at => Loss(Slopes.Wide(gate), at), dUp);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(4, 20)]
    public void A_turn_back_undoes_what_a_turn_did(int factor, int dim)
    {
        TinyModel tiny = new() { HeadDim = dim, Yarn = factor == 1 ? null : (factor, 32) };
        string path = System.IO.Path.GetTempFileName();
        tiny.Write(path);
        using (GgufFile file = GgufFile.Open(path))
        {
            var rotation = new Rotation(ModelKeys.Read(file));
            rotation.Reserve(50);
            var random = new Random(dim);
            float[] x = Slopes.Normals(random, 2 * dim), dy = Slopes.Normals(random, 2 * dim), y = [.. x], dx = [.. dy];
            rotation.Turn(y, 49);
            rotation.TurnBack(dx, 49);
            // The turn is linear: dy·Turn(x) = TurnBack(dy)·x.
            Assert.Equal(dy.Zip(y, (a, b) => (double)a * b).Sum(), dx.Zip(x, (a, b) => (double)a * b).Sum(), 1e-5);
            Assert.NotEqual(dy, dx);
        }
        System.IO.File.Delete(path);
    }

    [Fact]
    public void Divergence_equals_its_definition_and_central_differences()
    {
        const int Vocabulary = 2500;
        var random = new Random(2);
        float[] teacher = Slopes.Normals(random, Vocabulary, 3), student = Slopes.Normals(random, Vocabulary, 3), d = [.. student];
        double Loss(double[] z)
        {
            double[] p = LogSoftmax(Slopes.Wide(teacher)), q = LogSoftmax(z);
            return p.Zip(q, (a, b) => Math.Exp(a) * (a - b)).Sum();
        }

        double expected = Loss(Slopes.Wide(student));
        Assert.Equal(expected, DistillationLoss.Row([.. teacher], d, 2.5f), 1e-5 * expected);
        Slopes.Check("student", student, at => 2.5 * Loss(at), d);
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet, 64, 130)]
    [InlineData(HippocampusKind.GatedDeltaNet, 20, 64)]
    [InlineData(HippocampusKind.GatedDeltaNet, 32, 65)]
    [InlineData(HippocampusKind.Mamba2, 64, 129)]
    [InlineData(HippocampusKind.Mamba2, 10, 1)]
    public void Each_rule_equals_central_differences(HippocampusKind kind, int dim, int count)
    {
        var random = new Random(dim + count);
        bool predicts = kind != HippocampusKind.Mamba2;
        float[] keys = Units(random, count, dim), queries = Units(random, count, dim), values = Slopes.Normals(random, count * dim),
            d = Slopes.Normals(random, count * dim);
        float[] strengths = [.. Enumerable.Range(0, count).Select(_ => 0.1f + 0.8f * random.NextSingle())];
        float[] logDecays = [.. strengths.Select(_ => kind == HippocampusKind.DeltaNet ? 0 : -0.3f * random.NextSingle())];
        var s = new HeadSequence(dim);
        s.Reset(count);
        for (int i = 0; i < count; i++)
        {
            keys.AsSpan(i * dim, dim).CopyTo(s.Of(s.Keys, i));
            queries.AsSpan(i * dim, dim).CopyTo(s.Of(s.Queries, i));
            values.AsSpan(i * dim, dim).CopyTo(s.Of(s.Values, i));
            d.AsSpan(i * dim, dim).CopyTo(s.Of(s.ReadGradient, i));
            (s.Strengths[i], s.Decays[i]) = (strengths[i], MathF.Exp(logDecays[i]));
        }
        float[] starts = new float[(count + HeadSequence.Stretch - 1) / HeadSequence.Stretch * s.StateLength];
        MemoryRecurrence.Forward(s, predicts, starts);
        MemoryRecurrence.Backward(s, predicts, starts);

        double[] k = Slopes.Wide(keys), q = Slopes.Wide(queries), v = Slopes.Wide(values), b = Slopes.Wide(strengths),
            g = Slopes.Wide(logDecays);
        double Loss(double[] k, double[] q, double[] v, double[] b, double[] g)
        {
            double[,] m = new double[dim, dim];
            double loss = 0;
            for (int i = 0; i < count; i++)
            {
                double[] known = new double[dim];
                for (int r = 0; r < dim; r++)
                {
                    for (int c = 0; c < dim; c++) known[c] += (m[r, c] *= Math.Exp(g[i])) * k[i * dim + r];
                }
                for (int r = 0; r < dim; r++)
                {
                    for (int c = 0; c < dim; c++)
                    {
                        m[r, c] += b[i] * k[i * dim + r] * (v[i * dim + c] - (predicts ? known[c] : 0));
                        loss += d[i * dim + c] * m[r, c] * q[i * dim + r];
                    }
                }
            }
            return loss;
        }

        Slopes.Check("keys", keys, at => Loss(at, q, v, b, g), Rows(s, s.KeyGradient));
        Slopes.Check("queries", queries, at => Loss(k, at, v, b, g), Rows(s, s.QueryGradient));
        Slopes.Check("values", values, at => Loss(k, q, at, b, g), Rows(s, s.ValueGradient));
        Slopes.Check("strengths", strengths, at => Loss(k, q, v, at, g), s.StrengthGradient);
        if (kind != HippocampusKind.DeltaNet && count > 1)
            Slopes.Check("decays", logDecays, at => Loss(k, q, v, b, at), s.LogDecayGradient);
    }

    [Theory]
    [InlineData(200, 30, 7, 4, 2, 16)]
    [InlineData(150, 2, 0, 3, 3, 20)]
    [InlineData(333, 150, 100, 6, 2, 8)]
    public void Attention_over_sinks_and_window_equals_central_differences(
        int tokens, int window, int sinks, int heads, int kvHeads, int dim)
    {
        var random = new Random(tokens);
        AttentionShape shape = new(heads, kvHeads, dim);
        int first = window + sinks, count = tokens - first;
        float[] q = Slopes.Normals(random, count * heads * dim), k = Slopes.Normals(random, tokens * kvHeads * dim),
            v = Slopes.Normals(random, tokens * kvHeads * dim), da = Slopes.Normals(random, count * heads * dim);
        float[] a = new float[count * heads * dim], lse = new float[heads * count], dq = new float[q.Length],
            dk = new float[count * kvHeads * dim], dv = new float[count * kvHeads * dim];
        using var workers = new Workers(2);
        Sight sight = new(window, sinks);
        new ExactAttention(shape, workers, KernelTable.Gemm).Run(q, k, v, first, count, sight, a, lse);
        new AttentionGradient(shape, workers, KernelTable.Gemm).Add(q, k, v, first, count, sight, a, lse, da, dq, dk, dv);

        double Loss(double[] q, double[] k, double[] v)
        {
            double loss = 0;
            for (int t = first; t < tokens; t++)
            {
                for (int head = 0; head < heads; head++)
                {
                    int at = (t - first) * heads * dim + head * dim, kv = head / (heads / kvHeads) * dim;
                    double sum = 0, read = 0;
                    for (int j = 0; j <= t; j++)
                    {
                        if (t - j >= window && j >= sinks) continue;
                        double score = 0, gained = 0;
                        for (int i = 0; i < dim; i++)
                        {
                            score += q[at + i] * k[j * kvHeads * dim + kv + i];
                            gained += da[at + i] * v[j * kvHeads * dim + kv + i];
                        }
                        double weight = Math.Exp(score / Math.Sqrt(dim));
                        sum += weight;
                        read += weight * gained;
                    }
                    loss += read / sum;
                }
            }
            return loss;
        }

        double[] wideQ = Slopes.Wide(q), wideK = Slopes.Wide(k), wideV = Slopes.Wide(v);
        Assert.Equal(Loss(wideQ, wideK, wideV), a.Zip(da, (x, y) => (double)x * y).Sum(), 1e-3);
        Slopes.Check("queries", q, at => Loss(at, wideK, wideV), dq);
        // Of keys and values of the rows that go back; the others have no gradient here.
        int from = first * kvHeads * dim;
        Slopes.Check("keys", k[from..], at => Loss(wideQ, [.. wideK[..from], .. at], wideV), dk);
        Slopes.Check("values", v[from..], at => Loss(wideQ, wideK, [.. wideV[..from], .. at]), dv);
    }

    [Fact]
    public void Full_attention_equals_a_plain_softmax()
    {
        const int Tokens = 200, Dim = 16;
        var random = new Random(8);
        float[] q = Slopes.Normals(random, Tokens * Dim, 2), k = Slopes.Normals(random, Tokens * Dim, 2),
            v = Slopes.Normals(random, Tokens * Dim);
        float[] a = new float[Tokens * Dim];
        using var workers = new Workers(2);
        new ExactAttention(new AttentionShape(1, 1, Dim), workers, KernelTable.Gemm)
            .Run(q, k, v, 0, Tokens, Sight.Full, a, new float[Tokens]);
        for (int t = 0; t < Tokens; t++)
        {
            double[] weights = [.. Enumerable.Range(0, t + 1).Select(j => Math.Exp(
                Enumerable.Range(0, Dim).Sum(i => (double)q[t * Dim + i] * k[j * Dim + i]) / Math.Sqrt(Dim)))];
            for (int i = 0; i < Dim; i++)
                Assert.Equal(weights.Select((w, j) => w * v[j * Dim + i]).Sum() / weights.Sum(), a[t * Dim + i], 1e-5);
        }
    }

    private static float[] Rows(HeadSequence s, Span<float> rows)
    {
        float[] all = new float[s.Count * s.HeadDim];
        for (int i = 0; i < s.Count; i++) s.Of(rows, i).CopyTo(all.AsSpan(i * s.HeadDim));
        return all;
    }

    private static float[] Units(Random random, int count, int dim)
    {
        float[] rows = Slopes.Normals(random, count * dim);
        for (int i = 0; i < count; i++)
        {
            Span<float> row = rows.AsSpan(i * dim, dim);
            float length = MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares<float>(row));
            System.Numerics.Tensors.TensorPrimitives.Divide(row, length, row);
        }
        return rows;
    }

    private static double[] LogSoftmax(double[] logits)
    {
        double most = logits.Max(), sum = Math.Log(logits.Sum(x => Math.Exp(x - most)));
        return [.. logits.Select(x => x - most - sum)];
    }
}
