using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>
/// Behind attention: the parts over the keys are joined, what the memory read is normed, gated and projected, both
/// are added and quantized for W_o.
/// </summary>
internal static class DecodeJoin
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 512;

    /// <summary>Most splits of <see cref="DecodeAttention"/>; at most one per thread.</summary>
    public const int MaxSplits = 256;

    private const int Warps = Threads / 32;

    /// <summary>
    /// Grid.X counts heads, Grid.Y thirty-twos of columns; a warp takes every sixteenth split and every sixteenth row of P.
    /// </summary>
    /// <param name="parts">What attention returned.</param>
    /// <param name="splits">How many parts.</param>
    /// <param name="remembers">1: there is a memory to add.</param>
    /// <param name="read">[H·D]: o.</param>
    /// <param name="gates">[H]: SiLU(γ).</param>
    /// <param name="norm">[D], or [H·D] of Mamba2.</param>
    /// <param name="projection">[H, D in, D out].</param>
    /// <param name="s">The memory's shape.</param>
    /// <param name="attended">The result.</param>
    /// <param name="row0">Its row.</param>
    public static void Run<THead>(
        PartialAttention parts, int splits, int remembers, ArrayView<float> read, ArrayView<float> gates, ArrayView<float> norm,
        ArrayView<float> projection, MemoryShape s,
        Activations attended, int row0)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value, head = Grid.IdxX, thread = Group.IdxX, lane = thread % 32, warp = thread / 32,
            j = Grid.IdxY * 32 + lane;
        ArrayView<float> factors = SharedMemory.Allocate<float>(Threads), sums = SharedMemory.Allocate<float>(Threads),
            y = SharedMemory.Allocate<float>(128);
        ArrayView<float> small = SharedMemory.Allocate<float>(96);

        // Whatever does not depend on the sums over the group is asked for before they are waited for; beyond the end the factor is 0.
        int width = s.Heads * d, step = Warps * d;
        long at = (long)head * d + j, row = ((long)head * d + warp) * d + j;
        float s0 = parts.Sums[(long)IntrinsicMath.Min(warp, splits - 1) * width + at];
        float s1 = parts.Sums[(long)IntrinsicMath.Min(warp + Warps, splits - 1) * width + at];
        float s2 = parts.Sums[(long)IntrinsicMath.Min(warp + 2 * Warps, splits - 1) * width + at];
        float s3 = parts.Sums[(long)IntrinsicMath.Min(warp + 3 * Warps, splits - 1) * width + at];
        float s4 = parts.Sums[(long)IntrinsicMath.Min(warp + 4 * Warps, splits - 1) * width + at];
        var weight = default(Float2);
        if (thread < splits) weight = parts.Weights[(long)thread * s.Heads + head];
        float own = 0, normWeight = 0, gate = 0, p0 = 0, p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0;
        if (remembers != 0)
        {
            p0 = projection[row];
            p1 = projection[row + step];
            p2 = projection[row + 2 * step];
            p3 = projection[row + 3 * step];
            if (d == 128)
            {
                p4 = projection[row + 4 * step];
                p5 = projection[row + 5 * step];
                p6 = projection[row + 6 * step];
                p7 = projection[row + 7 * step];
            }
            gate = gates[head];
            if (thread < d)
            {
                own = read[(long)head * d + thread];
                normWeight = norm[s.Kind == 2 ? head * d + thread : thread];
            }
        }

        float max = WarpSums.MaxOfGroup(thread < splits ? weight.X : float.NegativeInfinity, small.SubView(0, 32));
        float factor = thread < splits ? Ptx.Exp2(weight.X - max) : 0;
        factors[thread] = factor;
        float total = WarpSums.SumOfGroup(factor * weight.Y, small.SubView(32, 32));
        float sum = factors[warp] * s0 + factors[warp + Warps] * s1 + factors[warp + 2 * Warps] * s2 + factors[warp + 3 * Warps] * s3
            + factors[warp + 4 * Warps] * s4;
        for (int i = warp + 5 * Warps; i < splits; i += Warps) sum += factors[i] * parts.Sums[(long)i * width + at];
        sum /= total;

        if (remembers != 0)
        {
            float squares = own * own;
            if (s.Kind == 2)
            {
                squares = 0;
                for (int i = thread; i < s.Heads * d; i += Threads)
                {
                    float gated = read[i] * gates[i / d];
                    squares += gated * gated;
                }
            }
            float mean = WarpSums.SumOfGroup(squares, small.SubView(64, 32)) / (s.Kind == 2 ? s.Heads * d : d);
            if (thread < d) y[thread] = own * (gate * XMath.Rsqrt(mean + s.Epsilon)) * normWeight;
            Group.Barrier();
            sum += y[warp] * p0 + y[warp + Warps] * p1 + y[warp + 2 * Warps] * p2 + y[warp + 3 * Warps] * p3;
            if (d == 128) sum += y[warp + 4 * Warps] * p4 + y[warp + 5 * Warps] * p5 + y[warp + 6 * Warps] * p6 + y[warp + 7 * Warps] * p7;
        }

        sums[thread] = sum;
        Group.Barrier();
        if (warp == 0)
        {
            float value = 0;
            for (int i = 0; i < Warps; i++) value += sums[i * 32 + lane];
            attended.Values[(long)row0 * width + at] = value;
            Quantizing.Store(attended, row0, head * (d / 32) + Grid.IdxY, width / 32, value, lane);
        }
    }
}
