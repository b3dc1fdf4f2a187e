using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>F16: one weight as IEEE binary16.</summary>
/// <remarks>
/// w = Value
///   byte   0 Value f16
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockF16 : IBlock<BlockF16>
{
    /// <summary>The weight.</summary>
    public readonly Half Value;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.F16;

    /// <inheritdoc/>
    public static int Length => 1;

    /// <inheritdoc/>
    public static void Dequantize(in BlockF16 block, Span<float> w)
    {
        w[0] = (float)block.Value;
    }

    /// <inheritdoc/>
    public static void DequantizeRow(ReadOnlySpan<BlockF16> blocks, Span<float> w) =>
        TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<BlockF16, Half>(blocks), w);
}
