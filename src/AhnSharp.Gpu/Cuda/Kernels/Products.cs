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

/// <summary>Products of a few tokens with all rows of up to four matrices, the first two of one format; every weight is read once.</summary>
internal static class Products
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 128;

    /// <summary>One token; <paramref name="warps"/> warps share a row: 1, 2 or 4.</summary>
    public static void One<TA, TB, TC>(Activations x, ProductPart a, ProductPart b, ProductPart c, ProductPart d, int warps)
        where TA : struct, IRowSum
        where TB : struct, IRowSum
        where TC : struct, IRowSum
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(Threads / 32);
        int lanes = 32 * warps, index = Group.IdxX / lanes, lane = Group.IdxX % lanes;
        int row = Grid.IdxX * (Threads / lanes) + index;
        float sum = 0;
        int rowB = row - a.Rows, rowC = rowB - b.Rows, rowD = rowC - c.Rows;
        if (rowB < 0) sum = default(TA).One(a.Weights, x, row, lane, lanes);
        else if (rowC < 0) sum = default(TA).One(b.Weights, x, rowB, lane, lanes);
        else if (rowD < 0) sum = default(TB).One(c.Weights, x, rowC, lane, lanes);
        else if (rowD < d.Rows) sum = default(TC).One(d.Weights, x, rowD, lane, lanes);
        sum = WarpSums.Sum(sum);
        if (warps > 1)
        {
            if (Warp.LaneIdx == 0) shared[Group.IdxX / 32] = sum;
            Group.Barrier();
            if (lane == 0)
            {
                for (int i = 1; i < warps; i++) sum += shared[index * warps + i];
            }
        }
        if (lane != 0) return;
        if (rowB < 0) Store(a, row, 0, sum);
        else if (rowC < 0) Store(b, rowB, 0, sum);
        else if (rowD < 0) Store(c, rowC, 0, sum);
        else if (rowD < d.Rows) Store(d, rowD, 0, sum);
    }

    /// <summary>Four tokens a group of threads, a warp a row; Grid.Y counts fours of tokens.</summary>
    public static void Four<TA, TB, TC>(Activations x, ProductPart a, ProductPart b, ProductPart c, ProductPart d, int tokens)
        where TA : struct, IRowSum
        where TB : struct, IRowSum
        where TC : struct, IRowSum
    {
        int row = Grid.IdxX * (Threads / 32) + Group.IdxX / 32, lane = Group.IdxX % 32, first = Grid.IdxY * 4;
        int rowB = row - a.Rows, rowC = rowB - b.Rows, rowD = rowC - c.Rows;
        if (rowB < 0) StoreFour(a, row, first, tokens, default(TA).Four(a.Weights, x, row, lane, first, tokens), lane);
        else if (rowC < 0) StoreFour(b, rowB, first, tokens, default(TA).Four(b.Weights, x, rowB, lane, first, tokens), lane);
        else if (rowD < 0) StoreFour(c, rowC, first, tokens, default(TB).Four(c.Weights, x, rowC, lane, first, tokens), lane);
        else if (rowD < d.Rows) StoreFour(d, rowD, first, tokens, default(TC).Four(d.Weights, x, rowD, lane, first, tokens), lane);
    }

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
