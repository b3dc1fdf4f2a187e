using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>IQ4_XS super-block: 256 weights in 136 bytes (4.25 bits each), as 8 sub-blocks of 32 over the values of IQ4_NL.</summary>
/// <remarks>
/// w[i] = D·(scale[s] − 32)·Values[q[i]]    s = i/32,  q ∈ 0..15,  scale ∈ 0..63
///   byte   0 D f16 │ 2 ScalesHigh u16 │ 4 ScalesLow: 4 bytes │ 8 Qs: 8 × 16 bytes
///   scale s = nibble s%2 of ScalesLow byte s/2, and bits 2s, 2s+1 of ScalesHigh above it
///   Qs byte j of sub-block s: low nibble = weight 32s+j, high nibble = weight 32s+16+j
/// Source: ggml d99724f2, ggml-common.h block_iq4_xs, ggml-quants.c dequantize_row_iq4_xs.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockIQ4_XS : IBlock<BlockIQ4_XS>
{
    /// <summary>The scale of the scales.</summary>
    public readonly Half D;

    /// <summary>The two high bits of the 8 scales.</summary>
    public readonly ushort ScalesHigh;

    /// <summary>The four low bits of the 8 scales.</summary>
    public readonly Bytes4 ScalesLow;

    /// <summary>Nibbles.</summary>
    public readonly Bytes128 Qs;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.IQ4_XS;

    /// <inheritdoc/>
    public static int Length => 256;

    /// <inheritdoc/>
    public static void Dequantize(in BlockIQ4_XS block, Span<float> w)
    {
        float d = (float)block.D;
        for (int s = 0; s < 8; s++)
        {
            float scale = d * (block.Scale(s) - 32);
            for (int j = 0; j < 16; j++)
            {
                byte q = block.Qs[16 * s + j];
                w[32 * s + j] = scale * BlockIQ4_NL.Values[q & 0xF];
                w[32 * s + 16 + j] = scale * BlockIQ4_NL.Values[q >> 4];
            }
        }
    }

    /// <summary>The scale of sub-block <paramref name="s"/>, 0..63, of which 32 means zero.</summary>
    public int Scale(int s) => (ScalesLow[s / 2] >> (s % 2 * 4) & 0xF) | (ScalesHigh >> (2 * s) & 3) << 4;
}
