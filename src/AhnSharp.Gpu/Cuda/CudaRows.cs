using System;
using AhnSharp.Gpu.Cuda.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Launches what prepares rows of activations for a matrix product.</summary>
internal sealed class CudaRows(Accelerator accelerator)
{
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, float, int, Activations> _norm =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, float, int, Activations>(Quantising.Norm);
    private readonly Action<KernelConfig, Activations, int, int> _quantise = accelerator.LoadStreamKernel<Activations, int, int>(Quantising.Rows);
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>, int, int, Activations> _swiGlu =
        accelerator.LoadStreamKernel<ArrayView<float>, ArrayView<float>, int, int, Activations>(Kernels.SwiGlu.Rows);
    private readonly Action<KernelConfig, ArrayView<float>, int, HalfRows> _convert = accelerator.LoadStreamKernel<ArrayView<float>, int, HalfRows>(HalfRowKernels.Convert);

    /// <summary>RMSNorm of a few rows, as floats and quantised.</summary>
    public void Norm(ArrayView<float> x, ArrayView<float> weight, float epsilon, int columns, Activations n, int rows) =>
        _norm(new KernelConfig(new Index3D(rows, (columns + 255) / 256, 1), new Index3D(256, 1, 1)), x, weight, epsilon, columns, n);

    /// <summary>A few rows of floats, quantised beside them.</summary>
    public void Quantise(Activations x, int columns, int rows) => _quantise(Warps(rows * ((columns + 31) / 32)), x, columns, rows);

    /// <summary>h ← SiLU(gate) ⊙ up of a few rows, as floats and quantised; h may be gate.</summary>
    public void SwiGlu(ArrayView<float> gate, ArrayView<float> up, int ffn, Activations h, int rows) => _swiGlu(Warps(rows * ((ffn + 31) / 32)), gate, up, ffn, rows, h);

    /// <summary>Many rows as halves.</summary>
    public void Convert(ArrayView<float> x, int columns, HalfRows halves, int rows) => _convert(new KernelConfig(rows, 256), x, columns, halves);

    // A warp a group of 32.
    private static KernelConfig Warps(int warps) => new((warps + 7) / 8, 256);
}
