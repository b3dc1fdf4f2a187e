using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Rows of blocks to floats and back, by tensor type.</summary>
public static class Quantization
{
    /// <summary>Decodes whole blocks.</summary>
    /// <param name="type">What the blocks are.</param>
    /// <param name="blocks">Exactly the bytes of <paramref name="w"/>.</param>
    /// <param name="w">The weights.</param>
    public static void Dequantize(GgmlType type, ReadOnlySpan<byte> blocks, Span<float> w)
    {
        CheckLengths(type, w.Length, blocks.Length);
        switch (type)
        {
            case GgmlType.F32: Decode<BlockF32>(blocks, w); break;
            case GgmlType.F16: Decode<BlockF16>(blocks, w); break;
            case GgmlType.BF16: Decode<BlockBF16>(blocks, w); break;
            case GgmlType.Q8_0: Decode<BlockQ8_0>(blocks, w); break;
            case GgmlType.Q4_0: Decode<BlockQ4_0>(blocks, w); break;
            case GgmlType.Q4_1: Decode<BlockQ4_1>(blocks, w); break;
            case GgmlType.Q5_0: Decode<BlockQ5_0>(blocks, w); break;
            case GgmlType.Q5_1: Decode<BlockQ5_1>(blocks, w); break;
            case GgmlType.Q2_K: Decode<BlockQ2_K>(blocks, w); break;
            case GgmlType.Q3_K: Decode<BlockQ3_K>(blocks, w); break;
            case GgmlType.Q4_K: Decode<BlockQ4_K>(blocks, w); break;
            case GgmlType.Q5_K: Decode<BlockQ5_K>(blocks, w); break;
            case GgmlType.Q6_K: Decode<BlockQ6_K>(blocks, w); break;
            case GgmlType.IQ4_NL: Decode<BlockIQ4_NL>(blocks, w); break;
            default: Decode<BlockIQ4_XS>(blocks, w); break;
        }
    }

    /// <summary>Encodes whole blocks of F32, F16, BF16 or Q8_0.</summary>
    /// <exception cref="InvalidModelException">Weights that the type cannot hold, or a type that is only read.</exception>
    public static void Quantize(GgmlType type, ReadOnlySpan<float> w, Span<byte> blocks)
    {
        CheckLengths(type, w.Length, blocks.Length);
        if (w.IsEmpty) return;
        switch (type)
        {
            case GgmlType.F32:
                MemoryMarshal.AsBytes(w).CopyTo(blocks);
                break;
            case GgmlType.F16:
                CheckLargest(type, w, (float)Half.MaxValue);
                TensorPrimitives.ConvertToHalf(w, MemoryMarshal.Cast<byte, Half>(blocks));
                break;
            case GgmlType.BF16:
                BlockBF16.Quantize(w, MemoryMarshal.Cast<byte, BlockBF16>(blocks));
                break;
            case GgmlType.Q8_0:
                CheckLargest(type, w, (float)Half.MaxValue * 127);
                Span<BlockQ8_0> q = MemoryMarshal.Cast<byte, BlockQ8_0>(blocks);
                for (int i = 0; i < q.Length; i++) q[i] = BlockQ8_0.Quantize(w.Slice(32 * i, 32));
                break;
            default:
                throw new InvalidModelException($"Weights can be written as F32, F16, BF16 or Q8_0; {type} is only read.");
        }
    }

    /// <summary>Fills blocks of any type with random bits that decode to finite weights of mean about 0 and root mean square about <paramref name="scale"/>.</summary>
    public static void FillRandom(GgmlType type, Random random, Span<byte> blocks, float scale)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (blocks.Length % type.BlockBytes() != 0)
        {
            throw new ArgumentException($"{type} blocks take {type.BlockBytes()} bytes each; found {blocks.Length} bytes.", nameof(blocks));
        }
        RandomBlocks.Fill(type, random, blocks, scale);
    }

    private static void Decode<TBlock>(ReadOnlySpan<byte> blocks, Span<float> w) where TBlock : unmanaged, IBlock<TBlock> =>
        TBlock.DequantizeRow(MemoryMarshal.Cast<byte, TBlock>(blocks), w);

    private static void CheckLengths(GgmlType type, int weights, int bytes)
    {
        long expected = type.RowBytes(weights);
        if (bytes != expected) throw new ArgumentException($"{weights} weights of {type} take {expected} bytes; found {bytes}.");
    }

    private static void CheckLargest(GgmlType type, ReadOnlySpan<float> w, float largest)
    {
        float found = MathF.Abs(TensorPrimitives.MaxMagnitude(w));
        if (!float.IsFinite(found)) throw new InvalidModelException($"{type} holds finite weights, found {found}.");
        if (found > largest) throw new InvalidModelException($"{type} holds weights up to {largest}, found {found}; choose BF16 or F32.");
    }
}
