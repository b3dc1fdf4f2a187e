using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q3_K super-block: 256 weights in 110 bytes (3.4375 bits each), as 16 sub-blocks of 16.</summary>
/// <remarks>
/// w[i] = D·(scale[s] − 32)·(q[i] − 4)    s = i/16,  q ∈ 0..7,  scale ∈ 0..63
///   byte   0 HMask: 32 bytes │ 32 Qs: 2 × 32 bytes │ 96 Scales: 16 × 6 bits, packed │ 108 D f16
///   Qs byte j of half h: bits 2g, 2g+1 = low bits of weight 128h + 32g + j; HMask byte j: bit g = third bit of weight 32g + j
/// Source: ggml d99724f2, ggml-common.h block_q3_K, ggml-quants.c dequantize_row_q3_K.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ3_K : IBlock<BlockQ3_K>
{
    /// <summary>Third bits: weight i has bit i/32 of byte i%32.</summary>
    public readonly Bytes32 HMask;

    /// <summary>The two low bits of each weight.</summary>
    public readonly Bytes64 Qs;

    /// <summary>16 scales of 6 bits: low nibbles in bytes 0..7, the two high bits in bytes 8..11.</summary>
    public readonly Bytes12 Scales;

    /// <summary>The scale of the scales.</summary>
    public readonly Half D;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q3_K;

    /// <inheritdoc/>
    public static int Length => 256;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ3_K block, Span<float> w)
    {
        float d = (float)block.D;
        for (int s = 0; s < 16; s++)
        {
            float scale = d * (block.Scale(s) - 32);
            int firstByte = s / 8 * 32 + s % 2 * 16, shift = s / 2 % 4 * 2, firstMask = s % 2 * 16, maskBit = s / 2;
            for (int j = 0; j < 16; j++)
            {
                int q = (block.Qs[firstByte + j] >> shift & 3) | (block.HMask[firstMask + j] >> maskBit & 1) << 2;
                w[16 * s + j] = scale * (q - 4);
            }
        }
    }

    /// <summary>The scale of sub-block <paramref name="s"/>, 0..63, of which 32 means zero.</summary>
    public int Scale(int s) => (Scales[s % 8] >> (s / 8 * 4) & 0xF) | (Scales[8 + s % 4] >> (s / 4 * 2) & 3) << 4;
}
