using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Training;

/// <summary><see cref="ExactAttention"/> backwards, for rows whose own keys and values alone have a gradient.</summary>
/// <remarks>
/// With δ_t = da_t·a_t and everything recomputed from q, k, v and lse:
///   p_tj = e^(q_t·k_j/√D − lse_t);  ds_tj = p_tj (da_t·v_j − δ_t)/√D;
///   dq_t = Σ_j ds_tj k_j;  dk_j = Σ_t ds_tj q_t;  dv_j = Σ_t p_tj da_t.
/// dq is summed by blocks of queries, dk and dv by blocks of keys: each number is one thread's, in one order. Source: arXiv 2307.08691.
/// </remarks>
internal sealed class AttentionGradient(AttentionShape shape, Workers workers, Gemm gemm)
{
    private const int Queries = ExactAttention.QueriesPerBlock, Keys = ExactAttention.KeysPerBlock;
    private readonly float[][] _weights = ExactAttention.Blocks(workers), _slopes = ExactAttention.Blocks(workers);
    private float[] _keys = [], _values = [], _queries = [], _gained = [], _along = [];

    /// <summary>Runs it.</summary>
    /// <param name="q">[count, H·D], rotated.</param>
    /// <param name="k">[first + count, K·D], rotated.</param>
    /// <param name="v">[first + count, K·D].</param>
    /// <param name="first">Position of the first query, at least window + sinks: no sink has a gradient.</param>
    /// <param name="count">Queries.</param>
    /// <param name="sight">What they see.</param>
    /// <param name="a">[count, H·D], what attention gave.</param>
    /// <param name="lse">[H, count].</param>
    /// <param name="da">[count, H·D].</param>
    /// <param name="dq">[count, H·D], added to.</param>
    /// <param name="dk">[count, K·D], of the keys from <paramref name="first"/> on, added to.</param>
    /// <param name="dv">[count, K·D], likewise.</param>
    public void Add(
        float[] q, float[] k, float[] v, int first, int count, Sight sight, float[] a, float[] lse, float[] da, float[] dq, float[] dk,
        float[] dv)
    {
        int tokens = first + count, columns = shape.QueryColumns, d = shape.HeadDim;
        float[] keys = TeamWork.Reserve(ref _keys, tokens * shape.KeyColumns), values = TeamWork.Reserve(
            ref _values, tokens * shape.KeyColumns);
        float[] queries = TeamWork.Reserve(ref _queries, count * columns), gained = TeamWork.Reserve(ref _gained, count * columns);
        float[] along = TeamWork.Reserve(ref _along, shape.Heads * count);
        workers.Transpose(k, tokens, shape.KeyColumns, keys);
        workers.Transpose(v, tokens, shape.KeyColumns, values);
        workers.Transpose(q, count, columns, queries);
        workers.Transpose(da, count, columns, gained);
        workers.ForRows(count, (row, end, _) =>
        {
            for (; row < end; row++)
            {
                for (int head = 0; head < shape.Heads; head++)
                {
                    int at = row * columns + head * d;
                    along[head * count + row] = TensorPrimitives.Dot<float>(da.AsSpan(at, d), a.AsSpan(at, d));
                }
            }
        });
        int blocks = (count + Queries - 1) / Queries;
        workers.For(shape.Heads * blocks, (item, worker) =>
        {
            (int head, int block) = Math.DivRem(item, blocks);
            AddToQueries(head, block * Queries, Math.Min(Queries, count - block * Queries), worker);
        });
        workers.For(shape.KvHeads * blocks, (item, worker) =>
        {
            (int kvHead, int block) = Math.DivRem(item, blocks);
            AddToKeys(kvHead, block * Queries, Math.Min(Queries, count - block * Queries), worker);
        });

        void AddToQueries(int head, int row, int rows, int worker)
        {
            float[] weights = _weights[worker], slopes = _slopes[worker];
            int kv = head / shape.Group * d, from = row * columns + head * d;
            int position = first + row, window = sight.WindowFrom(position), end = position + rows, sinks = Math.Min(sight.Sinks, window);
            for (int key = 0; key < end;)
            {
                if (key >= sinks && key < window) key = window;
                int seen = Math.Min(Keys, (key < sinks ? sinks : end) - key);
                gemm.Multiply(in q[from], columns, in keys[kv * tokens + key], tokens, ref weights[0], Keys, rows, d, seen, false);
                gemm.Multiply(in da[from], columns, in values[kv * tokens + key], tokens, ref slopes[0], Keys, rows, d, seen, false);
                for (int r = 0; r < rows; r++)
                {
                    int low = key < sinks ? 0 : Math.Clamp(sight.WindowFrom(position + r) - key, 0, seen),
                        high = Math.Clamp(position + r + 1 - key, low, seen);
                    Span<float> p = weights.AsSpan(r * Keys, seen), ds = slopes.AsSpan(r * Keys, seen);
                    ds[..low].Clear();
                    ds[high..].Clear();
                    p = p[low..high];
                    ds = ds[low..high];
                    if (p.IsEmpty) continue;
                    TensorPrimitives.Multiply(p, shape.Scale, p);
                    TensorPrimitives.Subtract(p, lse[head * count + row + r], p);
                    Exponential.InPlace(p);
                    TensorPrimitives.Subtract(ds, along[head * count + row + r], ds);
                    TensorPrimitives.Multiply(ds, p, ds);
                    TensorPrimitives.Multiply(ds, shape.Scale, ds);
                }
                gemm.Multiply(
                    in slopes[0], Keys, in k[key * shape.KeyColumns + kv], shape.KeyColumns, ref dq[from], columns, rows, seen, d, true);
                key += seen;
            }
        }

        // The same block the other way round, keys by queries.
        void AddToKeys(int kvHead, int row, int rows, int worker)
        {
            float[] weights = _weights[worker], slopes = _slopes[worker];
            int kv = kvHead * d, position = first + row, at = position * shape.KeyColumns + kv, to = row * shape.KeyColumns + kv;
            int last = sight.SeenUntil(position + rows - 1, tokens) - first;
            for (int head = kvHead * shape.Group; head < (kvHead + 1) * shape.Group; head++)
            {
                for (int query = row; query < last; query += Keys)
                {
                    int seeing = Math.Min(Keys, last - query), from = head * d * count + query;
                    gemm.Multiply(in k[at], shape.KeyColumns, in queries[from], count, ref weights[0], Keys, rows, d, seeing, false);
                    gemm.Multiply(in v[at], shape.KeyColumns, in gained[from], count, ref slopes[0], Keys, rows, d, seeing, false);
                    for (int r = 0; r < rows; r++)
                    {
                        int low = Math.Clamp(row + r - query, 0, seeing),
                            high = Math.Clamp(sight.SeenUntil(position + r, tokens) - first - query, low, seeing);
                        Span<float> p = weights.AsSpan(r * Keys, seeing), ds = slopes.AsSpan(r * Keys, seeing);
                        p[..low].Clear();
                        p[high..].Clear();
                        ds[..low].Clear();
                        ds[high..].Clear();
                        p = p[low..high];
                        ds = ds[low..high];
                        if (p.IsEmpty) continue;
                        TensorPrimitives.Multiply(p, shape.Scale, p);
                        TensorPrimitives.Subtract(p, lse.AsSpan(head * count + query + low, p.Length), p);
                        Exponential.InPlace(p);
                        TensorPrimitives.Subtract(ds, along.AsSpan(head * count + query + low, p.Length), ds);
                        TensorPrimitives.Multiply(ds, p, ds);
                        TensorPrimitives.Multiply(ds, shape.Scale, ds);
                    }
                    int seenFrom = query * columns + head * d;
                    gemm.Multiply(
                        in weights[0], Keys, in da[seenFrom], columns, ref dv[to], shape.KeyColumns, rows, seeing, d, true);
                    gemm.Multiply(
                        in slopes[0], Keys, in q[seenFrom], columns, ref dk[to], shape.KeyColumns, rows, seeing, d, true);
                }
            }
        }
    }
}
