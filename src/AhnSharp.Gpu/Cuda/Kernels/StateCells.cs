using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>A lane's cells of two columns of the state: rows 32j + 4·(lane%8) … + 3 of each.</summary>
internal struct StateCells
{
    public Float4 A0, A1, A2, A3, B0, B1, B2, B3;

    // Index of the lane's pair of columns in row 32j + 4·eighth, in pairs.
    private static long CellAt<THead>(int head, int column, int eighth, int j)
        where THead : struct, IHeadSize
    {
        int d = default(THead).Value;
        return (((long)head * d + 32 * j + 4 * eighth) * d + column) / 2;
    }

    /// <summary>Takes the lane's cells.</summary>
    public static StateCells Load<THead>(ArrayView<float> state, int head, int column, int eighth)
        where THead : struct, IHeadSize
    {
        ArrayView<Float2> cells = state.Cast<Float2>();
        int pitch = default(THead).Value / 2;
        var m = default(StateCells);
        LoadRows(cells, CellAt<THead>(head, column, eighth, 0), pitch, ref m.A0, ref m.B0);
        LoadRows(cells, CellAt<THead>(head, column, eighth, 1), pitch, ref m.A1, ref m.B1);
        if (default(THead).Value == 128)
        {
            LoadRows(cells, CellAt<THead>(head, column, eighth, 2), pitch, ref m.A2, ref m.B2);
            LoadRows(cells, CellAt<THead>(head, column, eighth, 3), pitch, ref m.A3, ref m.B3);
        }
        return m;
    }

    /// <summary>Puts them back.</summary>
    public static void Store<THead>(StateCells m, ArrayView<float> state, int head, int column, int eighth)
        where THead : struct, IHeadSize
    {
        ArrayView<Float2> cells = state.Cast<Float2>();
        int pitch = default(THead).Value / 2;
        StoreRows(cells, CellAt<THead>(head, column, eighth, 0), pitch, m.A0, m.B0);
        StoreRows(cells, CellAt<THead>(head, column, eighth, 1), pitch, m.A1, m.B1);
        if (default(THead).Value == 128)
        {
            StoreRows(cells, CellAt<THead>(head, column, eighth, 2), pitch, m.A2, m.B2);
            StoreRows(cells, CellAt<THead>(head, column, eighth, 3), pitch, m.A3, m.B3);
        }
    }

    private static void LoadRows(ArrayView<Float2> cells, long at, int pitch, ref Float4 a, ref Float4 b)
    {
        Float2 x = cells[at], y = cells[at + pitch], z = cells[at + 2 * pitch], w = cells[at + 3 * pitch];
        (a.X, a.Y, a.Z, a.W) = (x.X, y.X, z.X, w.X);
        (b.X, b.Y, b.Z, b.W) = (x.Y, y.Y, z.Y, w.Y);
    }

    private static void StoreRows(ArrayView<Float2> cells, long at, int pitch, Float4 a, Float4 b)
    {
        cells[at] = Float2.Of(a.X, b.X);
        cells[at + pitch] = Float2.Of(a.Y, b.Y);
        cells[at + 2 * pitch] = Float2.Of(a.Z, b.Z);
        cells[at + 3 * pitch] = Float2.Of(a.W, b.W);
    }
}

/// <summary>A lane's rows of a key or query, as those of <see cref="StateCells"/>.</summary>
internal struct KeyRows
{
    public Float4 R0, R1, R2, R3;
}
