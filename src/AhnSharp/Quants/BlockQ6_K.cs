using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q6_K super-block: 256 weights in 210 bytes (6.5625 bits each), as 16 sub-blocks of 16.</summary>
/// <remarks>
/// w[i] = D·scale[s]·(q[i] − 32)    s = i/16,  q ∈ 0..63,  scale ∈ −128..127
///   byte   0 Ql: 2 × 64 bytes │ 128 Qh: 2 × 32 bytes │ 192 Scales: 16 × i8 │ 208 D f16
///   half h, group g of 32, j in the group: weight 128h + 32g + j
///     low bits  = Ql byte 64h + 32(g%2) + j, low nibble for g = 0, 1, high nibble for g = 2, 3
///     high bits = Qh byte 32h + j, bits 2g, 2g+1
/// Source: ggml d99724f2, ggml-common.h block_q6_K, ggml-quants.c dequantize_row_q6_K.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ6_K : IEncodableBlock<BlockQ6_K>
{
    /// <summary>The four low bits of each weight.</summary>
    public readonly Bytes128 Ql;

    /// <summary>The two high bits of each weight.</summary>
    public readonly Bytes64 Qh;

    /// <summary>16 signed scales.</summary>
    public readonly SBytes16 Scales;

    /// <summary>The scale of the scales.</summary>
    public readonly Half D;

    private BlockQ6_K(Bytes128 ql, Bytes64 qh, SBytes16 scales, Half d) => (Ql, Qh, Scales, D) = (ql, qh, scales, d);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q6_K;

    /// <inheritdoc/>
    public static int Length => 256;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ6_K block, Span<float> w)
    {
        float d = (float)block.D;
        for (int s = 0; s < 16; s++)
        {
            float scale = d * block.Scales[s];
            int half = s / 8, group = s / 2 % 4, j0 = s % 2 * 16;
            int firstLow = 64 * half + 32 * (group % 2) + j0, lowShift = group / 2 * 4;
            int firstHigh = 32 * half + j0, highShift = group * 2;
            for (int j = 0; j < 16; j++)
            {
                int q = (block.Ql[firstLow + j] >> lowShift & 0xF) | (block.Qh[firstHigh + j] >> highShift & 3) << 4;
                w[16 * s + j] = scale * (q - 32);
            }
        }
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue * 127 * 31;

    /// <inheritdoc/>
    public static BlockQ6_K Quantize(ReadOnlySpan<float> w)
    {
        Span<float> found = stackalloc float[16];
        for (int s = 0; s < 16; s++) found[s] = SymmetricSearch.Scale(w.Slice(16 * s, 16), 32);
        // The scale of largest magnitude takes −128, the end that reaches further.
        Half d = Lanes.ReachingScale(TensorPrimitives.MaxMagnitude<float>(found) / -128);

        SBytes16 scales = default;
        Span<byte> q = stackalloc byte[256];
        for (int s = 0; s < 16; s++)
        {
            if (d != (Half)0) scales[s] = (sbyte)Math.Clamp(MathF.Round(found[s] / (float)d), -128, 127);
            Codes.Symmetric(w.Slice(16 * s, 16), (float)d * scales[s], 32, q[(16 * s)..]);
        }

        Bytes128 ql = default;
        Bytes64 qh = default;
        Vector256<byte> nibble = Vector256.Create((byte)0xF);
        for (int half = 0; half < 2; half++)
        {
            Vector256<byte> high6 = default;
            for (int group = 0; group < 4; group++) high6 |= Vector256.Create<byte>(q[(128 * half + 32 * group)..]) >> 4 << (2 * group);
            high6.CopyTo(qh[(32 * half)..]);
            for (int group = 0; group < 2; group++)
            {
                Vector256<byte> lower = Vector256.Create<byte>(q[(128 * half + 32 * group)..]),
                    upper = Vector256.Create<byte>(q[(128 * half + 64 + 32 * group)..]);
                ((lower & nibble) | upper << 4).CopyTo(ql[(64 * half + 32 * group)..]);
            }
        }
        return new BlockQ6_K(ql, qh, scales, d);
    }
}
