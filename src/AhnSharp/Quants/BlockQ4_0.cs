using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q4_0: 32 weights in 18 bytes (4.5 bits each).</summary>
/// <remarks>
/// w[i] = D·(q[i] − 8)    q ∈ 0..15
///   byte   0 D f16 │ 2 Qs: 16 bytes
///   Qs byte j: low nibble = weight j, high nibble = weight 16+j
/// Source: ggml d99724f2, ggml-common.h block_q4_0, ggml-quants.c dequantize_row_q4_0.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ4_0 : IEncodableBlock<BlockQ4_0>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>Nibbles: byte j holds weights j and 16+j.</summary>
    public readonly Bytes16 Qs;

    private BlockQ4_0(Half d, Bytes16 qs) => (D, Qs) = (d, qs);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q4_0;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ4_0 block, Span<float> w)
    {
        float d = (float)block.D;
        for (int j = 0; j < 16; j++)
        {
            w[j] = d * ((block.Qs[j] & 0xF) - 8);
            w[j + 16] = d * ((block.Qs[j] >> 4) - 8);
        }
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue * 7;

    /// <inheritdoc/>
    public static BlockQ4_0 Quantize(ReadOnlySpan<float> w)
    {
        Half d = Lanes.Scale(SymmetricSearch.Scale(w[..32], 8));
        Span<byte> q = stackalloc byte[32];
        Codes.Symmetric(w[..32], (float)d, 8, q);
        Bytes16 qs = default;
        Codes.PackNibbles(q, qs);
        return new BlockQ4_0(d, qs);
    }
}
