using System;
using System.Numerics;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>The products of one weight format.</summary>
/// <remarks>
/// Few tokens: a group per row, 8 weights per thread and step, decoded once for 4 tokens. Many: tiles of edge² results with steps of 32
/// weights in shared memory, 4 × 4 results per thread; edge = 4·√threads, so threads are a power of 4.
/// </remarks>
internal sealed class FormatKernel<TFormat> : ProductKernel where TFormat : unmanaged, IWeightFormat
{
    // Fewer tokens than this are cheaper row by row: a tile would be mostly empty.
    private const int FewTokens = 8, TokensTogether = 4;
    private const int MaxEdge = 64, Step = 32, Stride = MaxEdge + 1;
    private readonly int _groupSize, _edge;
    private readonly Lazy<Action<KernelConfig, ArrayView<ushort>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ProductShape>>
        _rows, _tiles;
    private readonly Action<KernelConfig, ArrayView<ushort>, ArrayView<int>, ArrayView<float>, ProductShape> _take;

    public FormatKernel(Accelerator accelerator, int groupSize)
    {
        _groupSize = groupSize;
        _edge = 4 << (BitOperations.Log2((uint)groupSize) / 2);
        _rows = new(() =>
            accelerator.LoadStreamKernel<ArrayView<ushort>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ProductShape>(Rows));
        _tiles = new(() =>
            accelerator.LoadStreamKernel<ArrayView<ushort>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ProductShape>(Tiles));
        _take = accelerator.LoadStreamKernel<ArrayView<ushort>, ArrayView<int>, ArrayView<float>, ProductShape>(TakeRows);
    }

    public override void Multiply(PortableMatrix w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, ProductShape shape)
    {
        if (shape.Tokens <= FewTokens)
        {
            _rows.Value(
                new KernelConfig(new Index2D(shape.Rows, Ceiling(shape.Tokens, TokensTogether)), new Index2D(_groupSize, 1)), w.Words, x,
                y, bias, shape);
        }
        else
        {
            _tiles.Value(
                new KernelConfig(new Index2D(Ceiling(shape.Rows, _edge), Ceiling(shape.Tokens, _edge)), new Index2D(_groupSize, 1)),
                w.Words, x, y, bias, shape);
        }
    }

    public override void Take(PortableMatrix w, ArrayView<int> ids, ArrayView<float> to, ProductShape shape) =>
        _take(new KernelConfig(shape.Tokens, _groupSize), w.Words, ids, to, shape);

    private static int Ceiling(int value, int unit) => (value + unit - 1) / unit;

    private static void Rows(ArrayView<ushort> w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, ProductShape s)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        int r = Grid.IdxX, t = Grid.IdxY * TokensTogether;
        long row = r * s.RowWords, x0 = (long)t * s.Columns, x1 = x0 + s.Columns, x2 = x1 + s.Columns, x3 = x2 + s.Columns;
        float y0 = 0, y1 = 0, y2 = 0, y3 = 0;
        int rest = s.Tokens - t;
        for (int k = Group.IdxX * 8; k < s.Columns; k += Group.DimX * 8)
        {
            Eight weights = default(TFormat).Decode(w, row, k);
            y0 += weights.Dot(x, x0 + k);
            if (rest > 1) y1 += weights.Dot(x, x1 + k);
            if (rest > 2) y2 += weights.Dot(x, x2 + k);
            if (rest > 3) y3 += weights.Dot(x, x3 + k);
        }
        y0 = GroupSum.Of(shared, y0);
        if (rest > 1) y1 = GroupSum.Of(shared, y1);
        if (rest > 2) y2 = GroupSum.Of(shared, y2);
        if (rest > 3) y3 = GroupSum.Of(shared, y3);
        if (Group.IdxX == 0)
        {
            long to = (long)t * s.Rows + r;
            Put(y, bias, s, r, to, y0);
            if (rest > 1) Put(y, bias, s, r, to + s.Rows, y1);
            if (rest > 2) Put(y, bias, s, r, to + 2L * s.Rows, y2);
            if (rest > 3) Put(y, bias, s, r, to + 3L * s.Rows, y3);
        }
    }

    private static void Put(ArrayView<float> y, ArrayView<float> bias, ProductShape s, int row, long at, float value)
    {
        if (s.HasBias != 0) value += bias[row];
        if (s.Accumulate != 0) value += y[at];
        y[at] = value;
    }

    // Thread (i, j) of side × side computes rows i + side·a and tokens j + side·b of the tile, a, b = 0..3.
    private static void Tiles(ArrayView<ushort> w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, ProductShape s)
    {
        ArrayView<float> ws = SharedMemory.Allocate<float>(Step * Stride), xs = SharedMemory.Allocate<float>(Step * Stride);
        int side = 1;
        while (side * side < Group.DimX) side *= 2;
        int edge = 4 * side, thread = Group.IdxX, i = thread % side, j = thread / side;
        int firstRow = Grid.IdxX * edge, firstToken = Grid.IdxY * edge;
        float c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
        float c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
        for (int k0 = 0; k0 < s.Columns; k0 += Step)
        {
            for (int unit = thread; unit < edge * (Step / 8); unit += Group.DimX)
            {
                int n = unit / (Step / 8), k = unit % (Step / 8) * 8, row = firstRow + n, token = firstToken + n;
                Eight weights = default, inputs = default;
                if (k0 + k < s.Columns)
                {
                    if (row < s.Rows) weights = default(TFormat).Decode(w, row * s.RowWords, k0 + k);
                    if (token < s.Tokens) inputs = Load(x, (long)token * s.Columns + k0 + k);
                }
                weights.Store(ws, k * Stride + n, Stride);
                inputs.Store(xs, k * Stride + n, Stride);
            }
            Group.Barrier();
            for (int k = 0; k < Step; k++)
            {
                int a = k * Stride + i, b = k * Stride + j;
                float w0 = ws[a], w1 = ws[a + side], w2 = ws[a + 2 * side], w3 = ws[a + 3 * side];
                float x0 = xs[b], x1 = xs[b + side], x2 = xs[b + 2 * side], x3 = xs[b + 3 * side];
                c00 += w0 * x0;
                c01 += w0 * x1;
                c02 += w0 * x2;
                c03 += w0 * x3;
                c10 += w1 * x0;
                c11 += w1 * x1;
                c12 += w1 * x2;
                c13 += w1 * x3;
                c20 += w2 * x0;
                c21 += w2 * x1;
                c22 += w2 * x2;
                c23 += w2 * x3;
                c30 += w3 * x0;
                c31 += w3 * x1;
                c32 += w3 * x2;
                c33 += w3 * x3;
            }
            Group.Barrier();
        }
        int r = firstRow + i, t = firstToken + j;
        PutFour(y, bias, s, r, t, side, c00, c01, c02, c03);
        PutFour(y, bias, s, r + side, t, side, c10, c11, c12, c13);
        PutFour(y, bias, s, r + 2 * side, t, side, c20, c21, c22, c23);
        PutFour(y, bias, s, r + 3 * side, t, side, c30, c31, c32, c33);
    }

    private static Eight Load(ArrayView<float> x, long at) => new()
    {
        W0 = x[at],
        W1 = x[at + 1],
        W2 = x[at + 2],
        W3 = x[at + 3],
        W4 = x[at + 4],
        W5 = x[at + 5],
        W6 = x[at + 6],
        W7 = x[at + 7],
    };

    private static void PutFour(
        ArrayView<float> y, ArrayView<float> bias, ProductShape s, int row, int token, int side, float a, float b, float c, float d)
    {
        if (row >= s.Rows) return;
        long at = (long)token * s.Rows + row, step = (long)side * s.Rows;
        if (token < s.Tokens) Put(y, bias, s, row, at, a);
        if (token + side < s.Tokens) Put(y, bias, s, row, at + step, b);
        if (token + 2 * side < s.Tokens) Put(y, bias, s, row, at + 2 * step, c);
        if (token + 3 * side < s.Tokens) Put(y, bias, s, row, at + 3 * step, d);
    }

    private static void TakeRows(ArrayView<ushort> w, ArrayView<int> ids, ArrayView<float> to, ProductShape s)
    {
        long row = ids[Grid.IdxX] * s.RowWords, at = (long)Grid.IdxX * s.Columns;
        for (int k = Group.IdxX * 8; k < s.Columns; k += Group.DimX * 8) default(TFormat).Decode(w, row, k).Store(to, at + k, 1);
    }
}
