using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>Products in f32 throughout, on any device: tiles of edge² results, 4 × 4 a thread, edge = 4·√threads.</summary>
internal static class TileProduct
{
    /// <summary>Largest edge of a tile: 256 threads.</summary>
    public const int MaxEdge = 64;

    private const int Depth = 16, Stride = MaxEdge + 1;

    /// <summary>Grid.X counts tiles of columns, Grid.Y tiles of rows, Grid.Z batches times pieces of the depth.</summary>
    public static void Run(Operand a, Operand b, Operand c, ArrayView<float> bias, ProductSize s)
    {
        ArrayView<float> of = SharedMemory.Allocate<float>(Depth * Stride), by = SharedMemory.Allocate<float>(Depth * Stride);
        int side = 1;
        while (side * side < Group.DimX) side *= 2;
        int edge = 4 * side, thread = Group.IdxX, i = thread % side, j = thread / side;
        int firstColumn = Grid.IdxX * edge, firstRow = Grid.IdxY * edge, batch = Grid.IdxZ / s.Pieces, piece = Grid.IdxZ % s.Pieces;
        int from = piece * s.Piece, end = IntrinsicMath.Min(from + s.Piece, s.Depth);
        long aStart = a.Start(batch), bStart = b.Start(batch);
        float c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
        float c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
        for (int k0 = from; k0 < end; k0 += Depth)
        {
            for (int unit = thread; unit < edge * Depth; unit += Group.DimX)
            {
                // Threads beside each other read numbers beside each other, whichever way a matrix lies.
                int k = a.Column == 1 ? unit % Depth : unit / edge, n = a.Column == 1 ? unit / Depth : unit % edge;
                float value = 0;
                if (k0 + k < end && firstRow + n < s.Rows)
                    value = a.Values[aStart + (long)(firstRow + n) * a.Row + (long)(k0 + k) * a.Column];
                of[k * Stride + n] = value;
                k = b.Row == 1 ? unit % Depth : unit / edge;
                n = b.Row == 1 ? unit / Depth : unit % edge;
                value = 0;
                if (k0 + k < end && firstColumn + n < s.Columns)
                    value = b.Values[bStart + (long)(k0 + k) * b.Row + (long)(firstColumn + n) * b.Column];
                by[k * Stride + n] = value;
            }
            Group.Barrier();
            for (int k = 0; k < Depth; k++)
            {
                int x = k * Stride + j, y = k * Stride + i;
                float a0 = of[x], a1 = of[x + side], a2 = of[x + 2 * side], a3 = of[x + 3 * side];
                float b0 = by[y], b1 = by[y + side], b2 = by[y + 2 * side], b3 = by[y + 3 * side];
                c00 += a0 * b0;
                c01 += a0 * b1;
                c02 += a0 * b2;
                c03 += a0 * b3;
                c10 += a1 * b0;
                c11 += a1 * b1;
                c12 += a1 * b2;
                c13 += a1 * b3;
                c20 += a2 * b0;
                c21 += a2 * b1;
                c22 += a2 * b2;
                c23 += a2 * b3;
                c30 += a3 * b0;
                c31 += a3 * b1;
                c32 += a3 * b2;
                c33 += a3 * b3;
            }
            Group.Barrier();
        }
        long start = c.Start(batch) + (long)piece * s.PieceStride;
        int row = firstRow + j, column = firstColumn + i;
        PutFour(c, start, bias, s, row, column, side, c00, c01, c02, c03);
        PutFour(c, start, bias, s, row + side, column, side, c10, c11, c12, c13);
        PutFour(c, start, bias, s, row + 2 * side, column, side, c20, c21, c22, c23);
        PutFour(c, start, bias, s, row + 3 * side, column, side, c30, c31, c32, c33);
    }

    /// <summary>Writes a result, or adds it.</summary>
    public static void Put(Operand c, long start, ArrayView<float> bias, ProductSize s, int row, int column, float value)
    {
        if (row >= s.Rows || column >= s.Columns) return;
        long at = start + (long)row * c.Row + column;
        if (s.HasBias != 0) value += bias[column];
        if (s.Accumulates != 0) value += c.Values[at];
        c.Values[at] = value;
    }

    private static void PutFour(
        Operand c, long start, ArrayView<float> bias, ProductSize s, int row, int column, int side, float v0, float v1, float v2, float v3)
    {
        Put(c, start, bias, s, row, column, v0);
        Put(c, start, bias, s, row, column + side, v1);
        Put(c, start, bias, s, row, column + 2 * side, v2);
        Put(c, start, bias, s, row, column + 3 * side, v3);
    }
}
