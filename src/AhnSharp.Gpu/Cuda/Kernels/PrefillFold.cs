using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Many tokens leave the window one after another: they are folded into the state, and rows read from it.</summary>
/// <remarks>
/// The state stays in registers: a lane has 16 rows (of 128) of two columns, so that a sum over rows is three shuffles of the eight lanes
/// that share a column. A token is a chain of one product, three shuffles and one update, and nothing else: what does not wait for the
/// token before is done by <see cref="Prepare"/> for all at once, and 16 tokens come into shared memory while the 16 before are folded.
/// H200, 1,024 tokens of 28 heads of 128: 371 µs; 948 with lengths and slots in the chain.
/// </remarks>
internal static class PrefillFold
{
    /// <summary>Threads of a group: two warps of eight columns.</summary>
    public const int Threads = 64;

    /// <summary>Columns of the state a group takes.</summary>
    public const int Columns = 16;

    /// <summary>Threads of a group that prepares: four heads of a token.</summary>
    public const int PrepareThreads = 128;

    // Tokens that are in shared memory together, twice; 16 bytes of a token: key, query, 16 columns of the value and scalars.
    private const int Chunk = 16, TokenWords = 32 + 32 + 4 + 1;

    /// <summary>Grid.X counts tokens that leave, Grid.Y fours of heads; a warp a head.</summary>
    /// <param name="query">[rows, H·D], rotated.</param>
    /// <param name="keys">The ring, halves.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="gates">[slots][g].</param>
    /// <param name="rates">[H]: exp(A_log) of Mamba2.</param>
    /// <param name="tokens">The result.</param>
    /// <param name="s">The part.</param>
    public static void Prepare<THead>(
        ArrayView<float> query, ArrayView<byte> keys, ArrayView<byte> values, ArrayView<float> gates, ArrayView<float> rates,
        LeavingTokens tokens, PartShape s)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, lane = Warp.LaneIdx, n = Grid.IdxX, head = Grid.IdxY * (PrepareThreads / 32) + Group.IdxX / 32;
        if (head >= s.Heads) return;
        int local = s.Count - s.Evicted + n, slot = s.Ring.Slot(s.Position + local - s.Ring.Window), group = s.Heads / s.KvHeads;
        long row = ((long)(s.Row + local) * s.Heads + head) * (d / 2) + lane;
        float queries = 0;
        for (int i = 0; i < d / 2; i += 32) queries += Squares(query.Cast<Float2>()[row + i]);
        float inverse = InverseLength(WarpSums.Sum(queries), s.Kind);
        if (lane == 0)
        {
            Float4 scalars = default;
            scalars.X = gates[(long)slot * s.Gates + head];
            scalars.Y = 1;
            if (s.Kind == 1) scalars.Y = XMath.Exp(gates[(long)slot * s.Gates + s.Heads + head]);
            if (s.Kind == 2) scalars.Y = XMath.Exp(-scalars.X * rates[head]);
            scalars.Z = inverse;
            if (s.Kind != 2) scalars.Z *= XMath.Rsqrt((float)d);
            tokens.Scalars[(long)n * s.Heads + head] = scalars;
        }
        if (head % group != 0) return;
        long entry = ((long)slot * s.KvHeads + head / group) * (d / 2) + lane, to = ((long)n * s.KvHeads + head / group) * (d / 2) + lane;
        float squares = 0;
        for (int i = 0; i < d / 2; i += 32) squares += Squares(Halves(keys.Cast<uint>()[entry + i]));
        float keyInverse = InverseLength(WarpSums.Sum(squares), s.Kind);
        for (int i = 0; i < d / 2; i += 32)
        {
            Float2 key = Halves(keys.Cast<uint>()[entry + i]);
            tokens.Keys.Cast<Float2>()[to + i] = Float2.Of(key.X * keyInverse, key.Y * keyInverse);
            tokens.Values.Cast<Float2>()[to + i] = Halves(values.Cast<uint>()[entry + i]);
        }
    }

    /// <summary>Grid.X counts heads, Grid.Y sixteens of columns.</summary>
    /// <param name="query">[rows, H·D], rotated.</param>
    /// <param name="tokens">What <see cref="Prepare"/> left.</param>
    /// <param name="state">[H][D keys][D values].</param>
    /// <param name="read">[rows, H·D]: o.</param>
    /// <param name="s">The part.</param>
    public static void UpdateAndRead<THead>(
        ArrayView<float> query, LeavingTokens tokens, ArrayView<float> state, ArrayView<float> read, PartShape s)
        where THead : struct, IHeadSize
    {
        ArrayView<Float4> stored = SharedMemory.Allocate<Float4>(2 * Chunk * TokenWords);
        int d = default(THead).Value, words = d / 4, lane = Group.IdxX % 32, head = Grid.IdxX, first = Grid.IdxY * Columns;
        int column = Group.IdxX / 32 * 8 + lane / 8 * 2, eighth = lane % 8;
        StateCells m = StateCells.Load<THead>(state, head, first + column, eighth);
        // Mamba2 asks nothing of the state before it adds; asking all the same keeps branches out of the chain.
        float asks = 1;
        if (s.Kind == 2) asks = 0;

        Fetch<THead>(stored, 0, query, tokens, s, 0, head, first);
        int buffer = 0;
        long to = (((long)(s.Row + s.Count - s.Evicted) * s.Heads + head) * d + first + column) / 2;
        for (int chunk = 0; chunk < s.Evicted; chunk += Chunk)
        {
            Ptx.WaitForCopies();
            Group.Barrier();
            Fetch<THead>(stored, Chunk - buffer, query, tokens, s, chunk + Chunk, head, first);
            int count = IntrinsicMath.Min(Chunk, s.Evicted - chunk), at = buffer * TokenWords;
            KeyRows k = Rows<THead>(stored, at + eighth);
            Float4 sums = default;
            sums.X = Dot<THead>(m.A0, m.A1, m.A2, m.A3, k);
            sums.Y = Dot<THead>(m.B0, m.B1, m.B2, m.B3, k);
            sums = WarpSums.SumOfEight(sums);
            for (int t = 0; t < count; t++)
            {
                int nextAt = at;
                if (t + 1 < count) nextAt = at + TokenWords;
                Float2 value = stored.Cast<Float2>()[(at + 2 * words) * 2 + column / 2];
                Float4 scalars = stored[at + 2 * words + Columns / 4];
                KeyRows q = Rows<THead>(stored, at + words + eighth), next = Rows<THead>(stored, nextAt + eighth);
                float found = asks * scalars.Y, a = (value.X - found * sums.X) * scalars.X, b = (value.Y - found * sums.Y) * scalars.X;
                m.A0 = Fold(m.A0, scalars.Y, k.R0, a);
                m.B0 = Fold(m.B0, scalars.Y, k.R0, b);
                m.A1 = Fold(m.A1, scalars.Y, k.R1, a);
                m.B1 = Fold(m.B1, scalars.Y, k.R1, b);
                if (d == 128)
                {
                    m.A2 = Fold(m.A2, scalars.Y, k.R2, a);
                    m.B2 = Fold(m.B2, scalars.Y, k.R2, b);
                    m.A3 = Fold(m.A3, scalars.Y, k.R3, a);
                    m.B3 = Fold(m.B3, scalars.Y, k.R3, b);
                }
                // What the next key finds is asked with this query: their sums are on their way together.
                k = next;
                sums.X = Dot<THead>(m.A0, m.A1, m.A2, m.A3, k);
                sums.Y = Dot<THead>(m.B0, m.B1, m.B2, m.B3, k);
                sums.Z = Dot<THead>(m.A0, m.A1, m.A2, m.A3, q);
                sums.W = Dot<THead>(m.B0, m.B1, m.B2, m.B3, q);
                sums = WarpSums.SumOfEight(sums);
                if (eighth == 0) read.Cast<Float2>()[to] = Float2.Of(sums.Z * scalars.Z, sums.W * scalars.Z);
                to += s.Heads * (d / 2);
                at += TokenWords;
            }
            buffer = Chunk - buffer;
        }
        StateCells.Store<THead>(m, state, head, first + column, eighth);
    }

    /// <summary>
    /// Begins to copy tokens from <paramref name="chunk"/>, those that there are: a thread 16 bytes of every key, or of every query; of
    /// values it takes a quarter of one token's, of scalars one token's.
    /// </summary>
    private static void Fetch<THead>(
        ArrayView<Float4> stored, int buffer, ArrayView<float> query, LeavingTokens tokens, PartShape s, int chunk, int head, int first)
        where THead : struct, IHeadSize
    {
        ArrayView<Word4> shared = stored.Cast<Word4>();
        int words = default(THead).Value / 4, count = IntrinsicMath.Min(Chunk, s.Evicted - chunk), thread = Group.IdxX, lane = thread % 32;
        int kv = head / (s.Heads / s.KvHeads), word = lane % words, step = 32 / words;
        if (thread < 32)
        {
            for (int t = lane / words; t < count; t += step)
            {
                Ptx.CopyAsync(
                    ref shared[(buffer + t) * TokenWords + word],
                    ref tokens.Keys.Cast<Word4>()[((long)(chunk + t) * s.KvHeads + kv) * words + word]);
            }
        }
        else
        {
            int row = s.Row + s.Count - s.Evicted + chunk;
            for (int t = lane / words; t < count; t += step)
            {
                Ptx.CopyAsync(
                    ref shared[(buffer + t) * TokenWords + words + word],
                    ref query.Cast<Word4>()[((long)(row + t) * s.Heads + head) * words + word]);
            }
        }
        int of = thread / 4, quarter = thread % 4;
        if (of < count)
        {
            Ptx.CopyAsync(
                ref shared[(buffer + of) * TokenWords + 2 * words + quarter],
                ref tokens.Values.Cast<Word4>()[((long)(chunk + of) * s.KvHeads + kv) * words + first / 4 + quarter]);
        }
        if (thread < count)
        {
            Ptx.CopyAsync(
                ref shared[(buffer + thread) * TokenWords + 2 * words + Columns / 4],
                ref tokens.Scalars.Cast<Word4>()[(long)(chunk + thread) * s.Heads + head]);
        }
        Ptx.CommitCopies();
    }

    private static Float2 Halves(uint stored) => Float2.Of(Ptx.LowHalf(stored), Ptx.HighHalf(stored));

    private static float Squares(Float2 x) => x.X * x.X + x.Y * x.Y;

    private static float InverseLength(float squares, int kind) =>
        kind != 2 ? 1 / XMath.Sqrt(squares + 1e-6f) : 1 / IntrinsicMath.Max(XMath.Sqrt(squares), 1e-12f);

    private static KeyRows Rows<THead>(ArrayView<Float4> stored, int at)
        where THead : struct, IHeadSize
    {
        var k = default(KeyRows);
        k.R0 = stored[at];
        k.R1 = stored[at + 8];
        if (default(THead).Value == 128)
        {
            k.R2 = stored[at + 16];
            k.R3 = stored[at + 24];
        }
        return k;
    }

    private static float Dot<THead>(Float4 m0, Float4 m1, Float4 m2, Float4 m3, KeyRows x)
        where THead : struct, IHeadSize
    {
        // Short chains, for what waits for the sum is all that follows.
        float a = m0.X * x.R0.X + m0.Y * x.R0.Y + m0.Z * x.R0.Z + m0.W * x.R0.W;
        float b = m1.X * x.R1.X + m1.Y * x.R1.Y + m1.Z * x.R1.Z + m1.W * x.R1.W;
        if (default(THead).Value == 128)
        {
            float c = m2.X * x.R2.X + m2.Y * x.R2.Y + m2.Z * x.R2.Z + m2.W * x.R2.W;
            float e = m3.X * x.R3.X + m3.Y * x.R3.Y + m3.Z * x.R3.Z + m3.W * x.R3.W;
            a += c;
            b += e;
        }
        return a + b;
    }

    private static Float4 Fold(Float4 m, float decay, Float4 key, float add)
    {
        m.X = decay * m.X + key.X * add;
        m.Y = decay * m.Y + key.Y * add;
        m.Z = decay * m.Z + key.Z * add;
        m.W = decay * m.W + key.W * add;
        return m;
    }
}
