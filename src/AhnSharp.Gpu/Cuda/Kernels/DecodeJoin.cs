using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Behind attention: the parts over the keys are joined, what the memory read is normed, gated and projected, both are added and quantised for W_o.</summary>
internal static class DecodeJoin
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 512;

    /// <summary>Most splits of <see cref="DecodeAttention"/>; at most one a thread.</summary>
    public const int MostSplits = 256;

    /// <summary>Grid.X counts heads.</summary>
    /// <param name="parts">What attention returned.</param>
    /// <param name="splits">How many parts.</param>
    /// <param name="remembers">1: there is a memory to add.</param>
    /// <param name="read">[H·D]: o.</param>
    /// <param name="gates">[H]: SiLU(γ).</param>
    /// <param name="norm">[D], or [H·D] of Mamba2.</param>
    /// <param name="projection">[H, D in, D out].</param>
    /// <param name="s">The memory's shape.</param>
    /// <param name="attended">The result.</param>
    /// <param name="row">Its row.</param>
    public static void Run<THead>(
        PartialAttention parts, int splits, int remembers, ArrayView<float> read, ArrayView<float> gates, ArrayView<float> norm, ArrayView<float> projection, MemoryShape s,
        Activations attended, int row)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, sharers = Threads / d;
        ArrayView<float> factors = SharedMemory.Allocate<float>(Threads), sums = SharedMemory.Allocate<float>(Threads), y = SharedMemory.Allocate<float>(128);
        ArrayView<float> small = SharedMemory.Allocate<float>(96);
        int head = Grid.IdxX, thread = Group.IdxX, j = thread % d, sharer = thread / d;

        var weight = default(Float2);
        if (thread < splits) weight = parts.Weights[(long)thread * s.Heads + head];
        float max = WarpSums.MaxOfGroup(thread < splits ? weight.X : float.NegativeInfinity, small.SubView(0, 32));
        float factor = thread < splits ? Ptx.Exp2(weight.X - max) : 0;
        factors[thread] = factor;
        float total = WarpSums.SumOfGroup(factor * weight.Y, small.SubView(32, 32));
        float sum = 0;
        for (int i = sharer; i < splits; i += sharers)
        {
            sum += factors[i] * parts.Sums[((long)i * s.Heads + head) * d + j];
        }
        sum /= total;

        if (remembers != 0)
        {
            float squares = 0;
            if (s.Kind == 2)
            {
                for (int i = thread; i < s.Heads * d; i += Threads)
                {
                    float gated = read[i] * gates[i / d];
                    squares += gated * gated;
                }
            }
            else if (thread < d)
            {
                squares = read[(long)head * d + thread] * read[(long)head * d + thread];
            }
            float mean = WarpSums.SumOfGroup(squares, small.SubView(64, 32)) / (s.Kind == 2 ? s.Heads * d : d);
            float scale = gates[head] * XMath.Rsqrt(mean + s.Epsilon);
            if (thread < d) y[thread] = read[(long)head * d + thread] * scale * norm[s.Kind == 2 ? head * d + thread : thread];
            Group.Barrier();
            for (int i = sharer; i < d; i += sharers)
            {
                sum += y[i] * projection[((long)head * d + i) * d + j];
            }
        }

        sums[thread] = sum;
        Group.Barrier();
        if (thread < d)
        {
            float value = 0;
            for (int i = 0; i < sharers; i++) value += sums[i * d + thread];
            attended.Values[((long)row * s.Heads + head) * d + thread] = value;
            Quantising.Store(attended, row, head * (d / 32) + thread / 32, s.Heads * d / 32, value, thread % 32);
        }
    }
}
