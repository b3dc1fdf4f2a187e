using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What a lane needs of a token that leaves and of the row that reads.</summary>
internal struct EvictedToken
{
    /// <summary>The lane's entries of k, and its warp's of v, as halves.</summary>
    public Word2 Key, Value;

    /// <summary>The lane's entries of q.</summary>
    public Float4 Query;

    /// <summary>β or Δ, and GDN's log decay.</summary>
    public float Strength, LogDecay;
}

/// <summary>Many tokens leave the window one after another: the state stays in registers, and no warp waits for another.</summary>
internal static class PrefillMemory
{
    /// <summary>Threads of a group: four warps of four columns.</summary>
    public const int Threads = 128;

    /// <summary>Columns of the state a group takes.</summary>
    public const int Columns = 16;

    /// <summary>Tokens that a group projects.</summary>
    public const int Tokens = 8;

    /// <summary>Grid.X counts heads, Grid.Y sixteens of columns. Lane l holds rows l·D/32 … of its warp's four columns.</summary>
    /// <param name="query">[rows, H·D], rotated.</param>
    /// <param name="keys">The ring, halves.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="gates">[slots][g].</param>
    /// <param name="rates">[H]: exp(A_log) of Mamba2.</param>
    /// <param name="state">[H][D keys][D values].</param>
    /// <param name="read">[rows, H·D]: o.</param>
    /// <param name="s">The part.</param>
    public static void UpdateAndRead<THead>(
        ArrayView<float> query, ArrayView<byte> keys, ArrayView<byte> values, ArrayView<float> gates, ArrayView<float> rates,
        ArrayView<float> state, ArrayView<float> read,
        PartShape s)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, lane = Warp.LaneIdx, head = Grid.IdxX, kv = head / (s.Heads / s.KvHeads);
        int column = Grid.IdxY * Columns + Group.IdxX / 32 * 4, rows = d / 32;
        ArrayView<Float4> cells = state.Cast<Float4>();
        long at = ((long)head * d + lane * rows) * (d / 4) + column / 4;
        Float4 m0 = cells[at], m1 = cells[at + d / 4];
        var m2 = default(Float4);
        var m3 = default(Float4);
        if (d == 128)
        {
            m2 = cells[at + d / 2];
            m3 = cells[at + d / 2 + d / 4];
        }
        EvictedToken next = Load<THead>(query, keys, values, gates, s, 0, head, kv, column, lane);
        for (int n = 0; n < s.Evicted; n++)
        {
            // The next token is on its way while this one is folded.
            EvictedToken token = next;
            next = Load<THead>(query, keys, values, gates, s, IntrinsicMath.Min(n + 1, s.Evicted - 1), head, kv, column, lane);
            Float4 k = Halves(token.Key), q = token.Query, add = Halves(token.Value);
            long qRow = ((long)(s.Row + s.Count - s.Evicted + n) * s.Heads + head) * d;
            float strength = token.Strength, decay = 1;
            if (s.Kind == 1) decay = XMath.Exp(token.LogDecay);
            if (s.Kind == 2) decay = XMath.Exp(-strength * rates[head]);
            float keyInverse = InverseLength(WarpSums.Sum(k.X * k.X + k.Y * k.Y + k.Z * k.Z + k.W * k.W), s.Kind);
            float queryInverse = InverseLength(WarpSums.Sum(q.X * q.X + q.Y * q.Y + q.Z * q.Z + q.W * q.W), s.Kind);
            if (s.Kind != 2)
            {
                queryInverse *= XMath.Rsqrt((float)d);
                Float4 predicted = WarpSums.Sum(Dot(m0, m1, m2, m3, k));
                float factor = decay * keyInverse;
                add.X -= factor * predicted.X;
                add.Y -= factor * predicted.Y;
                add.Z -= factor * predicted.Z;
                add.W -= factor * predicted.W;
            }
            float scale = strength * keyInverse;
            m0 = Cell(m0, decay, add, scale * k.X);
            m1 = Cell(m1, decay, add, scale * k.Y);
            m2 = Cell(m2, decay, add, scale * k.Z);
            m3 = Cell(m3, decay, add, scale * k.W);
            Float4 answer = WarpSums.Sum(Dot(m0, m1, m2, m3, q));
            if (lane == 0)
            {
                answer.X *= queryInverse;
                answer.Y *= queryInverse;
                answer.Z *= queryInverse;
                answer.W *= queryInverse;
                read.Cast<Float4>()[(qRow + column) / 4] = answer;
            }
        }
        cells[at] = m0;
        cells[at + d / 4] = m1;
        if (d == 128)
        {
            cells[at + d / 2] = m2;
            cells[at + d / 2 + d / 4] = m3;
        }
    }

    /// <summary>
    /// Norm, gate and projection of eight tokens: Attended += memory. Grid.X counts heads, Grid.Y eights of
    /// evicted tokens; a thread per column.
    /// </summary>
    /// <param name="read">[rows, H·D]: o.</param>
    /// <param name="gates">[rows, g + H], finished.</param>
    /// <param name="norm">[D], or [H·D] of Mamba2.</param>
    /// <param name="projection">[H, D in, D out].</param>
    /// <param name="attended">[rows, H·D].</param>
    /// <param name="s">The part.</param>
    public static void Project(ArrayView<float> read, ArrayView<float> gates, ArrayView<float> norm, ArrayView<float> projection,
        ArrayView<float> attended, PartShape s)
    {
        ArrayView<float> y = SharedMemory.Allocate<float>(Tokens * 128);
        int d = s.HeadDim, head = Grid.IdxX, width = s.Heads * d, lane = Warp.LaneIdx, first = Grid.IdxY * Tokens;
        int row0 = s.Row + s.Count - s.Evicted + first, tokens = IntrinsicMath.Min(Tokens, s.Evicted - first);
        bool together = s.Kind == 2;
        for (int t = Group.IdxX / 32; t < Tokens; t += Group.DimX / 32)
        {
            long row = row0 + t, o = row * width, gate = row * s.GateWidth + s.Gates;
            bool present = t < tokens;
            float squares = 0;
            if (present && together)
            {
                for (int i = lane; i < width; i += 32)
                {
                    float gated = read[o + i] * gates[gate + i / d];
                    squares += gated * gated;
                }
            }
            else if (present)
            {
                for (int i = lane; i < d; i += 32) squares += read[o + (long)head * d + i] * read[o + (long)head * d + i];
            }
            float scale = present ? gates[gate + head] * XMath.Rsqrt(
                WarpSums.Sum(squares) / (together ? width : d) + s.Epsilon) : WarpSums.Sum(squares);
            for (int i = lane; i < d; i += 32)
            {
                y[t * 128 + i] = present ? read[o + (long)head * d + i] * scale * norm[together ? head * d + i : i] : 0;
            }
        }
        Group.Barrier();
        for (int j = Group.IdxX; j < d; j += Group.DimX)
        {
            var a = default(Float4);
            var b = default(Float4);
            for (int i = 0; i < d; i++)
            {
                float p = projection[((long)head * d + i) * d + j];
                a.X += y[i] * p;
                a.Y += y[128 + i] * p;
                a.Z += y[256 + i] * p;
                a.W += y[384 + i] * p;
                b.X += y[512 + i] * p;
                b.Y += y[640 + i] * p;
                b.Z += y[768 + i] * p;
                b.W += y[896 + i] * p;
            }
            long to = (long)row0 * width + (long)head * d + j;
            if (tokens > 0) attended[to] += a.X;
            if (tokens > 1) attended[to + width] += a.Y;
            if (tokens > 2) attended[to + 2L * width] += a.Z;
            if (tokens > 3) attended[to + 3L * width] += a.W;
            if (tokens > 4) attended[to + 4L * width] += b.X;
            if (tokens > 5) attended[to + 5L * width] += b.Y;
            if (tokens > 6) attended[to + 6L * width] += b.Z;
            if (tokens > 7) attended[to + 7L * width] += b.W;
        }
    }

    private static EvictedToken Load<THead>(
        ArrayView<float> query, ArrayView<byte> keys, ArrayView<byte> values, ArrayView<float> gates, PartShape s, int n, int head, int kv,
        int column, int lane)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, local = s.Count - s.Evicted + n, slot = s.Ring.Slot(s.Position + local - s.Ring.Window);
        long entry = ((long)slot * s.KvHeads + kv) * d, gate = (long)slot * s.Gates + head,
            row = ((long)(s.Row + local) * s.Heads + head) * d;
        var token = default(EvictedToken);
        if (d == 128)
        {
            token.Key = keys.Cast<Word2>()[entry / 4 + lane];
            token.Query = query.Cast<Float4>()[row / 4 + lane];
        }
        else
        {
            Float2 two = query.Cast<Float2>()[row / 2 + lane];
            token.Key.X = keys.Cast<uint>()[entry / 2 + lane];
            token.Query.X = two.X;
            token.Query.Y = two.Y;
        }
        token.Value = values.Cast<Word2>()[(entry + column) / 4];
        token.Strength = gates[gate];
        if (s.Kind == 1) token.LogDecay = gates[gate + s.Heads];
        return token;
    }

    private static Float4 Halves(Word2 stored)
    {
        var four = default(Float4);
        four.X = Ptx.LowHalf(stored.X);
        four.Y = Ptx.HighHalf(stored.X);
        four.Z = Ptx.LowHalf(stored.Y);
        four.W = Ptx.HighHalf(stored.Y);
        return four;
    }

    private static float InverseLength(float squares, int kind) =>
        kind != 2 ? 1 / XMath.Sqrt(squares + 1e-6f) : 1 / IntrinsicMath.Max(XMath.Sqrt(squares), 1e-12f);

    private static Float4 Dot(Float4 m0, Float4 m1, Float4 m2, Float4 m3, Float4 k)
    {
        var sum = default(Float4);
        sum.X = m0.X * k.X + m1.X * k.Y + m2.X * k.Z + m3.X * k.W;
        sum.Y = m0.Y * k.X + m1.Y * k.Y + m2.Y * k.Z + m3.Y * k.W;
        sum.Z = m0.Z * k.X + m1.Z * k.Y + m2.Z * k.Z + m3.Z * k.W;
        sum.W = m0.W * k.X + m1.W * k.Y + m2.W * k.Z + m3.W * k.W;
        return sum;
    }

    private static Float4 Cell(Float4 m, float decay, Float4 add, float key)
    {
        m.X = decay * m.X + key * add.X;
        m.Y = decay * m.Y + key * add.Y;
        m.Z = decay * m.Z + key * add.Z;
        m.W = decay * m.W + key * add.W;
        return m;
    }
}
