using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q2_K super-block: 256 weights in 84 bytes (2.625 bits each), as 16 sub-blocks of 16.</summary>
/// <remarks>
/// w[i] = D·scale[s]·q[i] − DMin·min[s]    s = i/16,  q ∈ 0..3,  scale, min ∈ 0..15
///   byte   0 Scales: 16 × (low nibble scale, high nibble min) │ 16 Qs: 2 × 32 bytes │ 80 D f16 │ 82 DMin f16
///   Qs byte j of half h: bits 2g, 2g+1 = weight 128h + 32g + j
/// Source: ggml d99724f2, ggml-common.h block_q2_K, ggml-quants.c dequantize_row_q2_K.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ2_K : IBlock<BlockQ2_K>
{
    /// <summary>Sub-block s: low nibble its scale, high nibble its minimum.</summary>
    public readonly Bytes16 Scales;

    /// <summary>Two bits per weight.</summary>
    public readonly Bytes64 Qs;

    /// <summary>The scale of the scales.</summary>
    public readonly Half D;

    /// <summary>The scale of the minima.</summary>
    public readonly Half DMin;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q2_K;

    /// <inheritdoc/>
    public static int Length => 256;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ2_K block, Span<float> w)
    {
        float d = (float)block.D, dMin = (float)block.DMin;
        for (int s = 0; s < 16; s++)
        {
            float scale = d * (block.Scales[s] & 0xF), min = dMin * (block.Scales[s] >> 4);
            int firstByte = s / 8 * 32 + s % 2 * 16, shift = s / 2 % 4 * 2;
            for (int j = 0; j < 16; j++) w[16 * s + j] = scale * (block.Qs[firstByte + j] >> shift & 3) - min;
        }
    }
}
