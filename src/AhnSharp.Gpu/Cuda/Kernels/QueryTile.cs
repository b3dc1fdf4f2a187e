using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>16 rows × 16 columns of queries: rounded to halves, and what rounding took.</summary>
internal struct QueryChunk
{
    public Word4 High, Low;

    /// <summary>Of rows that begin at pairs <paramref name="a"/> and <paramref name="b"/>.</summary>
    public static QueryChunk Load(ArrayView<Float2> pairs, long a, long b, float scale)
    {
        var q = default(QueryChunk);
        Split(pairs[a], scale, out q.High.X, out q.Low.X);
        Split(pairs[b], scale, out q.High.Y, out q.Low.Y);
        Split(pairs[a + 4], scale, out q.High.Z, out q.Low.Z);
        Split(pairs[b + 4], scale, out q.High.W, out q.Low.W);
        return q;
    }

    private static void Split(Float2 pair, float scale, out uint high, out uint low)
    {
        float x = pair.X * scale, y = pair.Y * scale;
        high = Ptx.PackHalves(x, y);
        low = Ptx.PackHalves(x - Ptx.LowHalf(high), y - Ptx.HighHalf(high));
    }
}

/// <summary>A query tile's 16 rows for the matrix units: 16 columns of D a member.</summary>
internal struct QueryTile
{
    public QueryChunk K0, K1, K2, K3, K4, K5, K6, K7;

    /// <summary>A lane's part of a tile: of two rows, in the order of <see cref="Ptx.Mma"/>'s A.</summary>
    /// <param name="query">[rows, H·D].</param>
    /// <param name="row0">The lane's first row.</param>
    /// <param name="row1">Its second.</param>
    /// <param name="head">Which head.</param>
    /// <param name="heads">H.</param>
    /// <param name="t">lane % 4.</param>
    /// <param name="scale">What the queries are multiplied with.</param>
    public static QueryTile Load<THead>(ArrayView<float> query, int row0, int row1, int head, int heads, int t, float scale)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        ArrayView<Float2> pairs = query.Cast<Float2>();
        long a = ((long)row0 * heads + head) * (d / 2) + t, b = ((long)row1 * heads + head) * (d / 2) + t;
        var q = default(QueryTile);
        q.K0 = QueryChunk.Load(pairs, a, b, scale);
        q.K1 = QueryChunk.Load(pairs, a + 8, b + 8, scale);
        q.K2 = QueryChunk.Load(pairs, a + 16, b + 16, scale);
        q.K3 = QueryChunk.Load(pairs, a + 24, b + 24, scale);
        if (d == 128)
        {
            q.K4 = QueryChunk.Load(pairs, a + 32, b + 32, scale);
            q.K5 = QueryChunk.Load(pairs, a + 40, b + 40, scale);
            q.K6 = QueryChunk.Load(pairs, a + 48, b + 48, scale);
            q.K7 = QueryChunk.Load(pairs, a + 56, b + 56, scale);
        }
        return q;
    }
}
