using AhnSharp.Gpu.Kernels;
using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Attention of one token over the keys it sees, all query heads of a key/value head at once, the keys spread over groups of threads.
/// </summary>
/// <remarks>
/// With g = lane/4, t = lane%4. Scores of 16 keys: A = queries (16 rows, see <see cref="SplitQuery"/>), B = keys. The order of dimensions
/// inside a product is free, so that a lane reads 16 bytes of one key at a time. Then A = weights (row g + 8 again what rounding took),
/// B = values, whose columns are in an order of their own for the same reason: tile i, column n is dimension n·D/8 + i. So keys and values
/// are read once, exactly, and queries and weights count with 22 bits.
/// </remarks>
internal static class DecodeAttention
{
    /// <summary>Threads of a group: four warps, which take turns at 16 keys.</summary>
    public const int Threads = 128;

    // Rows of sums in shared memory begin eight banks apart.
    private const int Warps = Threads / 32, Padding = 8;

    /// <summary>
    /// Grid.Y counts key/value heads, Grid.Z texts, Grid.X splits and, behind them, sixteens of columns of its heads' memories, where
    /// a token leaves.
    /// </summary>
    /// <param name="query">[rows, H·D], rotated.</param>
    /// <param name="own">The text, or <see cref="TextRow.InTable"/>.</param>
    /// <param name="texts">All texts, where there is a table of them.</param>
    /// <param name="kvHeads">K.</param>
    /// <param name="group">Query heads of a key/value head, at most 8.</param>
    /// <param name="scale">log2(e)/√D.</param>
    /// <param name="splits">Most splits that a text has.</param>
    /// <param name="result">One entry a split of all texts.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="shape">Its shape.</param>
    public static void Run<THead>(
        ArrayView<float> query, TextRow own, ArrayView<TextRow> texts, int kvHeads, int group, float scale, int splits,
        PartialAttention result, MemoryViews memory, MemoryShape shape)
        where THead : struct, IHeadSize
    {
        Ptx.TriggerDependents();
        TextRow text = own;
        if (own.Row < 0) text = texts[Grid.IdxZ];
        Ptx.WaitForDependencies();
        int width = kvHeads * group * default(THead).Value;
        ArrayView<float> row = query.SubView((long)text.Row * width, width);
        if (Grid.IdxX < splits)
        {
            if (Grid.IdxX < text.Splits) Split<THead>(row, text, kvHeads, group, scale, result);
            return;
        }
        if (text.LeavingSlot < 0) return;
        int part = Grid.IdxX - splits, parts = default(THead).Value / DecodeMemory.Columns;
        DecodeMemory.UpdateAndRead<THead>(Grid.IdxY * group + part / parts, part % parts * DecodeMemory.Columns, row, text, memory.Rates,
            memory.Read.SubView((long)text.Row * width, width), shape);
    }

    private static void Split<THead>(
        ArrayView<float> query, TextRow text, int kvHeads, int group, float scale, PartialAttention result)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        ArrayView<float> sums = SharedMemory.Allocate<float>(Warps * 8 * (128 + Padding));
        ArrayView<Float2> weights = SharedMemory.Allocate<Float2>(Warps * 8);
        int lane = Warp.LaneIdx, warp = Group.IdxX / 32, g = lane / 4, t = lane % 4;
        RingShape ring = text.Ring;
        int kv = Grid.IdxY, end = IntrinsicMath.Min(text.Visible, (Grid.IdxX + 1) * text.KeysPerSplit),
            windowSlot = ring.WindowSlot(text.Position);
        SplitQuery q = SplitQuery.Load<THead>(query, kv * group + g, g < group, t, scale);

        var o = default(WarpTile);
        float max = float.NegativeInfinity, sum = 0;
        for (int first = Grid.IdxX * text.KeysPerSplit + warp * 16; first < end; first += Warps * 16)
        {
            // All that the turn reads is asked for before any of it is used. To ask for the next turn's too takes 230 registers, and a
            // third of the groups no longer fits (18.6 µs, not 16.6).
            int at = first + 2 * t;
            ValueTurn value = Values<THead>(text.Values, ring, first, end, windowSlot, kvHeads, kv, g, t);
            KeyTurn key = Keys<THead>(text.Keys, ring, first, end, windowSlot, kvHeads, kv, g, t);
            Float4 s0 = Scores<THead>(q, key.A0, key.A1, key.A2, key.A3), s1 = Scores<THead>(q, key.B0, key.B1, key.B2, key.B3);
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
            o.R0 = AddLow(p, value.A0, value.A1, value.A2, value.A3, o.R0);
            o.R1 = AddHigh(p, value.A0, value.A1, value.A2, value.A3, o.R1);
            if (d == 128)
            {
                o.R2 = AddLow(p, value.B0, value.B1, value.B2, value.B3, o.R2);
                o.R3 = AddHigh(p, value.B0, value.B1, value.B2, value.B3, o.R3);
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
        int to = (warp * 8 + g) * (d + Padding) + 2 * t;
        Store(sums, to, o.R0);
        Store(sums, to + 32, o.R1);
        if (d == 128)
        {
            Store(sums, to + 64, o.R2);
            Store(sums, to + 96, o.R3);
        }
        Group.Barrier();
        Join<THead>(sums, weights, text.FirstSplit + Grid.IdxX, kv * group, group, kvHeads * group, result);
    }

    private static void Join<THead>(
        ArrayView<float> sums, ArrayView<Float2> weights, int split, int firstHead, int group, int heads, PartialAttention result)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        for (int i = Group.IdxX; i < group * d; i += Threads)
        {
            // Tile t, column n is dimension n·D/8 + t, and lies at 8t + n.
            int head = i / d, at = i % d % (d / 8) * 8 + i % d / (d / 8);
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
                sum += factor * sums[(w * 8 + head) * (d + Padding) + at];
            }
            long to = (long)split * heads + firstHead + head;
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

    private static long Row(RingShape ring, int index, int end, int windowSlot, int kvHeads, int kv) =>
        (long)ring.SlotOf(IntrinsicMath.Min(index, end - 1), windowSlot) * kvHeads + kv;

    private static KeyTurn Keys<THead>(
        long k, RingShape ring, int first, int end, int windowSlot, int kvHeads, int kv, int g, int t)
        where THead : struct, IHeadSize
    {
        int pitch = default(THead).Value / 8;
        long a = Row(ring, first + g, end, windowSlot, kvHeads, kv) * pitch + t,
            b = Row(ring, first + 8 + g, end, windowSlot, kvHeads, kv) * pitch + t;
        var turn = default(KeyTurn);
        turn.A0 = Ptx.LoadWords(k + 16 * a);
        turn.A1 = Ptx.LoadWords(k + 16 * (a + 4));
        turn.B0 = Ptx.LoadWords(k + 16 * b);
        turn.B1 = Ptx.LoadWords(k + 16 * (b + 4));
        if (default(THead).Value == 128)
        {
            turn.A2 = Ptx.LoadWords(k + 16 * (a + 8));
            turn.A3 = Ptx.LoadWords(k + 16 * (a + 12));
            turn.B2 = Ptx.LoadWords(k + 16 * (b + 8));
            turn.B3 = Ptx.LoadWords(k + 16 * (b + 12));
        }
        return turn;
    }

    private static ValueTurn Values<THead>(
        long v, RingShape ring, int first, int end, int windowSlot, int kvHeads, int kv, int g, int t)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, pitch = d / 8, at = first + 2 * t, part = g * (d / 64);
        long v0 = Row(ring, at, end, windowSlot, kvHeads, kv) * pitch + part,
            v1 = Row(ring, at + 1, end, windowSlot, kvHeads, kv) * pitch + part;
        long v2 = Row(ring, at + 8, end, windowSlot, kvHeads, kv) * pitch + part,
            v3 = Row(ring, at + 9, end, windowSlot, kvHeads, kv) * pitch + part;
        var turn = default(ValueTurn);
        turn.A0 = Ptx.LoadWords(v + 16 * v0);
        turn.A1 = Ptx.LoadWords(v + 16 * v1);
        turn.A2 = Ptx.LoadWords(v + 16 * v2);
        turn.A3 = Ptx.LoadWords(v + 16 * v3);
        if (d == 128)
        {
            turn.B0 = Ptx.LoadWords(v + 16 * (v0 + 1));
            turn.B1 = Ptx.LoadWords(v + 16 * (v1 + 1));
            turn.B2 = Ptx.LoadWords(v + 16 * (v2 + 1));
            turn.B3 = Ptx.LoadWords(v + 16 * (v3 + 1));
        }
        return turn;
    }

    private static Float4 Scores<THead>(SplitQuery q, Word4 key0, Word4 key1, Word4 key2, Word4 key3)
        where THead : struct, IHeadSize
    {
        Float4 s = Add(q.High0, q.Low0, key0, default);
        s = Add(q.High1, q.Low1, key1, s);
        if (default(THead).Value == 128)
        {
            s = Add(q.High2, q.Low2, key2, s);
            s = Add(q.High3, q.Low3, key3, s);
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

    private static void Store(ArrayView<float> sums, int to, TileRow o)
    {
        Store(sums, to, o.C0);
        Store(sums, to + 8, o.C1);
        Store(sums, to + 16, o.C2);
        Store(sums, to + 24, o.C3);
    }

    private static void Store(ArrayView<float> sums, int to, Float4 o)
    {
        sums[to] = o.X + o.Z;
        sums[to + 1] = o.Y + o.W;
    }
}
