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

    /// <summary>Threads of a group of <see cref="Plain"/>.</summary>
    public const int PlainThreads = 128;

    private const int Warps = Threads / 32;

    /// <summary>
    /// Joins the parts alone, an entry a thread, for texts with few parts each and no memory to add. Grid.X counts groups
    /// of entries of H·D, Grid.Y texts.
    /// </summary>
    /// <param name="parts">What attention returned.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="heads">H.</param>
    /// <param name="headDim">D.</param>
    /// <param name="attended">[rows, H·D], the result.</param>
    public static void Plain(PartialAttention parts, ArrayView<TextRow> texts, int heads, int headDim, ArrayView<float> attended)
    {
        Ptx.TriggerDependents();
        TextRow text = texts[Grid.IdxY];
        Ptx.WaitForDependencies();
        int width = heads * headDim, i = Grid.IdxX * PlainThreads + Group.IdxX;
        if (i >= width) return;
        int head = i / headDim;
        float max = float.NegativeInfinity, total = 0, sum = 0;
        for (int split = 0; split < text.Splits; split++)
        {
            long at = text.FirstSplit + split;
            Float2 weight = parts.Weights[at * heads + head];
            float largest = IntrinsicMath.Max(max, weight.X), before = Ptx.Exp2(max - largest), own = Ptx.Exp2(weight.X - largest);
            sum = sum * before + own * parts.Sums[at * width + i];
            total = total * before + own * weight.Y;
            max = largest;
        }
        attended[(long)text.Row * width + i] = sum / total;
    }

    /// <summary>
    /// Grid.X counts heads, Grid.Y thirty-twos of columns, Grid.Z texts; a warp takes every sixteenth split and every sixteenth row of P.
    /// </summary>
    /// <param name="parts">What attention returned.</param>
    /// <param name="own">The text, or <see cref="TextRow.InTable"/>.</param>
    /// <param name="texts">All texts, where there is a table of them.</param>
    /// <param name="read">[rows, H·D]: o.</param>
    /// <param name="gates">[rows, g + H]: behind the write gates SiLU(γ).</param>
    /// <param name="norm">[D], or [H·D] of Mamba2.</param>
    /// <param name="projection">[H, D in, D out].</param>
    /// <param name="s">The memory's shape.</param>
    /// <param name="attended">The result.</param>
    /// <param name="quantizes">1: as signed bytes too.</param>
    public static void Run<THead>(
        PartialAttention parts, TextRow own, ArrayView<TextRow> texts, ArrayView<float> read, ArrayView<float> gates, ArrayView<float> norm,
        ArrayView<float> projection, MemoryShape s, Activations attended, int quantizes)
        where THead : struct, IHeadSize
    {
        Ptx.TriggerDependents();
        TextRow text = own;
        if (own.Row < 0) text = texts[Grid.IdxZ];
        int splits = text.Splits;
        bool remembers = text.LeavingSlot >= 0;
        int d = default(THead).Value, head = Grid.IdxX, thread = Group.IdxX, lane = thread % 32, warp = thread / 32,
            j = Grid.IdxY * 32 + lane;
        ArrayView<float> factors = SharedMemory.Allocate<float>(Threads), sums = SharedMemory.Allocate<float>(Threads),
            y = SharedMemory.Allocate<float>(128);
        ArrayView<float> small = SharedMemory.Allocate<float>(96);

        // Parameters are asked for before the kernels in front have ended, and whatever does not depend on the sums over the group before
        // these are waited for; beyond the end the factor is 0.
        int width = s.Heads * d, step = Warps * d;
        long from = text.FirstSplit, ownRead = (long)text.Row * width, ownGates = (long)text.Row * s.GateWidth + s.Gates;
        long at = (long)head * d + j, row = ((long)head * d + warp) * d + j;
        float value = 0, normWeight = 0, gate = 0, p0 = 0, p1 = 0, p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0;
        if (remembers)
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
            if (thread < d) normWeight = norm[s.Kind == 2 ? head * d + thread : thread];
        }
        Ptx.WaitForDependencies();
        float s0 = parts.Sums[(from + IntrinsicMath.Min(warp, splits - 1)) * width + at];
        float s1 = parts.Sums[(from + IntrinsicMath.Min(warp + Warps, splits - 1)) * width + at];
        float s2 = parts.Sums[(from + IntrinsicMath.Min(warp + 2 * Warps, splits - 1)) * width + at];
        float s3 = parts.Sums[(from + IntrinsicMath.Min(warp + 3 * Warps, splits - 1)) * width + at];
        float s4 = parts.Sums[(from + IntrinsicMath.Min(warp + 4 * Warps, splits - 1)) * width + at];
        var weight = default(Float2);
        if (thread < splits) weight = parts.Weights[(from + thread) * s.Heads + head];
        if (remembers)
        {
            gate = gates[ownGates + head];
            if (thread < d) value = read[ownRead + head * d + thread];
        }

        float max = WarpSums.MaxOfGroup(thread < splits ? weight.X : float.NegativeInfinity, small.SubView(0, 32));
        float factor = thread < splits ? Ptx.Exp2(weight.X - max) : 0;
        factors[thread] = factor;
        float total = WarpSums.SumOfGroup(factor * weight.Y, small.SubView(32, 32));
        float sum = factors[warp] * s0 + factors[warp + Warps] * s1 + factors[warp + 2 * Warps] * s2 + factors[warp + 3 * Warps] * s3
            + factors[warp + 4 * Warps] * s4;
        for (int i = warp + 5 * Warps; i < splits; i += Warps) sum += factors[i] * parts.Sums[(from + i) * width + at];
        sum /= total;

        if (remembers)
        {
            float squares = value * value;
            if (s.Kind == 2)
            {
                squares = 0;
                for (int i = thread; i < s.Heads * d; i += Threads)
                {
                    float gated = read[ownRead + i] * gates[ownGates + i / d];
                    squares += gated * gated;
                }
            }
            float mean = WarpSums.SumOfGroup(squares, small.SubView(64, 32)) / (s.Kind == 2 ? s.Heads * d : d);
            if (thread < d) y[thread] = value * (gate * XMath.Rsqrt(mean + s.Epsilon)) * normWeight;
            Group.Barrier();
            sum += y[warp] * p0 + y[warp + Warps] * p1 + y[warp + 2 * Warps] * p2 + y[warp + 3 * Warps] * p3;
            if (d == 128) sum += y[warp + 4 * Warps] * p4 + y[warp + 5 * Warps] * p5 + y[warp + 6 * Warps] * p6 + y[warp + 7 * Warps] * p7;
        }

        sums[thread] = sum;
        Group.Barrier();
        if (warp == 0)
        {
            float result = 0;
            for (int i = 0; i < Warps; i++) result += sums[i * 32 + lane];
            attended.Values[(long)text.Row * width + at] = result;
            if (quantizes != 0) Quantizing.Store(attended, text.Row, head * (d / 32) + Grid.IdxY, width / 32, result, lane);
        }
    }
}
