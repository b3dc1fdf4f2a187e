using System;
using System.Collections.Generic;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>
/// Launches matrix products: of one row, or a few with floats, from packed weights; those of many go through halves and the matrix units.
/// </summary>
/// <remarks>Kernels are compiled when first wanted, one a combination of formats.</remarks>
internal sealed class CudaProducts
{
    /// <summary>Most rows of activations that floats are multiplied with row by row.</summary>
    public const int FewRows = 8;

    // So many weights are halves at a time, 144 MB: fewer would leave multiprocessors idle where rows are long.
    private const int SliceHalves = 72 << 20;

    private readonly Accelerator _accelerator;
    private readonly ArrayView<Word4> _slice;
    private readonly Dictionary<(Type, Type, Type), Action<KernelConfig, Activations, ProductPart, ProductPart, ProductPart, ProductPart,
        int>> _one = [], _four = [];
    private readonly Dictionary<Type, Action<KernelConfig, Activations, PackedWeights, int, Activations>> _swiGluOne = [];
    private readonly Dictionary<Type, Action<KernelConfig, Activations, PackedWeights, int, Activations, int>> _swiGluFour = [];
    private readonly Dictionary<Type, Action<KernelConfig, PackedWeights, int, int, ArrayView<Word4>>> _toHalves = [];
    private readonly Action<KernelConfig, HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int> _linear, _swiGlu;

    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="take">Takes device memory that lives as long as this.</param>
    public CudaProducts(Accelerator accelerator, Func<long, ArrayView<Word4>> take)
    {
        _accelerator = accelerator;
        _slice = take(SliceHalves / 8);
        _linear = accelerator.LoadStreamKernel<HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int>(MatrixTile.Run<LinearEnd>);
        _swiGlu = accelerator.LoadStreamKernel<HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int>(MatrixTile.Run<SwiGluEnd>);
    }

    /// <summary>
    /// One row, or with floats a few, times up to four matrices; the first two have one format. A part of 0 rows is none.
    /// </summary>
    /// <param name="x">[rows, columns], quantized and as floats.</param>
    /// <param name="a">First part.</param>
    /// <param name="b">Second.</param>
    /// <param name="c">Third.</param>
    /// <param name="d">Fourth.</param>
    /// <param name="formats">Formats of a and b, of c, of d; null for none.</param>
    /// <param name="rows">1 … <see cref="FewRows"/>.</param>
    public void Few(Activations x, ProductPart a, ProductPart b, ProductPart c, ProductPart d,
        (CudaFormat A, CudaFormat? C, CudaFormat? D) formats, int rows)
    {
        (Type, Type, Type) types = (formats.A.RowSum, formats.C?.RowSum ?? typeof(NoRows), formats.D?.RowSum ?? typeof(NoRows));
        int total = a.Rows + b.Rows + c.Rows + d.Rows;
        if (rows == 1)
        {
            int others = total - d.Rows, warps = WarpsPerRow(others, a.Weights.Columns), perGroup = Products.Threads / 32 / warps;
            Kernel(_one, nameof(Products.One), types)(
                new KernelConfig(d.Rows + (others + perGroup - 1) / perGroup, Products.Threads), x, a, b, c, d, warps);
            return;
        }
        const int PerGroup = Products.Threads / 32;
        var config = new KernelConfig(
            new Index3D((total + PerGroup - 1) / PerGroup, (rows + 3) / 4, 1), new Index3D(Products.Threads, 1, 1));
        Kernel(_four, nameof(Products.Four), types)(config, x, a, b, c, d, rows);
    }

    /// <summary>One row, or with floats a few: h = SiLU(W_gate n) ⊙ (W_up n), where both are one matrix.</summary>
    public void FewSwiGlu(Activations n, CudaMatrix both, Activations h, int rows)
    {
        int ffn = both.Rows / 2, groups = (ffn + SwiGlu.OutputsPerGroup - 1) / SwiGlu.OutputsPerGroup;
        Type type = both.Format.RowSum;
        if (rows == 1)
        {
            if (!_swiGluOne.TryGetValue(type, out Action<KernelConfig, Activations, PackedWeights, int, Activations>? one))
            {
                one = _accelerator.LoadStreamKernel(
                    Delegate<Action<Activations, PackedWeights, int, Activations>>(typeof(SwiGlu), nameof(SwiGlu.One), type));
                _swiGluOne[type] = one;
            }
            one(new KernelConfig(groups, SwiGlu.OneThreads), n, both.Weights, ffn, h);
            return;
        }
        if (!_swiGluFour.TryGetValue(type, out Action<KernelConfig, Activations, PackedWeights, int, Activations, int>? four))
        {
            four = _accelerator.LoadStreamKernel(
                Delegate<Action<Activations, PackedWeights, int, Activations, int>>(typeof(SwiGlu), nameof(SwiGlu.Four), type));
            _swiGluFour[type] = four;
        }
        four(new KernelConfig(new Index3D(groups, (rows + 3) / 4, 1), new Index3D(SwiGlu.Threads, 1, 1)), n, both.Weights, ffn, h, rows);
    }

    /// <summary>Many rows times a matrix of at most 16 bits per weight.</summary>
    public void Many(HalfRows x, CudaMatrix w, ProductPart part, int rows) => Many(_linear, x, w, part, rows);

    /// <summary>Many rows: Output [rows, F] ← SiLU(W_gate x) ⊙ (W_up x), where both are one matrix.</summary>
    public void ManySwiGlu(HalfRows x, CudaMatrix both, ArrayView<float> output, int rows) =>
        Many(_swiGlu, x, both, new ProductPart { Output = output, Bias = output, Rows = both.Rows / 2 }, rows);

    // One warp a row where rows fill the device; more where they are few and long.
    private static int WarpsPerRow(int rows, int columns) => rows >= 2048 || columns <= 1024 ? 1 : columns >= 8192 ? 4 : 2;

    private static TDelegate Delegate<TDelegate>(Type kernels, string name, params Type[] types)
        where TDelegate : Delegate =>
        kernels.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(types).CreateDelegate<TDelegate>();

    private Action<KernelConfig, Activations, ProductPart, ProductPart, ProductPart, ProductPart, int> Kernel(
        Dictionary<(Type, Type, Type), Action<KernelConfig, Activations, ProductPart, ProductPart, ProductPart, ProductPart, int>> kernels,
        string name, (Type A, Type C, Type D) types)
    {
        if (kernels.TryGetValue(
            types, out Action<KernelConfig, Activations, ProductPart, ProductPart, ProductPart, ProductPart, int>? kernel)) return kernel;
        kernel = _accelerator.LoadStreamKernel(
            Delegate<Action<Activations, ProductPart, ProductPart, ProductPart, ProductPart, int>>(
                typeof(Products), name, types.A, types.C, types.D));
        return kernels[types] = kernel;
    }

    private void Many(Action<KernelConfig, HalfRows, ArrayView<Word4>, ProductPart, int, int, int, int> tiles, HalfRows x, CudaMatrix w,
        ProductPart part, int rows)
    {
        if (w.Format.Load == typeof(FormatF16))
        {
            tiles(Tiles(rows, w.Rows), x, w.Weights.Quants, part, 0, w.Rows, rows, w.Columns);
            return;
        }
        if (!_toHalves.TryGetValue(w.Format.Load, out Action<KernelConfig, PackedWeights, int, int, ArrayView<Word4>>? toHalves))
        {
            string name = w.Format.IsFloat ? nameof(HalfRowKernels.Narrow) : nameof(HalfRowKernels.Dequantize);
            toHalves = _accelerator.LoadStreamKernel(
                Delegate<Action<PackedWeights, int, int, ArrayView<Word4>>>(typeof(HalfRowKernels), name, w.Format.Load));
            _toHalves[w.Format.Load] = toHalves;
        }
        int most = Math.Max(MatrixTile.Size, SliceHalves / w.Columns / MatrixTile.Size * MatrixTile.Size),
            perThread = w.Format.IsFloat ? 8 : 32;
        for (int first = 0; first < w.Rows; first += most)
        {
            int count = Math.Min(most, w.Rows - first);
            toHalves(new KernelConfig((int)(((long)count * w.Columns / perThread + 127) / 128), 128), w.Weights, first, count, _slice);
            tiles(Tiles(rows, count), x, _slice, part, first, count, rows, w.Columns);
        }
    }

    private static KernelConfig Tiles(int tokens, int rows) =>
        new(new Index3D((tokens + MatrixTile.Size - 1) / MatrixTile.Size, (rows + MatrixTile.Size - 1) / MatrixTile.Size, 1),
            new Index3D(MatrixTile.Threads, 1, 1));
}
