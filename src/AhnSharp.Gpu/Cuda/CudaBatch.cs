using System;
using System.Collections.Generic;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Launches products of a batch, 2 to 64 rows, with quantized weights, and what prepares its rows.</summary>
/// <remarks>Kernels are compiled when first wanted, one a format and a number of tiles of 8 tokens.</remarks>
internal sealed class CudaBatch
{
    /// <summary>Most rows of a batch.</summary>
    public const int MostRows = 64;

    // Fewer steps of a group, and adding up the parts of tiles takes longer than the steps.
    private const int LeastUnits = 6;

    private readonly Accelerator _accelerator;
    private readonly PassGraphs _graphs;
    private readonly int _groups, _rowThreads;
    private readonly BatchRows _rows;
    private readonly BatchSums _sums;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, int, int, BatchRows>> _convert;
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<int>, int, ArrayView<float>, float, int, int, ArrayView<float>,
        BatchRows>> _norm;
    private readonly Dictionary<(Type Format, int Tiles, Type End), Action<KernelConfig, BatchRows, ProductPart, ProductPart, ProductPart,
        int, BatchSums>> _products = [];

    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="shape">The model.</param>
    /// <param name="scratch">Gives memory.</param>
    /// <param name="graphs">Is told of launches.</param>
    public CudaBatch(Accelerator accelerator, GpuShape shape, GpuScratch scratch, PassGraphs graphs)
    {
        (_accelerator, _graphs) = (accelerator, graphs);
        // Two groups of 256 threads have a multiprocessor's registers; three, where they fit, are no faster.
        _groups = 2 * accelerator.NumMultiprocessors;
        _rowThreads = Math.Min(BatchRowKernels.Threads, accelerator.MaxNumThreadsPerGroup);
        int widest = Math.Max(shape.Ffn, Math.Max(shape.Hidden, shape.QueryWidth)), rows = MostRows;
        _rows = new BatchRows
        {
            Values = scratch.Take<Word4>((long)rows * BatchProduct.StepsOf(widest) * BatchProduct.Columns / 8),
            Scales = scratch.Take<float>(rows),
        };
        int tiles = BatchProduct.TilesOf(Math.Max(shape.Vocabulary, Math.Max(2 * shape.Ffn, shape.QueryWidth + 2 * shape.KeyWidth))) + 3;
        _sums = new BatchSums
        {
            Parts = scratch.Take<Float4>(2L * _groups * rows / 8 * BatchProduct.Threads),
            Arrived = scratch.Take<int>(tiles),
        };
        _sums.Arrived.MemSetToZero();
        _convert = new(() => accelerator.LoadStreamKernel<ArrayView<float>, int, int, BatchRows>(BatchRowKernels.Convert));
        _norm = new(() => accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, int, ArrayView<float>, float, int, int,
            ArrayView<float>, BatchRows>(BatchRowKernels.Norm));
    }

    /// <summary>Whether so many rows of activations are a batch for a matrix.</summary>
    public static bool Takes(DeviceMatrix matrix, int rows) =>
        rows is > 1 and <= MostRows && matrix is CudaMatrix { Format.IsFloat: false };

    /// <summary>Rows as they are, for the next products.</summary>
    public void Convert(ArrayView<float> x, int columns, int rows)
    {
        _convert.Value(
            new KernelConfig(new Index3D(rows, BatchRowKernels.Slices, 1), new Index3D(_rowThreads, 1, 1)), x, columns,
            TilesOf(rows), _rows);
        _graphs.Chain();
    }

    /// <summary>RMSNorm of rows, for the next products, and as floats.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="from">Which of them.</param>
    /// <param name="gathers">Whether <paramref name="from"/> is looked at: otherwise the first ones.</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="normed">The result as floats.</param>
    /// <param name="rows">How many.</param>
    public void Norm(ArrayView<float> x, ArrayView<int> from, bool gathers, ArrayView<float> weight, float epsilon, int columns,
        ArrayView<float> normed, int rows)
    {
        _norm.Value(new KernelConfig(rows, _rowThreads), x, from, gathers ? 1 : 0, weight, epsilon, columns, TilesOf(rows), normed, _rows);
        _graphs.Chain();
    }

    /// <summary>Up to three matrices of one format and width times the rows that were prepared last. A part of 0 rows is none.</summary>
    public void Linear(CudaFormat format, ProductPart a, ProductPart b, ProductPart c, int rows) =>
        Run<LinearBatchEnd>(
            format, a, b, c, rows, BatchProduct.TilesOf(a.Rows) + BatchProduct.TilesOf(b.Rows) + BatchProduct.TilesOf(c.Rows));

    /// <summary>Output [rows, F] ← SiLU(W_gate x) ⊙ (W_up x), where both are one matrix.</summary>
    public void SwiGlu(CudaMatrix both, ArrayView<float> output, int rows) => Run<SwiGluBatchEnd>(
        both.Format, new ProductPart { Weights = both.Weights, Output = output, Bias = output, Rows = both.Rows / 2 },
        default, default, rows, BatchProduct.TilesOf(both.Rows));

    // Tiles of 8 tokens that there is a kernel for.
    private static int TilesOf(int rows) => rows <= 8 ? 1 : rows <= 16 ? 2 : rows <= 32 ? 4 : 8;

    private void Run<TEnd>(CudaFormat format, ProductPart a, ProductPart b, ProductPart c, int rows, int tilesOfRows)
        where TEnd : struct, IBatchEnd
    {
        int units = tilesOfRows * BatchProduct.StepsOf(a.Weights.Columns);
        Kernel(format.Load, TilesOf(rows), typeof(TEnd))(
            new KernelConfig(Math.Clamp(units / LeastUnits, 1, _groups), BatchProduct.Threads), _rows, a, b, c, rows, _sums);
        if (BatchProduct.StartsEarly(TilesOf(rows))) _graphs.Chain();
    }

    private Action<KernelConfig, BatchRows, ProductPart, ProductPart, ProductPart, int, BatchSums> Kernel(Type format, int tiles, Type end)
    {
        if (_products.TryGetValue(
            (format, tiles, end), out Action<KernelConfig, BatchRows, ProductPart, ProductPart, ProductPart, int, BatchSums>? kernel))
            return kernel;
        Type count = tiles switch { 1 => typeof(Batch8), 2 => typeof(Batch16), 4 => typeof(Batch32), _ => typeof(Batch64) };
        MethodInfo method = typeof(BatchProduct).GetMethod(nameof(BatchProduct.Run), BindingFlags.Public | BindingFlags.Static)!;
        return _products[(format, tiles, end)] = _accelerator.LoadStreamKernel(
            method.MakeGenericMethod(format, count, end)
                .CreateDelegate<Action<BatchRows, ProductPart, ProductPart, ProductPart, int, BatchSums>>());
    }
}
