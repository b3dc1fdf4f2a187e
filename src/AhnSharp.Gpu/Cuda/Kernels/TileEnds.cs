using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Output ← or += sum · scale + bias.</summary>
internal struct LinearEnd : ITileEnd
{
    public readonly void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 left, Float4 right)
    {
        int lane = Warp.LaneIdx;
        int t = token + lane / 4, column = row + lane % 4 * 2;
        if (t < tokens)
        {
            Put(part, t, column, left.X, left.Y, scales[t]);
            Put(part, t, column + 8, right.X, right.Y, scales[t]);
        }
        if (t + 8 < tokens)
        {
            Put(part, t + 8, column, left.Z, left.W, scales[t + 8]);
            Put(part, t + 8, column + 8, right.Z, right.W, scales[t + 8]);
        }
    }

    private static void Put(ProductPart part, int token, int row, float a, float b, float scale)
    {
        a *= scale;
        b *= scale;
        long at = (long)token * part.Rows + row;
        if (row < part.Rows) Put(part, at, row, a);
        if (row + 1 < part.Rows) Put(part, at + 1, row + 1, b);
    }

    private static void Put(ProductPart part, long at, int row, float sum)
    {
        if (part.HasBias != 0) sum += part.Bias[row];
        part.Output[at] = part.Accumulate != 0 ? part.Output[at] + sum : sum;
    }
}

/// <summary>Rows are eight of W_gate, eight of W_up, and so on: Output [tokens, F] ← SiLU(gate) · up. Rows of the part: F.</summary>
internal struct SwiGluEnd : ITileEnd
{
    public readonly void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 left, Float4 right)
    {
        int lane = Warp.LaneIdx;
        int t = token + lane / 4, f = row / 16 * 8 + lane % 4 * 2;
        if (t < tokens) Put(part, t, f, left.X, left.Y, right.X, right.Y, scales[t]);
        if (t + 8 < tokens) Put(part, t + 8, f, left.Z, left.W, right.Z, right.W, scales[t + 8]);
    }

    private static void Put(ProductPart part, int token, int f, float gate0, float gate1, float up0, float up1, float scale)
    {
        var pair = default(Float2);
        pair.X = SwiGlu.Of(gate0 * scale, up0 * scale);
        pair.Y = SwiGlu.Of(gate1 * scale, up1 * scale);
        part.Output.Cast<Float2>()[((long)token * part.Rows + f) / 2] = pair;
    }
}
