using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// Products on the matrix units of an NVIDIA GPU: entries are rounded to TF32 (10 bits behind the point, the exponent of f32), sums are
/// f32.
/// </summary>
/// <remarks>
/// A group of 256 threads computes 128 × 128 results in steps of 16 of the depth, two of which are in shared memory (40 KB): one is
/// multiplied while the next arrives. A matrix whose depth lies one number behind the other stands there as [128][16] with 20 numbers a
/// row, another as [16][128] with 136: eight rows and four numbers of the depth, which a warp reads at once, lie in different banks both
/// ways. Warp (i, j) of 2 × 4 has rows 64i.. and columns 32j...
/// </remarks>
internal static class TensorProduct
{
    /// <summary>Rows and columns of a group of threads.</summary>
    public const int Size = 128;

    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    private const int Depth = 16, PitchOfDepth = 20, PitchOfRows = 136, Matrix = Size * PitchOfDepth, Stage = 2 * Matrix;

    /// <summary>Grid.X counts tiles of columns, Grid.Y tiles of rows, Grid.Z batches times pieces of the depth.</summary>
    public static void Run(Operand a, Operand b, Operand c, ArrayView<float> bias, ProductSize s)
    {
        ArrayView<Word4> shared = SharedMemory.Allocate<Word4>(2 * Stage / 4);
        ArrayView<float> floats = shared.Cast<float>();
        int thread = Group.IdxX, lane = thread % 32, warp = thread / 32;
        int column = Grid.IdxX * Size, row = Grid.IdxY * Size, batch = Grid.IdxZ / s.Pieces, piece = Grid.IdxZ % s.Pieces;
        int from = piece * s.Piece, end = IntrinsicMath.Min(from + s.Piece, s.Depth), steps = (end - from + Depth - 1) / Depth;
        long aStart = a.Start(batch), bStart = b.Start(batch);

        // Strides of both in shared memory: between rows (of b: columns), and along the depth.
        int aRow = a.Column == 1 ? PitchOfDepth : 1, aDepth = a.Column == 1 ? 1 : PitchOfRows;
        int bRow = b.Row == 1 ? PitchOfDepth : 1, bDepth = b.Row == 1 ? 1 : PitchOfRows;
        int aAt = (warp / 4 * 64 + lane / 4) * aRow + lane % 4 * aDepth;
        int bAt = Matrix + (warp % 4 * 32 + lane / 4) * bRow + lane % 4 * bDepth;

        Fetch(shared, floats, 0, a.Values, aStart, a.Column == 1, a.Column == 1 ? a.Row : a.Column, row, s.Rows, from, end, s.LoadsFourOfA);
        Fetch(shared, floats, Matrix, b.Values, bStart, b.Row == 1, b.Row == 1 ? b.Column : b.Row, column, s.Columns, from, end,
            s.LoadsFourOfB);
        Ptx.CommitCopies();

        var sums = default(WarpTile);
        int stage = 0;
        for (int step = 0; step < steps; step++)
        {
            if (step + 1 < steps)
            {
                int k = from + (step + 1) * Depth, to = Stage - stage;
                Fetch(
                    shared, floats, to, a.Values, aStart, a.Column == 1, a.Column == 1 ? a.Row : a.Column, row, s.Rows, k, end,
                    s.LoadsFourOfA);
                Fetch(
                    shared, floats, to + Matrix, b.Values, bStart, b.Row == 1, b.Row == 1 ? b.Column : b.Row, column, s.Columns, k, end,
                    s.LoadsFourOfB);
            }
            Ptx.CommitCopies();
            Ptx.WaitForAllCopiesButOneGroup();
            Group.Barrier();
            sums = Multiply(floats, stage + aAt, aRow, aDepth, stage + bAt, bRow, bDepth, sums);
            sums = Multiply(floats, stage + aAt + 8 * aDepth, aRow, aDepth, stage + bAt + 8 * bDepth, bRow, bDepth, sums);
            Group.Barrier();
            stage = Stage - stage;
        }

        long start = c.Start(batch) + (long)piece * s.PieceStride;
        row += warp / 4 * 64 + lane / 4;
        column += warp % 4 * 32 + lane % 4 * 2;
        Store(c, start, bias, s, row, column, sums.R0);
        Store(c, start, bias, s, row + 16, column, sums.R1);
        Store(c, start, bias, s, row + 32, column, sums.R2);
        Store(c, start, bias, s, row + 48, column, sums.R3);
    }

    // 128 rows (of b: columns) by 16 of the depth, zeros beyond the ends.
    private static void Fetch(
        ArrayView<Word4> shared, ArrayView<float> floats, int to, ArrayView<float> values, long start, bool isAlongDepth, int stride,
        int row, int rows, int k, int end, int loadsFour)
    {
        int thread = Group.IdxX;
        if (loadsFour != 0)
        {
            ArrayView<Word4> fours = values.Cast<Word4>();
            for (int i = 0; i < 2; i++)
            {
                int r = isAlongDepth ? thread / 4 + 64 * i : thread % 32 * 4, d = isAlongDepth ? thread % 4 * 4 : thread / 32 + 8 * i;
                int place = isAlongDepth ? r * PitchOfDepth + d : d * PitchOfRows + r;
                int left = isAlongDepth ? end - k - d : rows - row - r, other = isAlongDepth ? rows - row - r : end - k - d;
                int count = other > 0 ? IntrinsicMath.Clamp(left, 0, 4) : 0;
                long at = isAlongDepth ? start + (long)(row + r) * stride + k + d : start + (long)(k + d) * stride + row + r;
                Ptx.CopyPart(ref shared[(to + place) / 4], ref fours[count > 0 ? at / 4 : 0], 4 * count);
            }
            return;
        }
        for (int i = 0; i < 8; i++)
        {
            int r = isAlongDepth ? thread / 16 + 16 * i : thread % 128, d = isAlongDepth ? thread % 16 : thread / 128 + 2 * i;
            int place = isAlongDepth ? r * PitchOfDepth + d : d * PitchOfRows + r;
            bool isIn = row + r < rows && k + d < end;
            long at = isAlongDepth ? start + (long)(row + r) * stride + k + d : start + (long)(k + d) * stride + row + r;
            Ptx.CopyOne(ref floats[to + place], ref values[isIn ? at : 0], isIn ? 4 : 0);
        }
    }

    /// <summary>8 of the depth: 64 rows × 32 columns.</summary>
    private static WarpTile Multiply(ArrayView<float> s, int a, int aRow, int aDepth, int b, int bRow, int bDepth, WarpTile c)
    {
        uint p0 = Ptx.ToTf32(s[b]), q0 = Ptx.ToTf32(s[b + 4 * bDepth]);
        b += 8 * bRow;
        uint p1 = Ptx.ToTf32(s[b]), q1 = Ptx.ToTf32(s[b + 4 * bDepth]);
        b += 8 * bRow;
        uint p2 = Ptx.ToTf32(s[b]), q2 = Ptx.ToTf32(s[b + 4 * bDepth]);
        b += 8 * bRow;
        uint p3 = Ptx.ToTf32(s[b]), q3 = Ptx.ToTf32(s[b + 4 * bDepth]);
        Word4 x = Rows(s, a, aRow, aDepth);
        c.R0 = Multiply(x, p0, q0, p1, q1, p2, q2, p3, q3, c.R0);
        x = Rows(s, a + 16 * aRow, aRow, aDepth);
        c.R1 = Multiply(x, p0, q0, p1, q1, p2, q2, p3, q3, c.R1);
        x = Rows(s, a + 32 * aRow, aRow, aDepth);
        c.R2 = Multiply(x, p0, q0, p1, q1, p2, q2, p3, q3, c.R2);
        x = Rows(s, a + 48 * aRow, aRow, aDepth);
        c.R3 = Multiply(x, p0, q0, p1, q1, p2, q2, p3, q3, c.R3);
        return c;
    }

    private static Word4 Rows(ArrayView<float> s, int a, int aRow, int aDepth)
    {
        var x = default(Word4);
        x.X = Ptx.ToTf32(s[a]);
        x.Y = Ptx.ToTf32(s[a + 8 * aRow]);
        x.Z = Ptx.ToTf32(s[a + 4 * aDepth]);
        x.W = Ptx.ToTf32(s[a + 8 * aRow + 4 * aDepth]);
        return x;
    }

    private static TileRow Multiply(Word4 x, uint p0, uint q0, uint p1, uint q1, uint p2, uint q2, uint p3, uint q3, TileRow c)
    {
        c.C0 = Ptx.MmaTf32(x, p0, q0, c.C0);
        c.C1 = Ptx.MmaTf32(x, p1, q1, c.C1);
        c.C2 = Ptx.MmaTf32(x, p2, q2, c.C2);
        c.C3 = Ptx.MmaTf32(x, p3, q3, c.C3);
        return c;
    }

    private static void Store(Operand c, long start, ArrayView<float> bias, ProductSize s, int row, int column, TileRow sums)
    {
        Store(c, start, bias, s, row, column, sums.C0);
        Store(c, start, bias, s, row, column + 8, sums.C1);
        Store(c, start, bias, s, row, column + 16, sums.C2);
        Store(c, start, bias, s, row, column + 24, sums.C3);
    }

    private static void Store(Operand c, long start, ArrayView<float> bias, ProductSize s, int row, int column, Float4 sums)
    {
        TileProduct.Put(c, start, bias, s, row, column, sums.X);
        TileProduct.Put(c, start, bias, s, row, column + 1, sums.Y);
        TileProduct.Put(c, start, bias, s, row + 8, column, sums.Z);
        TileProduct.Put(c, start, bias, s, row + 8, column + 1, sums.W);
    }
}
