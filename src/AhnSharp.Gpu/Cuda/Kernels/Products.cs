using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>One matrix of a product and where its results go: Output[t, row] ← or += weights[row] · x[t] + Bias[row].</summary>
internal struct ProductPart
{
    public PackedWeights Weights;

    /// <summary>[tokens, Rows].</summary>
    public ArrayView<float> Output;

    /// <summary>[Rows]; read where <see cref="HasBias"/> is 1.</summary>
    public ArrayView<float> Bias;

    /// <summary>1: there is a bias.</summary>
    public int HasBias;

    /// <summary>Rows of the matrix; 0: no such part.</summary>
    public int Rows;

    /// <summary>1: added to what Output holds.</summary>
    public int Accumulate;
}

/// <summary>
/// Products of a few tokens with all rows of up to four matrices, the first two of one format; every weight is read once.
/// </summary>
internal static class Products
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>
    /// One token. Rows of <paramref name="d"/> come first, a group of threads each; of the others,
    /// <paramref name="warps"/> warps share a row: 1, 2 or 4.
    /// </summary>
    public static void One<TA, TB, TC>(Activations x, ProductPart a, ProductPart b, ProductPart c, ProductPart d, int warps)
        where TA : struct, IRowSum
        where TB : struct, IRowSum
        where TC : struct, IRowSum
    {
        Ptx.TriggerDependents();
        ArrayView<float> shared = SharedMemory.Allocate<float>(Threads / 32);
        bool whole = Grid.IdxX < d.Rows;
        int shift = whole || warps == 4 ? 7 : warps == 2 ? 6 : 5, lanes = 1 << shift, lane = Group.IdxX & (lanes - 1);
        int row = (Grid.IdxX - d.Rows) * (Threads >> shift) + (Group.IdxX >> shift), rowB = row - a.Rows, rowC = rowB - b.Rows;
        float sum = 0, before = 0;
        // Weights are nobody's result: the first turn's are asked for while the kernel before still runs.
        var start = default(RowStart);
        if (whole) start = default(TC).Start(d.Weights, Grid.IdxX, lane, lanes);
        else if (rowB < 0) start = default(TA).Start(a.Weights, row, lane, lanes);
        else if (rowC < 0) start = default(TA).Start(b.Weights, rowB, lane, lanes);
        else if (rowC < c.Rows) start = default(TB).Start(c.Weights, rowC, lane, lanes);
        Ptx.WaitForDependencies();
        if (whole)
        {
            before = Before(d, Grid.IdxX);
            sum = default(TC).One(d.Weights, x, Grid.IdxX, lane, lanes, start);
        }
        else if (rowB < 0)
        {
            before = Before(a, row);
            sum = default(TA).One(a.Weights, x, row, lane, lanes, start);
        }
        else if (rowC < 0)
        {
            before = Before(b, rowB);
            sum = default(TA).One(b.Weights, x, rowB, lane, lanes, start);
        }
        else if (rowC < c.Rows)
        {
            before = Before(c, rowC);
            sum = default(TB).One(c.Weights, x, rowC, lane, lanes, start);
        }
        sum = WarpSums.Sum(sum);
        if (shift > 5)
        {
            int warp = Group.IdxX / 32;
            if (Warp.LaneIdx == 0) shared[warp] = sum;
            Group.Barrier();
            if (lane == 0)
            {
                for (int i = 1; i < lanes / 32; i++) sum += shared[warp + i];
            }
        }
        if (lane != 0) return;
        sum += before;
        if (whole) d.Output[Grid.IdxX] = sum;
        else if (rowB < 0) a.Output[row] = sum;
        else if (rowC < 0) b.Output[rowB] = sum;
        else if (rowC < c.Rows) c.Output[rowC] = sum;
    }

    /// <summary>Four tokens per group of threads, a warp per row of floats; Grid.Y counts fours of tokens.</summary>
    public static void Four<TA, TB, TC>(Activations x, ProductPart a, ProductPart b, ProductPart c, ProductPart d, int tokens)
        where TA : struct, IFloatRowSum
        where TB : struct, IFloatRowSum
        where TC : struct, IFloatRowSum
    {
        int row = Grid.IdxX * (Threads / 32) + Group.IdxX / 32, lane = Group.IdxX % 32, first = Grid.IdxY * 4;
        int rowB = row - a.Rows, rowC = rowB - b.Rows, rowD = rowC - c.Rows;
        if (rowB < 0) StoreFour(a, row, first, tokens, default(TA).Four(a.Weights, x, row, lane, first, tokens), lane);
        else if (rowC < 0) StoreFour(b, rowB, first, tokens, default(TA).Four(b.Weights, x, rowB, lane, first, tokens), lane);
        else if (rowD < 0) StoreFour(c, rowC, first, tokens, default(TB).Four(c.Weights, x, rowC, lane, first, tokens), lane);
        else if (rowD < d.Rows) StoreFour(d, rowD, first, tokens, default(TC).Four(d.Weights, x, rowD, lane, first, tokens), lane);
    }

    // Asked for before the weights, so that it is there when they are.
    private static float Before(ProductPart part, int row) =>
        (part.HasBias != 0 ? part.Bias[row] : 0) + (part.Accumulate != 0 ? part.Output[row] : 0);

    private static void StoreFour(ProductPart part, int row, int first, int tokens, Float4 lanes, int lane)
    {
        Float4 sum = WarpSums.Sum(lanes);
        if (lane != 0) return;
        Store(part, row, first, sum.X);
        if (first + 1 < tokens) Store(part, row, first + 1, sum.Y);
        if (first + 2 < tokens) Store(part, row, first + 2, sum.Z);
        if (first + 3 < tokens) Store(part, row, first + 3, sum.W);
    }

    private static void Store(ProductPart part, int row, int token, float sum)
    {
        if (part.HasBias != 0) sum += part.Bias[row];
        long at = (long)token * part.Rows + row;
        part.Output[at] = part.Accumulate != 0 ? part.Output[at] + sum : sum;
    }
}
