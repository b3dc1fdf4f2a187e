using System;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Launches what prepares rows of activations for a matrix product.</summary>
internal sealed class CudaRows(Accelerator accelerator, PassGraphs graphs)
{
    // One load per thread for rows of up to 4,096; more rows per group would leave the groups of a 7B model's layer fewer than a wave.
    private const int NormThreads = 1024;

    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<int>, int, ArrayView<float>, float, int, Activations> _norm =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<int>, int, ArrayView<float>, float, int, Activations>(Quantizing.Norm);
    private readonly Action<KernelConfig, Activations, int, int> _quantize =
        accelerator.LoadStreamKernel<Activations, int, int>(Quantizing.Rows);
    // Of matrices that are not alike.
    private readonly Lazy<Action<KernelConfig, ArrayView<float>, ArrayView<float>, int, int, Activations>> _swiGlu = new(() =>
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int, int, Activations>(Kernels.SwiGlu.Rows));

    /// <summary>RMSNorm of a few rows, as floats and quantized.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="from">Which of them.</param>
    /// <param name="gathers">Whether <paramref name="from"/> is looked at: otherwise the first ones.</param>
    /// <param name="weight">[columns].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="n">The result.</param>
    /// <param name="rows">How many.</param>
    public void Norm(ArrayView<float> x, ArrayView<int> from, bool gathers, ArrayView<float> weight, float epsilon, int columns,
        Activations n, int rows)
    {
        _norm(
            new KernelConfig(new Index3D(rows, (columns + NormThreads - 1) / NormThreads, 1), new Index3D(NormThreads, 1, 1)), x, from,
            gathers ? 1 : 0, weight, epsilon, columns, n);
        graphs.Chain();
    }

    /// <summary>A few rows of floats, quantized beside them.</summary>
    public void Quantize(Activations x, int columns, int rows) => _quantize(Warps(rows * ((columns + 31) / 32)), x, columns, rows);

    /// <summary>h ← SiLU(gate) ⊙ up of a few rows, as floats and quantized; h may be gate.</summary>
    public void SwiGlu(ArrayView<float> gate, ArrayView<float> up, int ffn, Activations h, int rows) =>
        _swiGlu.Value(Warps(rows * ((ffn + 31) / 32)), gate, up, ffn, rows, h);

    // A warp per group of 32.
    private static KernelConfig Warps(int warps) => new((warps + 7) / 8, 256);
}
