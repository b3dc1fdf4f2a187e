using AhnSharp.Gpu.Kernels;
using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Attention of many consecutive tokens: 64 queries of a head a group of threads, running maximum and sum over tiles of 32 keys.
/// </summary>
/// <remarks>
/// Keys and values of three tiles are in shared memory (48 KB at D = 128), one is used while the next two arrive; chunk c of a row of
/// 16-byte chunks stands at c ^ row%8, so that the rows of a small matrix lie in different banks. Queries count with what rounding to
/// halves takes from them, weights without.
/// </remarks>
internal static class PrefillAttention
{
    /// <summary>Threads of a group: four warps of 16 queries.</summary>
    public const int Threads = 128;

    /// <summary>Queries of a group.</summary>
    public const int Queries = 64;

    private const int Keys = 32;

    /// <summary>Grid.X counts sixty-fours of queries, the last first; Grid.Y heads.</summary>
    /// <param name="query">[rows, H·D] of the part, rotated.</param>
    /// <param name="keys">The ring, halves; holds the part's own tokens too.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="ring">Where positions lie.</param>
    /// <param name="position">Position of the first row.</param>
    /// <param name="count">Rows.</param>
    /// <param name="heads">H.</param>
    /// <param name="kvHeads">K.</param>
    /// <param name="scale">log2(e)/√D.</param>
    /// <param name="attended">[rows, H·D].</param>
    public static void Run<THead>(
        ArrayView<float> query, ArrayView<byte> keys, ArrayView<byte> values, RingShape ring, int position, int count, int heads,
        int kvHeads, float scale,
        ArrayView<float> attended)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, chunks = d / 8, stage = 2 * Keys * chunks;
        ArrayView<Word4> shared = SharedMemory.Allocate<Word4>(3 * 2 * Keys * 16);
        int thread = Group.IdxX, lane = thread % 32, warp = thread / 32, g = lane / 4, t = lane % 4;
        int head = Grid.IdxY, kv = head / (heads / kvHeads);
        int firstRow = (Grid.DimX - 1 - Grid.IdxX) * Queries, lastRow = IntrinsicMath.Min(firstRow + Queries, count) - 1;
        int first = position + firstRow, last = position + lastRow;
        int start = ring.WindowStart(first), before = IntrinsicMath.Min(start, ring.Sinks), visible = before + last + 1 - start;
        ArrayView<Word4> k = keys.Cast<Word4>(), v = values.Cast<Word4>();

        int row0 = firstRow + warp * 16 + g, t0 = position + row0, t1 = t0 + 8;
        QueryTile q = QueryTile.Load<THead>(
            query, IntrinsicMath.Min(row0, lastRow), IntrinsicMath.Min(row0 + 8, lastRow), head, heads, t, scale);

        int tiles = (visible + Keys - 1) / Keys;
        for (int i = 0; i < 2; i++)
        {
            if (i < tiles) Fetch<THead>(shared, i * stage, k, v, ring, i * Keys, visible, first, kvHeads, kv);
            Ptx.CommitCopies();
        }

        var o = default(WarpTile);
        var o2 = default(WarpTile);
        float max0 = -1e30f, max1 = -1e30f, sum0 = 0, sum1 = 0;
        int at = 0, arriving = 2;
        for (int tile = 0; tile < tiles; tile++)
        {
            Ptx.WaitForAllCopiesButOneGroup();
            Group.Barrier();
            if (tile + 2 < tiles) Fetch<THead>(shared, arriving * stage, k, v, ring, (tile + 2) * Keys, visible, first, kvHeads, kv);
            Ptx.CommitCopies();

            TileRow s = Scores<THead>(shared, at * stage, lane, q);
            int index = tile * Keys;
            int position0 = index < before ? index : start + index - before;
            int positionLast = index + Keys - 1 < before ? index + Keys - 1 : start + index + Keys - 1 - before;
            bool open = index + Keys <= visible && positionLast <= first
                && (ring.Window == 0 || index + Keys <= before || last - position0 < ring.Window);
            if (!open)
            {
                s.C0 = Mask(s.C0, ring, index + 2 * t, before, start, t0, t1);
                s.C1 = Mask(s.C1, ring, index + 8 + 2 * t, before, start, t0, t1);
                s.C2 = Mask(s.C2, ring, index + 16 + 2 * t, before, start, t0, t1);
                s.C3 = Mask(s.C3, ring, index + 24 + 2 * t, before, start, t0, t1);
            }
            float largest0 = Largest(s.C0.X, s.C0.Y, s.C1.X, s.C1.Y, s.C2.X, s.C2.Y, s.C3.X, s.C3.Y, max0);
            float largest1 = Largest(s.C0.Z, s.C0.W, s.C1.Z, s.C1.W, s.C2.Z, s.C2.W, s.C3.Z, s.C3.W, max1);
            float decay0 = Ptx.Exp2(max0 - largest0), decay1 = Ptx.Exp2(max1 - largest1);
            max0 = largest0;
            max1 = largest1;
            s.C0 = Weights(s.C0, max0, max1);
            s.C1 = Weights(s.C1, max0, max1);
            s.C2 = Weights(s.C2, max0, max1);
            s.C3 = Weights(s.C3, max0, max1);
            sum0 = sum0 * decay0 + s.C0.X + s.C0.Y + s.C1.X + s.C1.Y + s.C2.X + s.C2.Y + s.C3.X + s.C3.Y;
            sum1 = sum1 * decay1 + s.C0.Z + s.C0.W + s.C1.Z + s.C1.W + s.C2.Z + s.C2.W + s.C3.Z + s.C3.W;

            o = Decay(o, decay0, decay1);
            int valueAt = at * stage + Keys * chunks;
            o = Add<THead>(shared, valueAt, lane, 0, Halves(s.C0, s.C1), Halves(s.C2, s.C3), o);
            if (d == 128)
            {
                o2 = Decay(o2, decay0, decay1);
                o2 = Add<THead>(shared, valueAt, lane, 8, Halves(s.C0, s.C1), Halves(s.C2, s.C3), o2);
            }
            at = at == 2 ? 0 : at + 1;
            arriving = arriving == 2 ? 0 : arriving + 1;
        }

        sum0 += Warp.ShuffleXor(sum0, 1);
        sum0 += Warp.ShuffleXor(sum0, 2);
        sum1 += Warp.ShuffleXor(sum1, 1);
        sum1 += Warp.ShuffleXor(sum1, 2);
        long to0 = ((long)row0 * heads + head) * d + 2 * t, to1 = ((long)(row0 + 8) * heads + head) * d + 2 * t;
        if (row0 <= lastRow)
        {
            Store(attended, to0, 1 / sum0, o, false);
            if (d == 128) Store(attended, to0 + 64, 1 / sum0, o2, false);
        }
        if (row0 + 8 <= lastRow)
        {
            Store(attended, to1, 1 / sum1, o, true);
            if (d == 128) Store(attended, to1 + 64, 1 / sum1, o2, true);
        }
    }

    /// <summary>A tile of keys and values to shared memory: four threads per key. Keys beyond the last repeat it.</summary>
    private static void Fetch<THead>(
        ArrayView<Word4> shared, int to, ArrayView<Word4> k, ArrayView<Word4> v, RingShape ring, int index, int visible, int first,
        int kvHeads, int kv)
        where THead : struct, IHeadSize
    {
        int chunks = default(THead).Value / 8, row = Group.IdxX / 4, chunk = Group.IdxX % 4;
        int slot = ring.Slot(ring.PositionOf(IntrinsicMath.Min(index + row, visible - 1), first));
        long from = ((long)slot * kvHeads + kv) * chunks;
        for (int i = 0; i < chunks / 4; i++)
        {
            int c = chunk + 4 * i, place = to + row * chunks + (c ^ (row & 7));
            Ptx.CopyAsync(ref shared[place], ref k[from + c]);
            Ptx.CopyAsync(ref shared[place + Keys * chunks], ref v[from + c]);
        }
    }

    private static TileRow Scores<THead>(ArrayView<Word4> shared, int at, int lane, QueryTile q)
        where THead : struct, IHeadSize
    {
        int chunks = default(THead).Value / 8, row = lane % 8 + lane / 16 * 8, half = lane / 8 % 2, swizzle = row & 7;
        int from = at + row * chunks, next = 16 * chunks;
        var s = default(TileRow);
        s = Scores(shared, from + (half ^ swizzle), next, q.K0, s);
        s = Scores(shared, from + ((2 + half) ^ swizzle), next, q.K1, s);
        s = Scores(shared, from + ((4 + half) ^ swizzle), next, q.K2, s);
        s = Scores(shared, from + ((6 + half) ^ swizzle), next, q.K3, s);
        if (default(THead).Value == 128)
        {
            s = Scores(shared, from + ((8 + half) ^ swizzle), next, q.K4, s);
            s = Scores(shared, from + ((10 + half) ^ swizzle), next, q.K5, s);
            s = Scores(shared, from + ((12 + half) ^ swizzle), next, q.K6, s);
            s = Scores(shared, from + ((14 + half) ^ swizzle), next, q.K7, s);
        }
        return s;
    }

    private static TileRow Scores(ArrayView<Word4> shared, int at, int next, QueryChunk q, TileRow s)
    {
        Word4 k0 = Ptx.LoadMatrices(ref shared[at]), k1 = Ptx.LoadMatrices(ref shared[at + next]);
        s.C0 = Ptx.Mma(q.High, k0.X, k0.Y, Ptx.Mma(q.Low, k0.X, k0.Y, s.C0));
        s.C1 = Ptx.Mma(q.High, k0.Z, k0.W, Ptx.Mma(q.Low, k0.Z, k0.W, s.C1));
        s.C2 = Ptx.Mma(q.High, k1.X, k1.Y, Ptx.Mma(q.Low, k1.X, k1.Y, s.C2));
        s.C3 = Ptx.Mma(q.High, k1.Z, k1.W, Ptx.Mma(q.Low, k1.Z, k1.W, s.C3));
        return s;
    }

    private static Float4 Mask(Float4 s, RingShape ring, int index, int before, int start, int t0, int t1)
    {
        int p0 = index < before ? index : start + index - before;
        int p1 = index + 1 < before ? index + 1 : start + index + 1 - before;
        if (!Sees(ring, p0, t0)) s.X = -1e30f;
        if (!Sees(ring, p1, t0)) s.Y = -1e30f;
        if (!Sees(ring, p0, t1)) s.Z = -1e30f;
        if (!Sees(ring, p1, t1)) s.W = -1e30f;
        return s;
    }

    private static bool Sees(RingShape ring, int p, int t) => p <= t && (ring.Window == 0 || t - p < ring.Window || p < ring.Sinks);

    private static float Largest(float a, float b, float c, float d, float e, float f, float g, float h, float max)
    {
        float largest = IntrinsicMath.Max(
            IntrinsicMath.Max(IntrinsicMath.Max(a, b), IntrinsicMath.Max(c, d)), IntrinsicMath.Max(
                IntrinsicMath.Max(e, f), IntrinsicMath.Max(g, h)));
        largest = IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 1));
        return IntrinsicMath.Max(max, IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 2)));
    }

    // Where a row sees nothing of a tile, and saw nothing before it, all its scores are the lowest: such weights count as zero.
    private static Float4 Weights(Float4 s, float max0, float max1)
    {
        s.X = s.X > -1e29f ? Ptx.Exp2(s.X - max0) : 0;
        s.Y = s.Y > -1e29f ? Ptx.Exp2(s.Y - max0) : 0;
        s.Z = s.Z > -1e29f ? Ptx.Exp2(s.Z - max1) : 0;
        s.W = s.W > -1e29f ? Ptx.Exp2(s.W - max1) : 0;
        return s;
    }

    private static Word4 Halves(Float4 left, Float4 right)
    {
        var p = default(Word4);
        p.X = Ptx.PackHalves(left.X, left.Y);
        p.Y = Ptx.PackHalves(left.Z, left.W);
        p.Z = Ptx.PackHalves(right.X, right.Y);
        p.W = Ptx.PackHalves(right.Z, right.W);
        return p;
    }

    /// <summary>64 columns: 16 keys a weight fragment. Lane 8m + r names key r + 8·(m%2), chunk m/2 of two.</summary>
    private static WarpTile Add<THead>(ArrayView<Word4> shared, int at, int lane, int firstChunk, Word4 p0, Word4 p1, WarpTile o)
        where THead : struct, IHeadSize
    {
        int chunks = default(THead).Value / 8, row = lane % 16, half = lane / 16, swizzle = row & 7, next = 16 * chunks;
        int from = at + row * chunks;
        o.R0 = Add(shared, from + ((firstChunk + half) ^ swizzle), from + ((firstChunk + 2 + half) ^ swizzle), next, p0, p1, o.R0);
        o.R1 = Add(shared, from + ((firstChunk + 4 + half) ^ swizzle), from + ((firstChunk + 6 + half) ^ swizzle), next, p0, p1, o.R1);
        return o;
    }

    private static TileRow Add(ArrayView<Word4> shared, int left, int right, int next, Word4 p0, Word4 p1, TileRow o)
    {
        Word4 v = Ptx.LoadMatricesTransposed(ref shared[left]);
        o.C0 = Ptx.Mma(p0, v.X, v.Y, o.C0);
        o.C1 = Ptx.Mma(p0, v.Z, v.W, o.C1);
        v = Ptx.LoadMatricesTransposed(ref shared[right]);
        o.C2 = Ptx.Mma(p0, v.X, v.Y, o.C2);
        o.C3 = Ptx.Mma(p0, v.Z, v.W, o.C3);
        v = Ptx.LoadMatricesTransposed(ref shared[left + next]);
        o.C0 = Ptx.Mma(p1, v.X, v.Y, o.C0);
        o.C1 = Ptx.Mma(p1, v.Z, v.W, o.C1);
        v = Ptx.LoadMatricesTransposed(ref shared[right + next]);
        o.C2 = Ptx.Mma(p1, v.X, v.Y, o.C2);
        o.C3 = Ptx.Mma(p1, v.Z, v.W, o.C3);
        return o;
    }

    private static WarpTile Decay(WarpTile o, float first, float second)
    {
        o.R0 = Decay(o.R0, first, second);
        o.R1 = Decay(o.R1, first, second);
        return o;
    }

    private static TileRow Decay(TileRow o, float first, float second)
    {
        o.C0 = Decay(o.C0, first, second);
        o.C1 = Decay(o.C1, first, second);
        o.C2 = Decay(o.C2, first, second);
        o.C3 = Decay(o.C3, first, second);
        return o;
    }

    private static Float4 Decay(Float4 o, float first, float second)
    {
        o.X *= first;
        o.Y *= first;
        o.Z *= second;
        o.W *= second;
        return o;
    }

    private static void Store(ArrayView<float> to, long at, float factor, WarpTile o, bool second)
    {
        Store(to, at, factor, o.R0, second);
        Store(to, at + 32, factor, o.R1, second);
    }

    private static void Store(ArrayView<float> to, long at, float factor, TileRow o, bool second)
    {
        Store(to, at, factor, o.C0, second);
        Store(to, at + 8, factor, o.C1, second);
        Store(to, at + 16, factor, o.C2, second);
        Store(to, at + 24, factor, o.C3, second);
    }

    private static void Store(ArrayView<float> to, long at, float factor, Float4 o, bool second)
    {
        var pair = default(Float2);
        pair.X = factor * (second ? o.Z : o.X);
        pair.Y = factor * (second ? o.W : o.Y);
        to.Cast<Float2>()[at / 2] = pair;
    }
}
