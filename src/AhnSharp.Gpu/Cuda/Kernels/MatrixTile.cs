using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Sums of 16 tokens × 32 rows that a warp holds: four 16×8 tiles.</summary>
internal struct TileRow
{
    public Float4 C0, C1, C2, C3;
}

/// <summary>Sums of 64 tokens × 32 rows that a warp holds.</summary>
internal struct WarpTile
{
    public TileRow R0, R1, R2, R3;
}

/// <summary>What happens to finished sums.</summary>
internal interface ITileEnd
{
    /// <summary>
    /// Two 16×8 tiles side by side, of tokens from <paramref name="token"/> and weight rows from <paramref name="row"/>; a lane holds
    /// what <see cref="Ptx.Mma"/> says.
    /// </summary>
    void Store(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, Float4 left, Float4 right);
}

/// <summary>Product of many tokens with a matrix of halves on the matrix units.</summary>
/// <remarks>
/// A group of 256 threads computes 128 tokens × 128 rows, in steps of 32 columns, three of which are in shared memory (48 KB): one is
/// multiplied while the next two arrive. A row of a step is 64 bytes, 4 chunks of 16, and chunk c of row r stands at c ^ (r/2 % 4), so that
/// the eight rows that ldmatrix reads lie in different banks. Warp (i, j) of 2 × 4 has tokens 64i.. and rows 32j...
/// </remarks>
internal static class MatrixTile
{
    /// <summary>Tokens and rows of a group of threads.</summary>
    public const int Size = 128;

    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    private const int Chunks = 4, Stage = 2 * Size * Chunks;

    /// <summary>Grid.X counts tiles of tokens, Grid.Y tiles of rows.</summary>
    /// <param name="x">[tokens, columns].</param>
    /// <param name="weights">[rows, columns/8] halves; a piece of a matrix.</param>
    /// <param name="part">Its output and bias; Weights unused, Rows the pitch of the output.</param>
    /// <param name="firstRow">Row of the matrix that <paramref name="weights"/> begins with.</param>
    /// <param name="rows">Rows in <paramref name="weights"/>.</param>
    /// <param name="tokens">Tokens.</param>
    /// <param name="columns">A multiple of 32.</param>
    public static void Run<TEnd>(HalfRows x, ArrayView<Word4> weights, ProductPart part, int firstRow, int rows, int tokens, int columns)
        where TEnd : struct, ITileEnd
    {
        ArrayView<Word4> shared = SharedMemory.Allocate<Word4>(3 * Stage);
        int thread = Group.IdxX, lane = thread % 32, warp = thread / 32;
        int tokenTile = Grid.IdxX * Size, rowTile = Grid.IdxY * Size;
        int pitch = columns / 8, steps = columns / 32;

        // Each thread brings chunk thread%4 of rows thread/4 and thread/4 + 64 of both inputs; rows beyond the end
        // repeat the last and are not stored.
        int r = thread / 4, chunk = thread % 4;
        int to = r * Chunks + (chunk ^ (r / 2 % 4));
        long x0 = (long)IntrinsicMath.Min(tokenTile + r, tokens - 1) * pitch + chunk;
        long x1 = (long)IntrinsicMath.Min(tokenTile + r + 64, tokens - 1) * pitch + chunk;
        long w0 = (long)IntrinsicMath.Min(rowTile + r, rows - 1) * pitch + chunk;
        long w1 = (long)IntrinsicMath.Min(rowTile + r + 64, rows - 1) * pitch + chunk;

        for (int s = 0; s < 2; s++)
        {
            if (s < steps)
                Fetch(shared, s * Stage + to, x.Values, x0 + s * Chunks, x1 + s * Chunks, weights, w0 + s * Chunks, w1 + s * Chunks);
            Ptx.CommitCopies();
        }

        // Lane l of ldmatrix names row l%16, chunk l/16 of 16 tokens, or of 16 weight rows row l%8 + l/16·8, chunk l/8%2.
        int xRow = warp / 4 * 64 + lane % 16, xChunk = lane / 16;
        int wRow = warp % 4 * 32 + lane % 8 + lane / 16 * 8, wChunk = lane / 8 % 2;
        int xSwizzle = xRow / 2 % 4, wSwizzle = wRow / 2 % 4;
        int xAt = xRow * Chunks, wAt = Size * Chunks + wRow * Chunks;

        var sums = default(WarpTile);
        int stage = 0, arriving = 2;
        for (int step = 0; step < steps; step++)
        {
            Ptx.WaitForAllCopiesButOneGroup();
            Group.Barrier();
            if (step + 2 < steps)
            {
                int k = (step + 2) * Chunks;
                Fetch(shared, arriving * Stage + to, x.Values, x0 + k, x1 + k, weights, w0 + k, w1 + k);
            }
            Ptx.CommitCopies();

            int at = stage * Stage;
            sums = Multiply(shared, at + xAt + (xChunk ^ xSwizzle), at + wAt + (wChunk ^ wSwizzle), sums);
            sums = Multiply(shared, at + xAt + ((xChunk + 2) ^ xSwizzle), at + wAt + ((wChunk + 2) ^ wSwizzle), sums);
            stage = stage == 2 ? 0 : stage + 1;
            arriving = arriving == 2 ? 0 : arriving + 1;
        }

        int token = tokenTile + warp / 4 * 64, row = firstRow + rowTile + warp % 4 * 32, end = firstRow + rows;
        Store<TEnd>(part, x.Scales, tokens, token, row, end, sums.R0);
        Store<TEnd>(part, x.Scales, tokens, token + 16, row, end, sums.R1);
        Store<TEnd>(part, x.Scales, tokens, token + 32, row, end, sums.R2);
        Store<TEnd>(part, x.Scales, tokens, token + 48, row, end, sums.R3);
    }

    private static void Fetch(ArrayView<Word4> shared, int to, ArrayView<Word4> x, long x0, long x1, ArrayView<Word4> w, long w0, long w1)
    {
        Ptx.CopyAsync(ref shared[to], ref x[x0]);
        Ptx.CopyAsync(ref shared[to + 64 * Chunks], ref x[x1]);
        Ptx.CopyAsync(ref shared[to + Size * Chunks], ref w[w0]);
        Ptx.CopyAsync(ref shared[to + (Size + 64) * Chunks], ref w[w1]);
    }

    /// <summary>16 columns: 64 tokens × 32 rows. 16 rows of a stage are 64 chunks on, which leaves the swizzle as it is.</summary>
    private static WarpTile Multiply(ArrayView<Word4> shared, int xAt, int wAt, WarpTile c)
    {
        Word4 w0 = Ptx.LoadMatrices(ref shared[wAt]), w1 = Ptx.LoadMatrices(ref shared[wAt + 16 * Chunks]);
        c.R0 = Multiply(Ptx.LoadMatrices(ref shared[xAt]), w0, w1, c.R0);
        c.R1 = Multiply(Ptx.LoadMatrices(ref shared[xAt + 16 * Chunks]), w0, w1, c.R1);
        c.R2 = Multiply(Ptx.LoadMatrices(ref shared[xAt + 32 * Chunks]), w0, w1, c.R2);
        c.R3 = Multiply(Ptx.LoadMatrices(ref shared[xAt + 48 * Chunks]), w0, w1, c.R3);
        return c;
    }

    private static TileRow Multiply(Word4 x, Word4 w0, Word4 w1, TileRow c)
    {
        c.C0 = Ptx.Mma(x, w0.X, w0.Y, c.C0);
        c.C1 = Ptx.Mma(x, w0.Z, w0.W, c.C1);
        c.C2 = Ptx.Mma(x, w1.X, w1.Y, c.C2);
        c.C3 = Ptx.Mma(x, w1.Z, w1.W, c.C3);
        return c;
    }

    private static void Store<TEnd>(ProductPart part, ArrayView<float> scales, int tokens, int token, int row, int end, TileRow c)
        where TEnd : struct, ITileEnd
    {
        // Pieces end at whole tiles, except where the matrix ends, whose last rows the end looks at; pairs of
        // matrices have rows in whole sixteens.
        if (row < end) default(TEnd).Store(part, scales, tokens, token, row, c.C0, row + 8 < end ? c.C1 : default);
        if (row + 16 < end) default(TEnd).Store(part, scales, tokens, token, row + 16, c.C2, row + 24 < end ? c.C3 : default);
    }
}
