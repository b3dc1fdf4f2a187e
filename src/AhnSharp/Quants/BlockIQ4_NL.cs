using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>IQ4_NL: 32 weights in 18 bytes (4.5 bits each), 4 bits that index 16 unevenly spaced values.</summary>
/// <remarks>
/// w[i] = D·Values[q[i]]    q ∈ 0..15
///   byte   0 D f16 │ 2 Qs: 16 bytes
///   Qs byte j: low nibble = weight j, high nibble = weight 16+j
/// Source: ggml d99724f2, ggml-common.h block_iq4_nl, ggml-quants.c dequantize_row_iq4_nl.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockIQ4_NL : IBlock<BlockIQ4_NL>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>Nibbles: byte j holds weights j and 16+j.</summary>
    public readonly Bytes16 Qs;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.IQ4_NL;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockIQ4_NL block, Span<float> w)
    {
        float d = (float)block.D;
        for (int j = 0; j < 16; j++)
        {
            w[j] = d * Values[block.Qs[j] & 0xF];
            w[j + 16] = d * Values[block.Qs[j] >> 4];
        }
    }

    /// <summary>The 16 values, ascending; also those of <see cref="BlockIQ4_XS"/>.</summary>
    public static ReadOnlySpan<sbyte> Values => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
}
