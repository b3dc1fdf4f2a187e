using System;
using System.Numerics;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>BF16: one weight as the upper half of an IEEE binary32.</summary>
/// <remarks>
/// w = the f32 whose upper 16 bits are Bits and whose lower are 0
///   byte   0 Bits u16
/// Source: ggml d99724f2, ggml-impl.h ggml_compute_bf16_to_fp32, ggml_compute_fp32_to_bf16.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockBF16 : IBlock<BlockBF16>
{
    /// <summary>Sign, 8 bits of exponent, 7 of mantissa.</summary>
    public readonly ushort Bits;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.BF16;

    /// <inheritdoc/>
    public static int Length => 1;

    /// <inheritdoc/>
    public static void Dequantize(in BlockBF16 block, Span<float> w)
    {
        w[0] = BitConverter.UInt32BitsToSingle((uint)block.Bits << 16);
    }

    /// <inheritdoc/>
    public static void DequantizeRow(ReadOnlySpan<BlockBF16> blocks, Span<float> w)
    {
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<BlockBF16, ushort>(blocks);
        Span<uint> floats = MemoryMarshal.Cast<float, uint>(w);
        int i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(bits[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(floats[i..]);
            (high << 16).CopyTo(floats[(i + Vector<uint>.Count)..]);
        }
        for (; i < bits.Length; i++) floats[i] = (uint)bits[i] << 16;
    }

    /// <summary>Encodes a row: to the nearest, ties to even; a NaN stays one.</summary>
    public static void Quantize(ReadOnlySpan<float> w, Span<BlockBF16> blocks)
    {
        ReadOnlySpan<uint> floats = MemoryMarshal.Cast<float, uint>(w);
        Span<ushort> bits = MemoryMarshal.Cast<BlockBF16, ushort>(blocks);
        int i = 0;
        for (; i <= floats.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<uint> low = Round(new Vector<uint>(floats[i..])), high = Round(new Vector<uint>(floats[(i + Vector<uint>.Count)..]));
            Vector.Narrow(low, high).CopyTo(bits[i..]);
        }
        for (; i < floats.Length; i++) bits[i] = (ushort)Round(new Vector<uint>(floats[i]))[0];
    }

    private static Vector<uint> Round(Vector<uint> bits)
    {
        Vector<uint> upper = bits >> 16;
        Vector<uint> isNaN = Vector.GreaterThan(bits & new Vector<uint>(0x7FFFFFFF), new Vector<uint>(0x7F800000));
        Vector<uint> rounded = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >> 16;
        return Vector.ConditionalSelect(isNaN, upper | new Vector<uint>(64), rounded);
    }
}
