using System;
using System.Collections.Generic;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Hopper;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>
/// Launches products of many rows: rows and weights become halves, which the matrix units multiply; on GPUs of compute capability 9.0 by
/// <see cref="HopperProducts"/>, on others, and where a matrix does not fit those, by <see cref="MatrixTile"/>.
/// </summary>
/// <remarks>Kernels are compiled when first wanted, one a format.</remarks>
internal sealed class CudaManyRows
{
    // So many weights are halves at a time, 144 MB: fewer would leave multiprocessors idle where rows are long.
    private const int SliceHalves = 72 << 20;

    // A tile's copies of weights may reach so many rows behind the last.
    private const int RowsBehind = 256;

    // A matrix begins where the swizzle does.
    private const int SwizzledRows = 8;

    private readonly Accelerator _accelerator;
    private readonly HopperProducts? _hopper;
    private readonly HalfRows _halves;
    private readonly ArrayView<Word4> _slice;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, int, int, HalfRows>> _convert;
    private readonly Lazy<Action<KernelConfig, HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int>> _linear, _swiGlu;
    private readonly Dictionary<Type, Action<KernelConfig, PackedWeights, int, int, ArrayView<Word4>>> _toHalves = [];
    private readonly Dictionary<Type, Action<KernelConfig, PackedWeights, int, int, int, int, ArrayView<Word4>>> _toPanels = [];

    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="hopper">Kernels for compute capability 9.0, where the device has it and they are wanted.</param>
    /// <param name="mostRows">Most rows of a pass.</param>
    /// <param name="widest">Most columns of a row.</param>
    /// <param name="scratch">Gives memory.</param>
    public CudaManyRows(Accelerator accelerator, HopperProducts? hopper, int mostRows, int widest, GpuScratch scratch)
    {
        _accelerator = accelerator;
        _hopper = hopper;
        long rows = Whole(mostRows, ProductText.Tokens);
        _halves = new HalfRows { Values = scratch.Take<Word4>((rows * widest + 7) / 8), Scales = scratch.Take<float>(rows) };
        _slice = scratch.Take<Word4>(SliceHalves / 8 + RowsBehind * Panels.Columns / 8);
        _convert = new(() => accelerator.LoadStreamKernel<ArrayView<float>, int, int, HalfRows>(HalfRowKernels.Convert));
        _linear = new(() => accelerator.LoadStreamKernel<HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int>(
            MatrixTile.Run<LinearEnd>));
        _swiGlu = new(() => accelerator.LoadStreamKernel<HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int>(
            MatrixTile.Run<SwiGluEnd>));
    }

    /// <summary>Rows times up to four matrices of one width.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="matrices">Matrices and where their results go.</param>
    public void Linear(ArrayView<float> x, int rows, ReadOnlySpan<(CudaMatrix Matrix, ProductPart Part)> matrices)
    {
        int columns = matrices[0].Matrix.Columns, together = 0;
        bool takes = _hopper is not null;
        foreach ((CudaMatrix matrix, ProductPart part) in matrices)
        {
            takes &= HopperProducts.Takes(part, columns);
            together += Whole(matrix.Rows, SwizzledRows);
        }
        Convert(x, columns, rows, takes);
        if (!takes)
        {
            foreach ((CudaMatrix matrix, ProductPart part) in matrices) Tiles(_linear.Value, matrix, part, rows);
            return;
        }
        if ((long)together * columns > SliceHalves)
        {
            foreach ((CudaMatrix matrix, ProductPart part) in matrices) LinearInSlices(matrix, part, rows);
            return;
        }
        Span<(int, int, int, ProductPart)> beside = new (int, int, int, ProductPart)[matrices.Length];
        int first = 0;
        for (int i = 0; i < matrices.Length; i++)
        {
            (CudaMatrix matrix, ProductPart part) = matrices[i];
            ToPanels(matrix, 0, matrix.Rows, first, together);
            beside[i] = (first, matrix.Rows, 0, part);
            first += Whole(matrix.Rows, SwizzledRows);
        }
        _hopper!.Linear(_halves, _slice, together, beside, rows, columns);
    }

    /// <summary>Output [rows, F] ← SiLU(W_gate x) ⊙ (W_up x), where both are one matrix.</summary>
    public void SwiGlu(ArrayView<float> x, CudaMatrix both, ArrayView<float> output, int rows)
    {
        ProductPart part = new() { Output = output, Bias = output, Rows = both.Rows / 2 };
        bool takes = _hopper is not null && HopperProducts.Takes(part, both.Columns);
        Convert(x, both.Columns, rows, takes);
        if (!takes)
        {
            Tiles(_swiGlu.Value, both, part, rows);
            return;
        }
        for (int first = 0, most = RowsOfSlice(both.Columns); first < both.Rows; first += most)
        {
            int count = Math.Min(most, both.Rows - first);
            ToPanels(both, first, count, 0, count);
            _hopper!.SwiGlu(_halves, _slice, count, first / 2, part, rows, both.Columns);
        }
    }

    private static int RowsOfSlice(int columns) => Math.Max(RowsBehind, SliceHalves / columns / RowsBehind * RowsBehind);

    // count, or the next multiple of a unit.
    private static int Whole(int count, int unit) => (count + unit - 1) / unit * unit;

    private void Convert(ArrayView<float> x, int columns, int rows, bool inPanels) =>
        _convert.Value(new KernelConfig(rows, 256), x, columns, inPanels ? Whole(rows, ProductText.Tokens) : 0, _halves);

    private void LinearInSlices(CudaMatrix w, ProductPart part, int rows)
    {
        for (int first = 0, most = RowsOfSlice(w.Columns); first < w.Rows; first += most)
        {
            int count = Math.Min(most, w.Rows - first), padded = Whole(count, SwizzledRows);
            ToPanels(w, first, count, 0, padded);
            _hopper!.Linear(_halves, _slice, padded, [(0, count, first, part)], rows, w.Columns);
        }
    }

    private void ToPanels(CudaMatrix w, int first, int count, int row, int panelRows)
    {
        if (!_toPanels.TryGetValue(w.Format.Load, out Action<KernelConfig, PackedWeights, int, int, int, int, ArrayView<Word4>>? toPanels))
        {
            toPanels = _accelerator.LoadStreamKernel(Delegate<Action<PackedWeights, int, int, int, int, ArrayView<Word4>>>(
                typeof(Panels), w.Format.IsFloat ? nameof(Panels.Narrow) : nameof(Panels.Dequantize), w.Format.Load));
            _toPanels[w.Format.Load] = toPanels;
        }
        toPanels(ThreadsOf(w, count), w.Weights, first, count, row, panelRows, _slice);
    }

    private void Tiles(Action<KernelConfig, HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int> tiles, CudaMatrix w,
        ProductPart part, int rows)
    {
        if (w.Format.Load == typeof(FormatF16))
        {
            tiles(Tiles(rows, w.Rows), _halves, w.Weights.Quants, part, 0, w.Rows, rows, w.Columns);
            return;
        }
        if (!_toHalves.TryGetValue(w.Format.Load, out Action<KernelConfig, PackedWeights, int, int, ArrayView<Word4>>? toHalves))
        {
            toHalves = _accelerator.LoadStreamKernel(Delegate<Action<PackedWeights, int, int, ArrayView<Word4>>>(
                typeof(HalfRowKernels), w.Format.IsFloat ? nameof(HalfRowKernels.Narrow) : nameof(HalfRowKernels.Dequantize),
                w.Format.Load));
            _toHalves[w.Format.Load] = toHalves;
        }
        for (int first = 0, most = RowsOfSlice(w.Columns); first < w.Rows; first += most)
        {
            int count = Math.Min(most, w.Rows - first);
            toHalves(ThreadsOf(w, count), w.Weights, first, count, _slice);
            tiles(Tiles(rows, count), _halves, _slice, part, first, count, rows, w.Columns);
        }
    }

    private static KernelConfig Tiles(int tokens, int rows) =>
        new(new Index3D((tokens + MatrixTile.Size - 1) / MatrixTile.Size, (rows + MatrixTile.Size - 1) / MatrixTile.Size, 1),
            new Index3D(MatrixTile.Threads, 1, 1));

    private static KernelConfig ThreadsOf(CudaMatrix w, int rows)
    {
        int perThread = w.Format.IsFloat ? 8 : 32;
        return new((int)(((long)rows * w.Columns / perThread + Panels.Threads - 1) / Panels.Threads), Panels.Threads);
    }

    private static TDelegate Delegate<TDelegate>(Type kernels, string name, Type format)
        where TDelegate : Delegate =>
        kernels.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(format).CreateDelegate<TDelegate>();
}
