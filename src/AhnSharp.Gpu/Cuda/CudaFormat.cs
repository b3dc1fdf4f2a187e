using System;
using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda.Kernels;

namespace AhnSharp.Gpu.Cuda;

/// <summary>What the CUDA kernels know of a weight format.</summary>
/// <param name="RowSum">The <see cref="IRowSum"/> that multiplies it.</param>
/// <param name="Load">Its <see cref="IQuantizedFormat"/> or <see cref="IFloatFormat"/>.</param>
/// <param name="Packing">Its <see cref="IPacking"/>; null: floats, kept as they are.</param>
/// <param name="QuantBytes">Bytes of the plane Quants for 32 weights.</param>
/// <param name="HighBitBytes">Bytes of the plane HighBits for 32 weights.</param>
/// <param name="SuperScales">Whether there is a plane SuperScales.</param>
internal sealed record CudaFormat(Type RowSum, Type Load, Type? Packing, int QuantBytes, int HighBitBytes, bool SuperScales)
{
    private static readonly Dictionary<GgmlType, CudaFormat> Formats = new()
    {
        [GgmlType.Q8_0] = Quantized<FormatQ8_0, PackQ8_0>(32, 0, false),
        [GgmlType.Q4_0] = Quantized<FormatQ4_0, PackQ4_0>(16, 0, false),
        [GgmlType.Q5_0] = Quantized<FormatQ5_0, PackQ5_0>(16, 4, false),
        [GgmlType.Q4_K] = Quantized<FormatQ4K, PackQ4K>(16, 0, true),
        [GgmlType.Q5_K] = Quantized<FormatQ5K, PackQ5K>(16, 4, true),
        [GgmlType.Q6_K] = Quantized<FormatQ6K, PackQ6K>(16, 8, true),
        [GgmlType.F16] = Floats<FormatF16>(64),
        [GgmlType.BF16] = Floats<FormatBF16>(64),
        [GgmlType.F32] = Floats<FormatF32>(128),
    };

    /// <summary>Whether weights are floats.</summary>
    public bool IsFloat => Packing is null;

    /// <summary>The format, or null where the set has no kernels of its own for it.</summary>
    public static CudaFormat? Of(GgmlType type) => Formats.GetValueOrDefault(type);

    private static CudaFormat Quantized<TFormat, TPacking>(int quantBytes, int highBitBytes, bool superScales)
        where TFormat : struct, IQuantizedFormat
        where TPacking : struct, IPacking =>
        new(typeof(Quantized<TFormat>), typeof(TFormat), typeof(TPacking), quantBytes, highBitBytes, superScales);

    private static CudaFormat Floats<TFormat>(int bytes)
        where TFormat : struct, IFloatFormat =>
        new(typeof(Floating<TFormat>), typeof(TFormat), null, bytes, 0, false);
}
