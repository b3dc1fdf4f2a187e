using System;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q5_0: 32 weights in 22 bytes (5.5 bits each).</summary>
/// <remarks>
/// w[i] = D·(q[i] − 16)    q ∈ 0..31
///   byte   0 D f16 │ 2 Qh: 32 fifth bits │ 6 Qs: 16 bytes
///   Qs byte j: low nibble = weight j, high nibble = weight 16+j; fifth bit of weight i = bit i%8 of Qh byte i/8
/// Source: ggml d99724f2, ggml-common.h block_q5_0, ggml-quants.c dequantize_row_q5_0.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ5_0 : IEncodableBlock<BlockQ5_0>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>Fifth bits: weight i has bit i%8 of byte i/8.</summary>
    public readonly Bytes4 Qh;

    /// <summary>Nibbles: byte j holds weights j and 16+j.</summary>
    public readonly Bytes16 Qs;

    private BlockQ5_0(Half d, Bytes4 qh, Bytes16 qs) => (D, Qh, Qs) = (d, qh, qs);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q5_0;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ5_0 block, Span<float> w)
    {
        float d = (float)block.D;
        for (int j = 0; j < 16; j++)
        {
            int low = (block.Qs[j] & 0xF) | (block.Qh[j / 8] >> (j % 8) & 1) << 4;
            int high = (block.Qs[j] >> 4) | (block.Qh[j / 8 + 2] >> (j % 8) & 1) << 4;
            w[j] = d * (low - 16);
            w[j + 16] = d * (high - 16);
        }
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue * 15;

    /// <inheritdoc/>
    public static BlockQ5_0 Quantize(ReadOnlySpan<float> w)
    {
        Half d = Lanes.Scale(SymmetricSearch.Scale(w[..32], 16));
        Span<byte> q = stackalloc byte[32];
        Codes.Symmetric(w[..32], (float)d, 16, q);
        Bytes16 qs = default;
        Codes.PackNibbles(q, qs);
        Bytes4 qh = default;
        Codes.PackFifthBits(q, qh);
        return new BlockQ5_0(d, qh, qs);
    }
}
