using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q5_1: 32 weights in 24 bytes (6 bits each).</summary>
/// <remarks>
/// w[i] = D·q[i] + M    q ∈ 0..31
///   byte   0 D f16 │ 2 M f16 │ 4 Qh: 32 fifth bits │ 8 Qs: 16 bytes
///   Qs byte j: low nibble = weight j, high nibble = weight 16+j; fifth bit of weight i = bit i%8 of Qh byte i/8
/// Source: ggml d99724f2, ggml-common.h block_q5_1, ggml-quants.c dequantize_row_q5_1.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ5_1 : IEncodableBlock<BlockQ5_1>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>The minimum.</summary>
    public readonly Half M;

    /// <summary>Fifth bits: weight i has bit i%8 of byte i/8.</summary>
    public readonly Bytes4 Qh;

    /// <summary>Nibbles: byte j holds weights j and 16+j.</summary>
    public readonly Bytes16 Qs;

    private BlockQ5_1(Half d, Half m, Bytes4 qh, Bytes16 qs) => (D, M, Qh, Qs) = (d, m, qh, qs);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q5_1;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ5_1 block, Span<float> w)
    {
        float d = (float)block.D, m = (float)block.M;
        for (int j = 0; j < 16; j++)
        {
            int low = (block.Qs[j] & 0xF) | (block.Qh[j / 8] >> (j % 8) & 1) << 4;
            int high = (block.Qs[j] >> 4) | (block.Qh[j / 8 + 2] >> (j % 8) & 1) << 4;
            w[j] = d * low + m;
            w[j + 16] = d * high + m;
        }
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue;

    /// <inheritdoc/>
    public static BlockQ5_1 Quantize(ReadOnlySpan<float> w)
    {
        Span<float> importance = stackalloc float[32];
        AffineSearch.Weigh(w[..32], importance);
        (float scale, float offset) = AffineSearch.Line(w[..32], importance, 31, -5, 10, belowZero: false);
        Half d = Lanes.Scale(scale), m = Lanes.Scale(offset);
        Span<byte> q = stackalloc byte[32];
        Codes.Affine(w[..32], (float)d, (float)m, 31, q);
        Bytes16 qs = default;
        Codes.PackNibbles(q, qs);
        Bytes4 qh = default;
        Codes.PackFifthBits(q, qh);
        return new BlockQ5_1(d, m, qh, qs);
    }
}
