using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q4_1: 32 weights in 20 bytes (5 bits each).</summary>
/// <remarks>
/// w[i] = D·q[i] + M    q ∈ 0..15
///   byte   0 D f16 │ 2 M f16 │ 4 Qs: 16 bytes
///   Qs byte j: low nibble = weight j, high nibble = weight 16+j
/// Source: ggml d99724f2, ggml-common.h block_q4_1, ggml-quants.c dequantize_row_q4_1.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ4_1 : IEncodableBlock<BlockQ4_1>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>The minimum.</summary>
    public readonly Half M;

    /// <summary>Nibbles: byte j holds weights j and 16+j.</summary>
    public readonly Bytes16 Qs;

    private BlockQ4_1(Half d, Half m, Bytes16 qs) => (D, M, Qs) = (d, m, qs);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q4_1;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ4_1 block, Span<float> w)
    {
        float d = (float)block.D, m = (float)block.M;
        for (int j = 0; j < 16; j++)
        {
            w[j] = d * (block.Qs[j] & 0xF) + m;
            w[j + 16] = d * (block.Qs[j] >> 4) + m;
        }
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue;

    /// <inheritdoc/>
    public static BlockQ4_1 Quantize(ReadOnlySpan<float> w)
    {
        Span<float> importance = stackalloc float[32];
        AffineSearch.Weigh(w[..32], importance);
        (float scale, float offset) = AffineSearch.Line(w[..32], importance, 15, -10, 10, belowZero: false);
        Half d = Lanes.Scale(scale), m = Lanes.Scale(offset);
        Span<byte> q = stackalloc byte[32];
        Codes.Affine(w[..32], (float)d, (float)m, 15, q);
        Bytes16 qs = default;
        Codes.PackNibbles(q, qs);
        return new BlockQ4_1(d, m, qs);
    }
}
