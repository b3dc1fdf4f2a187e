using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What happens to finished sums of a batch.</summary>
internal interface IBatchEnd
{
    /// <summary>Rows of the first part's matrix.</summary>
    int WeightRows(ProductPart part);

    /// <summary>
    /// A lane's four: X and Y are tokens <paramref name="token"/> and the next of row <paramref name="row"/>, Z and W of row + 8.
    /// </summary>
    void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 sums);
}

/// <summary>Output ← or += sum · scale + bias.</summary>
internal struct LinearBatchEnd : IBatchEnd
{
    public readonly int WeightRows(ProductPart part) => part.Rows;

    public readonly void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 sums)
    {
        if (token < tokens) Put(part, token, row, scales[token], sums.X, sums.Z);
        if (token + 1 < tokens) Put(part, token + 1, row, scales[token + 1], sums.Y, sums.W);
    }

    private static void Put(ProductPart part, int token, int row, float scale, float low, float high)
    {
        if (row < part.Rows) Put(part, token, row, low * scale);
        if (row + 8 < part.Rows) Put(part, token, row + 8, high * scale);
    }

    private static void Put(ProductPart part, int token, int row, float sum)
    {
        long at = (long)token * part.Rows + row;
        if (part.HasBias != 0) sum += part.Bias[row];
        part.Output[at] = part.Accumulate != 0 ? part.Output[at] + sum : sum;
    }
}

/// <summary>Rows are eight of W_gate, eight of W_up, and so on: Output [tokens, F] ← SiLU(gate) · up. Rows of the part: F.</summary>
internal struct SwiGluBatchEnd : IBatchEnd
{
    public readonly int WeightRows(ProductPart part) => 2 * part.Rows;

    public readonly void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 sums)
    {
        // The warp's first row is a multiple of 16, and the lane's one of the first eight.
        int f = row / 16 * 8 + row % 16;
        if (f >= part.Rows) return;
        if (token < tokens) Put(part, token, f, scales[token], sums.X, sums.Z);
        if (token + 1 < tokens) Put(part, token + 1, f, scales[token + 1], sums.Y, sums.W);
    }

    private static void Put(ProductPart part, int token, int f, float scale, float gate, float up) =>
        part.Output[(long)token * part.Rows + f] = SwiGlu.Of(gate * scale, up * scale);
}
