using AhnSharp.Gpu.Kernels;
using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What attention over a part of the keys returns for later joining.</summary>
internal struct PartialAttention
{
    /// <summary>[splits, H, D]: Σ 2^(s − max) v.</summary>
    public ArrayView<float> Sums;

    /// <summary>[splits, H]: X = max of the scores s (in units of log 2), Y = Σ 2^(s − max).</summary>
    public ArrayView<Float2> Weights;
}

/// <summary>Attention of one token over the keys it sees, all query heads of a key/value head at once, the keys spread over groups of threads.</summary>
/// <remarks>
/// With g = lane/4, t = lane%4. Scores of 16 keys: A = queries (16 rows, see <see cref="SplitQuery"/>), B = keys. The order of dimensions inside a product is free,
/// so that a lane reads 16 bytes of one key at a time. Then A = weights (row g + 8 again what rounding took), B = values, whose columns are in an order of their own
/// for the same reason: tile i, column n is dimension n·D/8 + i. So keys and values are read once, exactly, and queries and weights count with 22 bits.
/// </remarks>
internal static class DecodeAttention
{
    /// <summary>Threads of a group: four warps, which take turns at 16 keys.</summary>
    public const int Threads = 128;

    private const int Warps = Threads / 32;

    /// <summary>Grid.X counts splits, Grid.Y key/value heads.</summary>
    /// <param name="query">[H·D], rotated.</param>
    /// <param name="keys">The ring, halves.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="ring">Where positions lie.</param>
    /// <param name="position">Position of the query.</param>
    /// <param name="visible">Keys that it sees.</param>
    /// <param name="keysPerSplit">A multiple of 64.</param>
    /// <param name="kvHeads">K.</param>
    /// <param name="group">Query heads of a key/value head, at most 8.</param>
    /// <param name="scale">log2(e)/√D.</param>
    /// <param name="result">One entry a split.</param>
    public static void Split<THead>(
        ArrayView<float> query, ArrayView<byte> keys, ArrayView<byte> values, RingShape ring, int position, int visible, int keysPerSplit, int kvHeads, int group, float scale,
        PartialAttention result)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, pitch = d / 8;
        ArrayView<float> sums = SharedMemory.Allocate<float>(Warps * 8 * 128);
        ArrayView<Float2> weights = SharedMemory.Allocate<Float2>(Warps * 8);
        int lane = Warp.LaneIdx, warp = Group.IdxX / 32, g = lane / 4, t = lane % 4;
        int kv = Grid.IdxY, end = IntrinsicMath.Min(visible, (Grid.IdxX + 1) * keysPerSplit);
        ArrayView<Word4> k = keys.Cast<Word4>(), v = values.Cast<Word4>();
        SplitQuery q = SplitQuery.Load<THead>(query, kv * group + g, g < group, t, scale);

        var o = default(WarpTile);
        float max = float.NegativeInfinity, sum = 0;
        for (int first = Grid.IdxX * keysPerSplit + warp * 16; first < end; first += Warps * 16)
        {
            // All that the turn reads is asked for before any of it is used.
            int at = first + 2 * t;
            long key0 = Row(ring, first + g, end, position, kvHeads, kv) * pitch + t;
            long key1 = Row(ring, first + 8 + g, end, position, kvHeads, kv) * pitch + t;
            long value0 = Row(ring, at, end, position, kvHeads, kv) * pitch + g * (d / 64);
            long value1 = Row(ring, at + 1, end, position, kvHeads, kv) * pitch + g * (d / 64);
            long value2 = Row(ring, at + 8, end, position, kvHeads, kv) * pitch + g * (d / 64);
            long value3 = Row(ring, at + 9, end, position, kvHeads, kv) * pitch + g * (d / 64);
            Word4 v0 = v[value0], v1 = v[value1], v2 = v[value2], v3 = v[value3];
            Word4 w0 = v0, w1 = v1, w2 = v2, w3 = v3;
            if (d == 128)
            {
                w0 = v[value0 + 1];
                w1 = v[value1 + 1];
                w2 = v[value2 + 1];
                w3 = v[value3 + 1];
            }
            Float4 s0 = Scores<THead>(q, k, key0), s1 = Scores<THead>(q, k, key1);

            float a = at < end ? s0.X + s0.Z : float.NegativeInfinity;
            float b = at + 1 < end ? s0.Y + s0.W : float.NegativeInfinity;
            float c = at + 8 < end ? s1.X + s1.Z : float.NegativeInfinity;
            float e = at + 9 < end ? s1.Y + s1.W : float.NegativeInfinity;
            float largest = IntrinsicMath.Max(IntrinsicMath.Max(a, b), IntrinsicMath.Max(c, e));
            largest = IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 1));
            largest = IntrinsicMath.Max(max, IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 2)));
            float decay = Ptx.Exp2(max - largest);
            max = largest;
            a = Ptx.Exp2(a - max);
            b = Ptx.Exp2(b - max);
            c = Ptx.Exp2(c - max);
            e = Ptx.Exp2(e - max);
            sum = sum * decay + (a + b) + (c + e);
            var p = default(Word4);
            p.X = Ptx.PackHalves(a, b);
            p.Y = Ptx.PackHalves(a - Ptx.LowHalf(p.X), b - Ptx.HighHalf(p.X));
            p.Z = Ptx.PackHalves(c, e);
            p.W = Ptx.PackHalves(c - Ptx.LowHalf(p.Z), e - Ptx.HighHalf(p.Z));

            o = Scale<THead>(o, decay);
            o.R0 = AddLow(p, v0, v1, v2, v3, o.R0);
            o.R1 = AddHigh(p, v0, v1, v2, v3, o.R1);
            if (d == 128)
            {
                o.R2 = AddLow(p, w0, w1, w2, w3, o.R2);
                o.R3 = AddHigh(p, w0, w1, w2, w3, o.R3);
            }
        }

        sum += Warp.ShuffleXor(sum, 1);
        sum += Warp.ShuffleXor(sum, 2);
        if (t == 0)
        {
            var weight = default(Float2);
            weight.X = max;
            weight.Y = sum;
            weights[warp * 8 + g] = weight;
        }
        int to = (warp * 8 + g) * d + 2 * t * (d / 8);
        Store(sums, to, d / 8, o.R0);
        Store(sums, to + 4, d / 8, o.R1);
        if (d == 128)
        {
            Store(sums, to + 8, d / 8, o.R2);
            Store(sums, to + 12, d / 8, o.R3);
        }
        Group.Barrier();
        Join<THead>(sums, weights, kv * group, group, kvHeads * group, result);
    }

    private static void Join<THead>(ArrayView<float> sums, ArrayView<Float2> weights, int firstHead, int group, int heads, PartialAttention result)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        for (int i = Group.IdxX; i < group * d; i += Threads)
        {
            int head = i / d;
            float max = float.NegativeInfinity, weight = 0, sum = 0;
            for (int w = 0; w < Warps; w++)
            {
                max = IntrinsicMath.Max(max, weights[w * 8 + head].X);
            }
            for (int w = 0; w < Warps; w++)
            {
                Float2 part = weights[w * 8 + head];
                float factor = part.Y > 0 ? Ptx.Exp2(part.X - max) : 0;
                weight += factor * part.Y;
                sum += factor * sums[w * 8 * d + i];
            }
            long to = (long)Grid.IdxX * heads + firstHead + head;
            result.Sums[to * d + i % d] = sum;
            if (i % d == 0)
            {
                var joined = default(Float2);
                joined.X = max;
                joined.Y = weight;
                result.Weights[to] = joined;
            }
        }
    }

    private static long Row(RingShape ring, int index, int end, int position, int kvHeads, int kv) =>
        (long)ring.Slot(ring.PositionOf(IntrinsicMath.Min(index, end - 1), position)) * kvHeads + kv;

    private static Float4 Scores<THead>(SplitQuery q, ArrayView<Word4> keys, long at)
        where THead : struct, IHeadSize
    {
        Float4 s = Add(q.High0, q.Low0, keys[at], default);
        s = Add(q.High1, q.Low1, keys[at + 4], s);
        if (default(THead).Value == 128)
        {
            s = Add(q.High2, q.Low2, keys[at + 8], s);
            s = Add(q.High3, q.Low3, keys[at + 12], s);
        }
        return s;
    }

    private static Float4 Add(Word4 high, Word4 low, Word4 key, Float4 s)
    {
        var a = default(Word4);
        a.X = high.X;
        a.Y = low.X;
        a.Z = high.Y;
        a.W = low.Y;
        s = Ptx.Mma(a, key.X, key.Y, s);
        a.X = high.Z;
        a.Y = low.Z;
        a.Z = high.W;
        a.W = low.W;
        return Ptx.Mma(a, key.Z, key.W, s);
    }

    /// <summary>Tiles 0..3 of eight: words X and Y of four keys' values.</summary>
    private static TileRow AddLow(Word4 p, Word4 v0, Word4 v1, Word4 v2, Word4 v3, TileRow o)
    {
        o.C0 = Ptx.Mma(p, Ptx.LowHalves(v0.X, v1.X), Ptx.LowHalves(v2.X, v3.X), o.C0);
        o.C1 = Ptx.Mma(p, Ptx.HighHalves(v0.X, v1.X), Ptx.HighHalves(v2.X, v3.X), o.C1);
        o.C2 = Ptx.Mma(p, Ptx.LowHalves(v0.Y, v1.Y), Ptx.LowHalves(v2.Y, v3.Y), o.C2);
        o.C3 = Ptx.Mma(p, Ptx.HighHalves(v0.Y, v1.Y), Ptx.HighHalves(v2.Y, v3.Y), o.C3);
        return o;
    }

    /// <summary>Tiles 4..7 of eight: words Z and W.</summary>
    private static TileRow AddHigh(Word4 p, Word4 v0, Word4 v1, Word4 v2, Word4 v3, TileRow o)
    {
        v0.X = v0.Z;
        v0.Y = v0.W;
        v1.X = v1.Z;
        v1.Y = v1.W;
        v2.X = v2.Z;
        v2.Y = v2.W;
        v3.X = v3.Z;
        v3.Y = v3.W;
        return AddLow(p, v0, v1, v2, v3, o);
    }

    private static WarpTile Scale<THead>(WarpTile o, float factor)
        where THead : struct, IHeadSize
    {
        o.R0 = Scale(o.R0, factor);
        o.R1 = Scale(o.R1, factor);
        if (default(THead).Value == 128)
        {
            o.R2 = Scale(o.R2, factor);
            o.R3 = Scale(o.R3, factor);
        }
        return o;
    }

    private static TileRow Scale(TileRow o, float factor)
    {
        o.C0 = Scale(o.C0, factor);
        o.C1 = Scale(o.C1, factor);
        o.C2 = Scale(o.C2, factor);
        o.C3 = Scale(o.C3, factor);
        return o;
    }

    private static Float4 Scale(Float4 o, float factor)
    {
        o.X *= factor;
        o.Y *= factor;
        o.Z *= factor;
        o.W *= factor;
        return o;
    }

    private static void Store(ArrayView<float> sums, int to, int columnStride, TileRow o)
    {
        Store(sums, to, columnStride, o.C0);
        Store(sums, to + 1, columnStride, o.C1);
        Store(sums, to + 2, columnStride, o.C2);
        Store(sums, to + 3, columnStride, o.C3);
    }

    private static void Store(ArrayView<float> sums, int to, int columnStride, Float4 o)
    {
        sums[to] = o.X + o.Z;
        sums[to + columnStride] = o.Y + o.W;
    }
}
