using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// One token leaves the window and one reads: a single pass over the state, in groups of threads of <see cref="DecodeAttention.Run"/>.
/// </summary>
internal static class DecodeMemory
{
    /// <summary>Columns of the state a group takes: four threads of four, by 32 rows.</summary>
    public const int Columns = 16;

    private const int Threads = DecodeAttention.Threads;

    /// <summary>Columns firstColumn … + 15 of a head; a thread holds four columns of every 32nd row.</summary>
    /// <param name="head">Which head.</param>
    /// <param name="firstColumn">A multiple of 16.</param>
    /// <param name="query">[H·D], rotated.</param>
    /// <param name="text">The text.</param>
    /// <param name="rates">[H]: exp(A_log) of Mamba2.</param>
    /// <param name="read">[H·D]: o.</param>
    /// <param name="s">The rest.</param>
    public static void UpdateAndRead<THead>(
        int head, int firstColumn, ArrayView<float> query, TextRow text, ArrayView<float> rates, ArrayView<float> read, MemoryShape s)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        ArrayView<float> k = SharedMemory.Allocate<float>(128), q = SharedMemory.Allocate<float>(128);
        ArrayView<float> sums = SharedMemory.Allocate<float>(64);
        ArrayView<Float4> columns = SharedMemory.Allocate<Float4>(Threads / 8), answers = SharedMemory.Allocate<Float4>(Threads / 8);
        int thread = Group.IdxX, kv = head / (s.Heads / s.KvHeads), row = thread / 4, column = firstColumn + thread % 4 * 4;
        long entry = ((long)text.LeavingSlot * s.KvHeads + kv) * d;

        // 32 rows of the state are 128·D bytes.
        long at = text.State + 16 * (((long)head * d + row) * (d / 4) + column / 4);
        Float4 m0 = Ptx.LoadFloats(at), m1 = Ptx.LoadFloats(at + 128 * d);
        var m2 = default(Float4);
        var m3 = default(Float4);
        if (d == 128)
        {
            m2 = Ptx.LoadFloats(at + 256 * d);
            m3 = Ptx.LoadFloats(at + 384 * d);
        }

        float key = 0, one = 0;
        if (thread < d)
        {
            key = Half(text.Keys, entry + thread);
            one = query[(long)head * d + thread];
            k[thread] = key;
            q[thread] = one;
        }
        float keyInverse = InverseLength(WarpSums.SumOfGroup(key * key, sums.SubView(0, 32)), s.Kind);
        float queryInverse = InverseLength(WarpSums.SumOfGroup(one * one, sums.SubView(32, 32)), s.Kind);
        if (s.Kind != 2) queryInverse *= XMath.Rsqrt((float)d);
        long gate = text.Gates + 4 * ((long)text.LeavingSlot * s.Gates + head);
        float strength = Ptx.LoadFloat(gate), decay = 1;
        if (s.Kind == 1) decay = XMath.Exp(Ptx.LoadFloat(gate + 4 * s.Heads));
        if (s.Kind == 2) decay = XMath.Exp(-strength * rates[head]);

        float k0 = k[row], k1 = k[row + 32], k2 = 0, k3 = 0, q0 = q[row], q1 = q[row + 32], q2 = 0, q3 = 0;
        if (d == 128)
        {
            k2 = k[row + 64];
            k3 = k[row + 96];
            q2 = q[row + 64];
            q3 = q[row + 96];
        }
        var add = default(Float4);
        add.X = Half(text.Values, entry + column);
        add.Y = Half(text.Values, entry + column + 1);
        add.Z = Half(text.Values, entry + column + 2);
        add.W = Half(text.Values, entry + column + 3);
        if (s.Kind != 2)
        {
            Float4 predicted = ColumnSum(Sum(m0, k0, m1, k1, m2, k2, m3, k3), columns);
            float factor = decay * keyInverse;
            add.X -= factor * predicted.X;
            add.Y -= factor * predicted.Y;
            add.Z -= factor * predicted.Z;
            add.W -= factor * predicted.W;
        }
        add = Scaled(add, strength * keyInverse);
        m0 = Cell(m0, decay, add, k0);
        m1 = Cell(m1, decay, add, k1);
        Ptx.StoreFloats(at, m0);
        Ptx.StoreFloats(at + 128 * d, m1);
        if (d == 128)
        {
            m2 = Cell(m2, decay, add, k2);
            m3 = Cell(m3, decay, add, k3);
            Ptx.StoreFloats(at + 256 * d, m2);
            Ptx.StoreFloats(at + 384 * d, m3);
        }
        Float4 answer = Scaled(ColumnSum(Sum(m0, q0, m1, q1, m2, q2, m3, q3), answers), queryInverse);
        if (row == 0) read.Cast<Float4>()[((long)head * d + column) / 4] = answer;
    }

    private static float Half(long entries, long index) => Ptx.LowHalf(Ptx.LoadHalf(entries + 2 * index));

    private static float InverseLength(float squares, int kind) =>
        kind != 2 ? 1 / XMath.Sqrt(squares + 1e-6f) : 1 / IntrinsicMath.Max(XMath.Sqrt(squares), 1e-12f);

    /// <summary>The sum over all rows of a thread's four columns.</summary>
    private static Float4 ColumnSum(Float4 x, ArrayView<Float4> shared)
    {
        x = Plus(x, 4);
        x = Plus(x, 8);
        x = Plus(x, 16);
        int four = Group.IdxX % 4;
        if (Warp.LaneIdx < 4) shared[Group.IdxX / 32 * 4 + four] = x;
        Group.Barrier();
        var sum = default(Float4);
        for (int w = 0; w < Threads / 32; w++)
        {
            Float4 part = shared[w * 4 + four];
            sum.X += part.X;
            sum.Y += part.Y;
            sum.Z += part.Z;
            sum.W += part.W;
        }
        return sum;
    }

    private static Float4 Plus(Float4 x, int mask)
    {
        x.X += Warp.ShuffleXor(x.X, mask);
        x.Y += Warp.ShuffleXor(x.Y, mask);
        x.Z += Warp.ShuffleXor(x.Z, mask);
        x.W += Warp.ShuffleXor(x.W, mask);
        return x;
    }

    private static Float4 Sum(Float4 a, float p, Float4 b, float q, Float4 c, float r, Float4 d, float s)
    {
        a.X = a.X * p + b.X * q + c.X * r + d.X * s;
        a.Y = a.Y * p + b.Y * q + c.Y * r + d.Y * s;
        a.Z = a.Z * p + b.Z * q + c.Z * r + d.Z * s;
        a.W = a.W * p + b.W * q + c.W * r + d.W * s;
        return a;
    }

    private static Float4 Scaled(Float4 x, float factor)
    {
        x.X *= factor;
        x.Y *= factor;
        x.Z *= factor;
        x.W *= factor;
        return x;
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
