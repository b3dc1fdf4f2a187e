using System;
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
        QuantFormats.Of(type).Dequantize(blocks, w);
    }

    /// <summary>Whether weights can be written as this type.</summary>
    public static bool IsWritable(GgmlType type) => QuantFormats.Of(type).Largest > 0;

    /// <summary>Encodes whole blocks of a type that can be written.</summary>
    /// <exception cref="InvalidModelException">Weights that the type cannot hold, or a type that is only read.</exception>
    public static void Quantize(GgmlType type, ReadOnlySpan<float> w, Span<byte> blocks)
    {
        CheckLengths(type, w.Length, blocks.Length);
        if (!w.IsEmpty) QuantFormats.Of(type).Quantize(w, blocks);
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

    private static void CheckLengths(GgmlType type, int weights, int bytes)
    {
        long expected = type.RowBytes(weights);
        if (bytes != expected) throw new ArgumentException($"{weights} weights of {type} take {expected} bytes; found {bytes}.");
    }
}
