using System;
using System.Collections.Generic;
using System.Reflection;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>
/// Launches matrix products of one row, or a few with floats, from packed weights.
/// </summary>
/// <remarks>Kernels are compiled when first wanted, one a combination of formats.</remarks>
internal sealed class CudaProducts
{
    /// <summary>Most rows of activations that floats are multiplied with row by row.</summary>
    public const int FewRows = 8;

    private readonly Accelerator _accelerator;
    private readonly PassGraphs _graphs;
    private readonly Dictionary<(Type, Type, Type), Action<KernelConfig, Activations, ProductPart, ProductPart, ProductPart, ProductPart,
        int>> _one = [], _four = [];
    private readonly Dictionary<Type, Action<KernelConfig, Activations, PackedWeights, int, Activations>> _swiGluOne = [];
    private readonly Dictionary<Type, Action<KernelConfig, Activations, PackedWeights, int, Activations, int>> _swiGluFour = [];

    /// <param name="accelerator">A CUDA device.</param>
    /// <param name="graphs">Is told of launches.</param>
    public CudaProducts(Accelerator accelerator, PassGraphs graphs) => (_accelerator, _graphs) = (accelerator, graphs);

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
            _graphs.Chain();
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
            _graphs.Chain();
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
}
