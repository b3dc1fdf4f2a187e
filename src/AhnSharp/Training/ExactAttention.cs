using System;
using System.Diagnostics;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Training;

/// <summary>Attention of the last rows of a text over all its keys, which remembers of each softmax only its log-sum-exp.</summary>
/// <remarks>
/// a_t = Σ_j p_tj v_j, p_tj = e^(q_t·k_j/√D − lse_t) over the keys that <see cref="Sight"/> shows. A block of 64 queries of one head walks
/// the keys in blocks of 128 with a running maximum and sum: nothing of tokens × tokens is ever held. <see cref="AttentionGradient"/> is
/// the way back.
/// </remarks>
internal sealed class ExactAttention(AttentionShape shape, Workers workers, Gemm gemm)
{
    internal const int QueriesPerBlock = 64, KeysPerBlock = 128;
    private readonly float[][] _scores = Blocks(workers);
    private float[] _keys = [];

    /// <summary>Runs it.</summary>
    /// <param name="q">[count, H·D], rotated.</param>
    /// <param name="k">[first + count, K·D], rotated.</param>
    /// <param name="v">[first + count, K·D].</param>
    /// <param name="first">Position of the first query; 0 with full sight, else at least window + sinks.</param>
    /// <param name="count">Queries.</param>
    /// <param name="sight">What they see.</param>
    /// <param name="a">[count, H·D], written.</param>
    /// <param name="lse">[H, count], written.</param>
    public void Run(float[] q, float[] k, float[] v, int first, int count, Sight sight, float[] a, float[] lse)
    {
        Debug.Assert(sight == Sight.Full || first >= sight.Window + sight.Sinks);
        int tokens = first + count, blocks = (count + QueriesPerBlock - 1) / QueriesPerBlock;
        float[] keys = TeamWork.Reserve(ref _keys, tokens * shape.KeyColumns);
        workers.Transpose(k, tokens, shape.KeyColumns, keys);
        workers.For(shape.Heads * blocks, (item, worker) =>
        {
            (int head, int block) = Math.DivRem(item, blocks);
            int row = block * QueriesPerBlock, rows = Math.Min(QueriesPerBlock, count - row);
            Block(head, row, rows, q, keys, v, first, tokens, sight, a, lse.AsSpan(head * count + row, rows), _scores[worker]);
        });
    }

    internal static float[][] Blocks(Workers workers)
    {
        float[][] blocks = new float[workers.Count][];
        for (int i = 0; i < blocks.Length; i++) blocks[i] = new float[QueriesPerBlock * KeysPerBlock];
        return blocks;
    }

    private void Block(
        int head, int row, int rows, float[] q, float[] keys, float[] v, int first, int tokens, Sight sight, float[] a, Span<float> lse,
        float[] scores)
    {
        int d = shape.HeadDim, kv = head / shape.Group * d, from = row * shape.QueryColumns + head * d;
        Span<float> largest = stackalloc float[QueriesPerBlock], sums = stackalloc float[QueriesPerBlock];
        largest.Fill(float.NegativeInfinity);
        sums.Clear();
        for (int r = 0; r < rows; r++) a.AsSpan(from + r * shape.QueryColumns, d).Clear();
        int position = first + row, window = sight.WindowFrom(position), end = position + rows, sinks = Math.Min(sight.Sinks, window);
        for (int key = 0; key < end;)
        {
            if (key >= sinks && key < window) key = window; // what lies between sinks and window is seen by none of them
            int count = Math.Min(KeysPerBlock, (key < sinks ? sinks : end) - key);
            gemm.Multiply(
                in q[from], shape.QueryColumns, in keys[kv * tokens + key], tokens, ref scores[0], KeysPerBlock, rows, d, count, false);
            for (int r = 0; r < rows; r++)
            {
                Span<float> weights = scores.AsSpan(r * KeysPerBlock, count);
                int low = key < sinks ? 0 : Math.Clamp(sight.WindowFrom(position + r) - key, 0, count),
                    high = Math.Clamp(position + r + 1 - key, low, count);
                weights[..low].Clear();
                weights[high..].Clear();
                Span<float> seen = weights[low..high];
                if (seen.IsEmpty) continue;
                TensorPrimitives.Multiply(seen, shape.Scale, seen);
                float most = MathF.Max(largest[r], TensorPrimitives.Max<float>(seen));
                TensorPrimitives.Subtract(seen, most, seen);
                Exponential.InPlace(seen);
                if (most > largest[r] && sums[r] > 0)
                {
                    float shrink = MathF.Exp(largest[r] - most);
                    sums[r] *= shrink;
                    Span<float> sofar = a.AsSpan(from + r * shape.QueryColumns, d);
                    TensorPrimitives.Multiply(sofar, shrink, sofar);
                }
                largest[r] = most;
                sums[r] += TensorPrimitives.Sum<float>(seen);
            }
            gemm.Multiply(
                in scores[0], KeysPerBlock, in v[key * shape.KeyColumns + kv], shape.KeyColumns,
                ref a[from], shape.QueryColumns, rows, count, d,
                true);
            key += count;
        }
        for (int r = 0; r < rows; r++)
        {
            Span<float> read = a.AsSpan(from + r * shape.QueryColumns, d);
            TensorPrimitives.Multiply(read, 1 / sums[r], read);
            lse[r] = largest[r] + MathF.Log(sums[r]);
        }
    }
}
