using AhnSharp.Gguf;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>Products with a quantized matrix, and rows of it decoded; one per weight format.</summary>
internal abstract class ProductKernel
{
    /// <summary>y[t, r] (+)= Σ_k W[r, k]·x[t, k] + bias[r].</summary>
    public abstract void Multiply(PortableMatrix w, ArrayView<float> x, ArrayView<float> y, ArrayView<float> bias, ProductShape shape);

    /// <summary>to[i] ← row ids[i], decoded.</summary>
    public abstract void Take(PortableMatrix w, ArrayView<int> ids, ArrayView<float> to, ProductShape shape);

    /// <summary>The kernels of a format; null where this set has none for it.</summary>
    public static ProductKernel? Create(GgmlType type, Accelerator accelerator, int groupSize) => type switch
    {
        GgmlType.F32 => new FormatKernel<F32Format>(accelerator, groupSize),
        GgmlType.F16 => new FormatKernel<F16Format>(accelerator, groupSize),
        GgmlType.BF16 => new FormatKernel<BF16Format>(accelerator, groupSize),
        GgmlType.Q8_0 => new FormatKernel<Q8_0Format>(accelerator, groupSize),
        GgmlType.Q4_0 => new FormatKernel<Q4_0Format>(accelerator, groupSize),
        GgmlType.Q5_0 => new FormatKernel<Q5_0Format>(accelerator, groupSize),
        GgmlType.Q4_K => new FormatKernel<Q4_KFormat>(accelerator, groupSize),
        GgmlType.Q5_K => new FormatKernel<Q5_KFormat>(accelerator, groupSize),
        GgmlType.Q6_K => new FormatKernel<Q6_KFormat>(accelerator, groupSize),
        _ => null,
    };
}
