using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q5_K super-block: 256 weights in 176 bytes (5.5 bits each), as 8 sub-blocks of 32.</summary>
/// <remarks>
/// w[i] = D·scale[s]·q[i] − DMin·min[s]    s = i/32,  q ∈ 0..31,  scale, min ∈ 0..63
///   byte   0 D f16 │ 2 DMin f16 │ 4 Scales: 8 × (6-bit scale, 6-bit min), packed │ 16 Qh: 32 bytes │ 48 Qs: 4 × 32 bytes
///   Qs byte j of chunk c: low nibble = weight 64c+j, high nibble = weight 64c+32+j; Qh byte j: bit s = fifth bit of weight 32s+j
/// Source: ggml d99724f2, ggml-common.h block_q5_K, ggml-quants.c dequantize_row_q5_K.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly struct BlockQ5_K : IBlock<BlockQ5_K>
{
    /// <summary>The scale of the scales.</summary>
    public readonly Half D;

    /// <summary>The scale of the minima.</summary>
    public readonly Half DMin;

    /// <summary>8 scales and 8 minima of 6 bits.</summary>
    public readonly Bytes12 Scales;

    /// <summary>Fifth bits: weight i has bit i/32 of byte i%32.</summary>
    public readonly Bytes32 Qh;

    /// <summary>Nibbles.</summary>
    public readonly Bytes128 Qs;


    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q5_K;

    /// <inheritdoc/>
    public static int Length => 256;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ5_K block, Span<float> w)
    {
        float d = (float)block.D, dMin = (float)block.DMin;
        for (int s = 0; s < 8; s++)
        {
            (int scale, int min) = block.ScaleAndMin(s);
            float dScale = d * scale, dMinMin = dMin * min;
            int firstByte = s / 2 * 32, shift = s % 2 * 4;
            for (int j = 0; j < 32; j++)
            {
                int q = (block.Qs[firstByte + j] >> shift & 0xF) | (block.Qh[j] >> s & 1) << 4;
                w[32 * s + j] = dScale * q - dMinMin;
            }
        }
    }

    /// <summary>Scale and minimum of sub-block <paramref name="s"/>, 0..63 each.</summary>
    /// <remarks>Sub-blocks 0..3 own the low 6 bits of bytes 0..7; 4..7 take nibbles of bytes 8..11 and the spare top bits of bytes 0..7.</remarks>
    public (int Scale, int Min) ScaleAndMin(int s) => s < 4
        ? (Scales[s] & 63, Scales[s + 4] & 63)
        : ((Scales[s + 4] & 0xF) | Scales[s - 4] >> 6 << 4, Scales[s + 4] >> 4 | Scales[s] >> 6 << 4);
}
