using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>F32: one weight as IEEE binary32.</summary>
/// <remarks>
/// w = Value
///   byte   0 Value f32
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockF32 : IBlock<BlockF32>
{
    /// <summary>The weight.</summary>
    public readonly float Value;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.F32;

    /// <inheritdoc/>
    public static int Length => 1;

    /// <inheritdoc/>
    public static void Dequantize(in BlockF32 block, Span<float> w)
    {
        w[0] = block.Value;
    }

    /// <inheritdoc/>
    public static void DequantizeRow(ReadOnlySpan<BlockF32> blocks, Span<float> w) => MemoryMarshal.Cast<BlockF32, float>(blocks).CopyTo(w);
}
