using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Sums of four tokens and two columns.</summary>
internal struct FourTokens
{
    public Float4 First, Second;
}

/// <summary>What was read from the memory for many tokens becomes a part of what they attend to.</summary>
internal static class PrefillMemory
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 64;

    /// <summary>Tokens that a group projects.</summary>
    public const int Tokens = 16;

    /// <summary>
    /// Norm, gate and projection of sixteen tokens: Attended += memory. Grid.X counts heads, Grid.Y sixteens of
    /// evicted tokens; a thread two columns.
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
        // [D][sixteen tokens]: four loads bring what two columns of the projection are multiplied by.
        ArrayView<Float4> fours = SharedMemory.Allocate<Float4>(Tokens * 128 / 4);
        ArrayView<float> y = fours.Cast<float>();
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
                y[i * Tokens + t] = present ? read[o + (long)head * d + i] * scale * norm[together ? head * d + i : i] : 0;
            }
        }
        Group.Barrier();
        ArrayView<Float2> pairs = projection.Cast<Float2>(), outputs = attended.Cast<Float2>();
        for (int j = Group.IdxX; j < d / 2; j += Group.DimX)
        {
            FourTokens a = default, b = default, c = default, e = default;
            for (int i = 0; i < d; i++)
            {
                Float2 p = pairs[((long)head * d + i) * (d / 2) + j];
                a = Add(a, fours[4 * i], p);
                b = Add(b, fours[4 * i + 1], p);
                c = Add(c, fours[4 * i + 2], p);
                e = Add(e, fours[4 * i + 3], p);
            }
            long to = ((long)row0 * width + (long)head * d) / 2 + j, pitch = width / 2;
            Store(outputs, to, pitch, tokens, a);
            Store(outputs, to + 4 * pitch, pitch, tokens - 4, b);
            Store(outputs, to + 8 * pitch, pitch, tokens - 8, c);
            Store(outputs, to + 12 * pitch, pitch, tokens - 12, e);
        }
    }

    private static FourTokens Add(FourTokens sums, Float4 y, Float2 p)
    {
        sums.First.X += y.X * p.X;
        sums.First.Y += y.Y * p.X;
        sums.First.Z += y.Z * p.X;
        sums.First.W += y.W * p.X;
        sums.Second.X += y.X * p.Y;
        sums.Second.Y += y.Y * p.Y;
        sums.Second.Z += y.Z * p.Y;
        sums.Second.W += y.W * p.Y;
        return sums;
    }

    private static void Store(ArrayView<Float2> outputs, long to, long pitch, int tokens, FourTokens sums)
    {
        if (tokens > 0) Store(outputs, to, sums.First.X, sums.Second.X);
        if (tokens > 1) Store(outputs, to + pitch, sums.First.Y, sums.Second.Y);
        if (tokens > 2) Store(outputs, to + 2 * pitch, sums.First.Z, sums.Second.Z);
        if (tokens > 3) Store(outputs, to + 3 * pitch, sums.First.W, sums.Second.W);
    }

    private static void Store(ArrayView<Float2> outputs, long to, float x, float y)
    {
        Float2 pair = outputs[to];
        pair.X += x;
        pair.Y += y;
        outputs[to] = pair;
    }
}
