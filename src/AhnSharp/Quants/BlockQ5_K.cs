using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
internal readonly struct BlockQ5_K : IEncodableBlock<BlockQ5_K>
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

    private BlockQ5_K(Half d, Half dMin, Bytes12 scales, Bytes32 qh, Bytes128 qs) => (D, DMin, Scales, Qh, Qs) = (d, dMin, scales, qh, qs);

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
    public (int Scale, int Min) ScaleAndMin(int s) => SixBitPairs.Get(in Scales, s);

    /// <inheritdoc/>
    /// <remarks>Nothing lies lower than −DMin·min with both at their largest.</remarks>
    public static float Largest => (float)Half.MaxValue * 63;

    /// <inheritdoc/>
    public static BlockQ5_K Quantize(ReadOnlySpan<float> w)
    {
        Span<byte> q = stackalloc byte[256];
        AffineSuperBlock super = AffineSuperBlock.Quantize(w, 31, -5, 10, q);
        Bytes128 qs = default;
        Vector256<byte> nibble = Vector256.Create((byte)0xF), fifths = default;
        for (int c = 0; c < 4; c++)
        {
            Vector256<byte> low = Vector256.Create<byte>(q[(64 * c)..]), high = Vector256.Create<byte>(q[(64 * c + 32)..]);
            ((low & nibble) | high << 4).CopyTo(qs[(32 * c)..]);
            fifths |= low >> 4 << (2 * c) | high >> 4 << (2 * c + 1);
        }
        Bytes32 qh = default;
        fifths.CopyTo(qh);
        return new BlockQ5_K(super.D, super.DMin, super.Scales, qh, qs);
    }
}
