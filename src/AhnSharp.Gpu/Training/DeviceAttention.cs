using System;
using AhnSharp.Training;
using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>Attention of the last rows of a text over all its keys, and back, in pieces of queries whose scores stand in memory.</summary>
/// <remarks>
/// Everything of a piece is a product or an operation on rows of scores; a piece has so many queries that the scores of all heads are at
/// most <see cref="MaxScores"/>: nothing of tokens × tokens is ever held. The definitions are <c>ExactAttention</c> and
/// <c>AttentionGradient</c> of the processor's.
/// </remarks>
internal sealed class DeviceAttention(AttentionShape shape, DeviceProducts products, ScoreRows rows)
{
    /// <summary>Scores of a piece at most: 128 MiB.</summary>
    public const int MaxScores = 32 << 20;

    private const int RowUnit = 16, MostRows = 2048;
    private ArrayView<float> _weights, _slopes;

    /// <summary>Floats of a matrix of scores that a text of so many tokens takes.</summary>
    public static long ScoresOf(AttentionShape shape, int tokens) =>
        (long)shape.Heads * RowsOf(shape, tokens) * (tokens + 8L);

    /// <summary>Takes the memory that texts of so many tokens need.</summary>
    public void Reserve(int tokens, DeviceBuffers buffers)
    {
        long length = ScoresOf(shape, tokens);
        (_weights, _slopes) = (buffers.Take(length), buffers.Take(length));
    }

    /// <summary>a [count, H·D] ← attention of queries at positions <paramref name="first"/> on.</summary>
    /// <param name="q">[count, H·D], rotated.</param>
    /// <param name="k">[first + count, K·D], rotated.</param>
    /// <param name="v">[first + count, K·D].</param>
    /// <param name="first">Position of the first query.</param>
    /// <param name="count">Queries.</param>
    /// <param name="sight">What they see.</param>
    /// <param name="a">Written.</param>
    public void Run(ArrayView<float> q, ArrayView<float> k, ArrayView<float> v, int first, int count, Sight sight, ArrayView<float> a)
    {
        for (int row = 0, most = RowsOf(shape, first + count); row < count; row += most)
        {
            KeyStretch keys = KeyStretch.Of(sight, first + row, Math.Min(most, count - row));
            Weights(q, k, row, keys);
            Operand to = Queries(a, row);
            products.Multiply(Scores(_weights, keys, keys.Column), Values(v, keys.From), to, (keys.Rows, shape.HeadDim, keys.Count),
                shape.Heads);
            if (keys.Sinks == 0) continue;
            products.Multiply(
                Scores(_weights, keys, 0), Values(v, 0), to, (keys.Rows, shape.HeadDim, keys.Sinks), shape.Heads, accumulate: true);
        }
    }

    /// <summary>The way back, for rows whose own keys and values alone have a gradient.</summary>
    /// <param name="q">As Run.</param>
    /// <param name="k">As Run.</param>
    /// <param name="v">As Run.</param>
    /// <param name="first">As Run; at least window + sinks.</param>
    /// <param name="count">As Run.</param>
    /// <param name="sight">As Run.</param>
    /// <param name="da">[count, H·D].</param>
    /// <param name="dq">[count, H·D], added to.</param>
    /// <param name="dk">[count, K·D] of the keys from <paramref name="first"/> on, added to.</param>
    /// <param name="dv">Likewise.</param>
    public void Back(
        ArrayView<float> q, ArrayView<float> k, ArrayView<float> v, int first, int count, Sight sight, ArrayView<float> da,
        ArrayView<float> dq, ArrayView<float> dk, ArrayView<float> dv)
    {
        int d = shape.HeadDim;
        for (int row = 0, most = RowsOf(shape, first + count); row < count; row += most)
        {
            KeyStretch keys = KeyStretch.Of(sight, first + row, Math.Min(most, count - row));
            Weights(q, k, row, keys);
            Dots(da, v, row, keys, _slopes);
            rows.Back(_weights, _slopes, keys, shape.Heads, shape.Scale);
            Operand to = Queries(dq, row);
            products.Multiply(
                Scores(_slopes, keys, keys.Column), Values(k, keys.From), to, (keys.Rows, d, keys.Count), shape.Heads, accumulate: true);
            if (keys.Sinks > 0)
            {
                products.Multiply(
                    Scores(_slopes, keys, 0), Values(k, 0), to, (keys.Rows, d, keys.Sinks), shape.Heads, accumulate: true);
            }
            // Keys before the first query are nobody's whose gradient is asked for.
            int from = Math.Max(keys.From, first), behind = keys.From + keys.Count - from, column = keys.Column + from - keys.From;
            for (int member = 0; member < shape.Group; member++)
            {
                AddToKeys(_slopes, q, dk, row, keys, member, column, from - first, behind);
                AddToKeys(_weights, da, dv, row, keys, member, column, from - first, behind);
            }
        }
    }

    // Queries of a piece: so many that scores of all heads fill what is held of them.
    private static int RowsOf(AttentionShape shape, int tokens) =>
        Math.Clamp((int)(MaxScores / ((long)shape.Heads * (tokens + 8))) / RowUnit * RowUnit, RowUnit, MostRows);

    private void Weights(ArrayView<float> q, ArrayView<float> k, int row, KeyStretch keys)
    {
        Dots(q, k, row, keys, _weights);
        rows.Softmax(_weights, keys, shape.Heads, shape.Scale);
    }

    // scores[h, r, c] ← x[row + r, head h] · y[key of column c, its head].
    private void Dots(ArrayView<float> x, ArrayView<float> y, int row, KeyStretch keys, ArrayView<float> scores)
    {
        Operand of = Queries(x, row);
        products.Multiply(
            of, ValuesTransposed(y, keys.From), Scores(scores, keys, keys.Column), (keys.Rows, keys.Count, shape.HeadDim), shape.Heads);
        if (keys.Sinks == 0) return;
        products.Multiply(of, ValuesTransposed(y, 0), Scores(scores, keys, 0), (keys.Rows, keys.Sinks, shape.HeadDim), shape.Heads);
    }

    // to[key, its head] += Σ over rows of scores[head, row, key] · x[row, head], of one head of each group.
    private void AddToKeys(
        ArrayView<float> scores, ArrayView<float> x, ArrayView<float> to, int row, KeyStretch keys, int member, int column, int key,
        int count)
    {
        int matrix = keys.Rows * keys.Pitch, d = shape.HeadDim;
        products.Multiply(
            Operand.Transposed(From(scores, (long)member * matrix + column), keys.Pitch, shape.Group * matrix),
            Operand.Of(From(x, (long)row * shape.QueryColumns + member * d), shape.QueryColumns, shape.Group * d),
            Operand.Of(From(to, (long)key * shape.KeyColumns), shape.KeyColumns, d), (count, d, keys.Rows), shape.KvHeads,
            accumulate: true);
    }

    private static Operand Scores(ArrayView<float> scores, KeyStretch keys, int column) =>
        Operand.Of(From(scores, column), keys.Pitch, keys.Rows * keys.Pitch);

    private Operand Queries(ArrayView<float> x, int row) =>
        Operand.Of(From(x, (long)row * shape.QueryColumns), shape.QueryColumns, shape.HeadDim);

    private Operand Values(ArrayView<float> x, int key) =>
        Operand.Of(From(x, (long)key * shape.KeyColumns), shape.KeyColumns, shape.HeadDim, shape.Group);

    private Operand ValuesTransposed(ArrayView<float> x, int key) =>
        Operand.Transposed(From(x, (long)key * shape.KeyColumns), shape.KeyColumns, shape.HeadDim, shape.Group);

    private static ArrayView<float> From(ArrayView<float> view, long start) => view.SubView(start, view.Length - start);
}
