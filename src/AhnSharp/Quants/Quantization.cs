using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Rows of blocks to floats and back, by tensor type.</summary>
internal static class Quantization
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

    /// <summary>The types that can be written; the others are only read.</summary>
    public const string Writable = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K";

    /// <summary>
    /// The largest magnitude that a weight of this type may have, whatever the others beside it are; 0 for a type that is only read.
    /// </summary>
    public static float Largest(GgmlType type) => type switch
    {
        GgmlType.F32 or GgmlType.BF16 => float.MaxValue,
        GgmlType.F16 => (float)Half.MaxValue,
        GgmlType.Q8_0 => BlockQ8_0.Largest,
        GgmlType.Q4_0 => BlockQ4_0.Largest,
        GgmlType.Q4_1 => BlockQ4_1.Largest,
        GgmlType.Q5_0 => BlockQ5_0.Largest,
        GgmlType.Q5_1 => BlockQ5_1.Largest,
        GgmlType.Q4_K => BlockQ4_K.Largest,
        GgmlType.Q5_K => BlockQ5_K.Largest,
        GgmlType.Q6_K => BlockQ6_K.Largest,
        _ => 0,
    };

    /// <summary>Whether weights can be written as this type.</summary>
    public static bool IsWritable(GgmlType type) => Largest(type) > 0;

    /// <summary>Encodes whole blocks of a type that can be written.</summary>
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
                CheckLargest(type, w);
                TensorPrimitives.ConvertToHalf(w, MemoryMarshal.Cast<byte, Half>(blocks));
                break;
            case GgmlType.BF16:
                BlockBF16.Quantize(w, MemoryMarshal.Cast<byte, BlockBF16>(blocks));
                break;
            case GgmlType.Q8_0: Encode<BlockQ8_0>(w, blocks); break;
            case GgmlType.Q4_0: Encode<BlockQ4_0>(w, blocks); break;
            case GgmlType.Q4_1: Encode<BlockQ4_1>(w, blocks); break;
            case GgmlType.Q5_0: Encode<BlockQ5_0>(w, blocks); break;
            case GgmlType.Q5_1: Encode<BlockQ5_1>(w, blocks); break;
            case GgmlType.Q4_K: Encode<BlockQ4_K>(w, blocks); break;
            case GgmlType.Q5_K: Encode<BlockQ5_K>(w, blocks); break;
            case GgmlType.Q6_K: Encode<BlockQ6_K>(w, blocks); break;
            default:
                throw new InvalidModelException($"Weights can be written as {Writable}; {type} is only read.");
        }
    }

    /// <summary>
    /// Fills blocks of any type with random bits that decode to finite weights of mean about 0 and root mean square
    /// about <paramref name="scale"/>.
    /// </summary>
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

    private static void Encode<TBlock>(ReadOnlySpan<float> w, Span<byte> blocks) where TBlock : unmanaged, IEncodableBlock<TBlock>
    {
        CheckLargest(TBlock.Type, w);
        Span<TBlock> written = MemoryMarshal.Cast<byte, TBlock>(blocks);
        for (int i = 0; i < written.Length; i++) written[i] = TBlock.Quantize(w.Slice(i * TBlock.Length, TBlock.Length));
    }

    private static void CheckLengths(GgmlType type, int weights, int bytes)
    {
        long expected = type.RowBytes(weights);
        if (bytes != expected) throw new ArgumentException($"{weights} weights of {type} take {expected} bytes; found {bytes}.");
    }

    private static void CheckLargest(GgmlType type, ReadOnlySpan<float> w)
    {
        float largest = Largest(type);
        float found = MathF.Abs(TensorPrimitives.MaxMagnitude(w));
        if (!float.IsFinite(found)) throw new InvalidModelException($"{type} holds finite weights, found {found}.");
        if (found > largest) throw new InvalidModelException($"{type} holds weights up to {largest}, found {found}; choose BF16 or F32.");
    }
}
