using System;
using AhnSharp.Gpu.Portable;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>The operations on single rows that training adds to those of inference.</summary>
/// <remarks>The definitions are <c>RowGradients</c> and <c>Rotation</c> of the processor's.</remarks>
internal sealed class RowOperations(Accelerator accelerator, int groupSize)
{
    private readonly ElementKernels _elements = new(accelerator, groupSize);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, RowShape, int> _normBack =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, RowShape, int>(NormBackRow);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, long> _swiGluBack =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, long>(SwiGluBackItem);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, float> _turn =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, float>(TurnRow);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, int, int> _addPieces =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int, int>(AddPiecesItem);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, int, int> _blocks =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int, int>(SumBlock);

    /// <summary>Rows that one sum of <see cref="SumRows"/> takes at first.</summary>
    public const int RowsPerBlock = 64;

    /// <summary>y[r] ← RMSNorm(x[r]; w).</summary>
    public void Norm(ArrayView<float> x, ArrayView<float> weight, ArrayView<float> y, int rows, int width, float epsilon) =>
        _elements.Norm(x, default, weight, y, rows, width, epsilon);

    /// <summary>RMSNorm backwards, dx of every row from dy.</summary>
    /// <param name="x">[rows, width], what was normed.</param>
    /// <param name="weight">[width].</param>
    /// <param name="dy">[rows, width].</param>
    /// <param name="dx">[rows, width].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="shape">Width and ε.</param>
    /// <param name="accumulate">Whether dx is added to; else it may be dy itself.</param>
    public void NormBack(
        ArrayView<float> x, ArrayView<float> weight, ArrayView<float> dy, ArrayView<float> dx, int rows, RowShape shape,
        bool accumulate) =>
        _normBack(new KernelConfig(rows, groupSize), x, weight, dy, dx, shape, accumulate ? 1 : 0);

    /// <summary>gate ← SiLU(gate) ⊙ up.</summary>
    public void SwiGlu(ArrayView<float> gate, ArrayView<float> up) => _elements.SwiGlu(gate, up, checked((int)gate.Length));

    /// <summary>SwiGLU backwards: gate and up become their gradients.</summary>
    public void SwiGluBack(ArrayView<float> dy, ArrayView<float> gate, ArrayView<float> up) =>
        _swiGluBack(Items(gate.Length), dy, gate, up, gate.Length);

    /// <summary>Turns the heads of rows to their positions, in place.</summary>
    /// <param name="x">[rows, heads · D].</param>
    /// <param name="cos">[rows, D/2], of the first row's position on.</param>
    /// <param name="sin">Likewise.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="heads">Heads of a row.</param>
    /// <param name="headDim">D.</param>
    /// <param name="isBack">Whether they are turned back.</param>
    public void Turn(ArrayView<float> x, ArrayView<float> cos, ArrayView<float> sin, int rows, int heads, int headDim, bool isBack) =>
        _turn(new KernelConfig(rows, groupSize), x, cos, sin, heads * headDim, headDim, heads * headDim / 2, isBack ? -1f : 1f);

    /// <summary>to[i] += Σ over pieces of pieces[p · count + i].</summary>
    public void AddPieces(ArrayView<float> pieces, int count, ArrayView<float> to, int number) =>
        _addPieces(Items(count), pieces, to, count, number);

    /// <summary>Sums of the columns of x [rows, width], added to <paramref name="to"/> [width / folds] by folding.</summary>
    /// <param name="x">[rows, width].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="scratch">[⌈rows/64⌉, width].</param>
    /// <param name="to">[width / folds], added to.</param>
    /// <param name="folds">Columns that lie width / folds apart are one.</param>
    public void SumRows(ArrayView<float> x, int rows, int width, ArrayView<float> scratch, ArrayView<float> to, int folds = 1)
    {
        int blocks = (rows + RowsPerBlock - 1) / RowsPerBlock;
        _blocks(new KernelConfig(new Index2D((width + groupSize - 1) / groupSize, blocks), new Index2D(groupSize, 1)), x, scratch, rows,
            width);
        _addPieces(Items(width / folds), scratch, to, width / folds, blocks * folds);
    }

    private KernelConfig Items(long count) => new(checked((int)((count + groupSize - 1) / groupSize)), groupSize);

    private static void NormBackRow(
        ArrayView<float> x, ArrayView<float> weight, ArrayView<float> dy, ArrayView<float> dx, RowShape s, int accumulates)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.MaxThreads);
        long from = (long)Grid.IdxX * s.Width;
        float squares = 0, along = 0;
        for (int i = Group.IdxX; i < s.Width; i += Group.DimX)
        {
            float value = x[from + i];
            squares += value * value;
            along += value * weight[i] * dy[from + i];
        }
        squares = GroupSum.Of(shared, squares);
        along = GroupSum.Of(shared, along);
        float scale = 1 / XMath.Sqrt(squares / s.Width + s.Epsilon);
        along *= scale * scale * scale / s.Width;
        for (int i = Group.IdxX; i < s.Width; i += Group.DimX)
        {
            float value = scale * weight[i] * dy[from + i] - along * x[from + i];
            if (accumulates != 0) value += dx[from + i];
            dx[from + i] = value;
        }
    }

    private static void SwiGluBackItem(ArrayView<float> dy, ArrayView<float> gate, ArrayView<float> up, long count)
    {
        long i = (long)Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= count) return;
        float g = gate[i], sigma = 1 / (1 + XMath.Exp(-g)), d = dy[i];
        gate[i] = d * up[i] * sigma * (1 + g * (1 - sigma));
        up[i] = d * g * sigma;
    }

    private static void TurnRow(
        ArrayView<float> x, ArrayView<float> cos, ArrayView<float> sin, int width, int headDim, int pairs, float sign)
    {
        int half = headDim / 2;
        long from = (long)Grid.IdxX * width, angles = (long)Grid.IdxX * half;
        for (int pair = Group.IdxX; pair < pairs; pair += Group.DimX)
        {
            int i = pair % half;
            long at = from + pair / half * headDim + i;
            float c = cos[angles + i], s = sin[angles + i] * sign, a = x[at], b = x[at + half];
            x[at] = a * c - b * s;
            x[at + half] = b * c + a * s;
        }
    }

    private static void AddPiecesItem(ArrayView<float> pieces, ArrayView<float> to, int count, int number)
    {
        int i = Grid.IdxX * Group.DimX + Group.IdxX;
        if (i >= count) return;
        float sum = 0;
        for (int n = 0; n < number; n++) sum += pieces[(long)n * count + i];
        to[i] += sum;
    }

    private static void SumBlock(ArrayView<float> x, ArrayView<float> sums, int rows, int width)
    {
        int column = Grid.IdxX * Group.DimX + Group.IdxX, first = Grid.IdxY * RowsPerBlock,
            end = IntrinsicMath.Min(first + RowsPerBlock, rows);
        if (column >= width) return;
        float sum = 0;
        for (int row = first; row < end; row++) sum += x[(long)row * width + column];
        sums[(long)Grid.IdxY * width + column] = sum;
    }
}
