using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Q8_0: 32 weights in 34 bytes (8.5 bits each).</summary>
/// <remarks>
/// w[i] = D·q[i]    q ∈ −127..127 as written; −128 is read
///   byte   0 D f16 │ 2 Qs: 32 × i8
/// Source: ggml d99724f2, ggml-common.h block_q8_0, ggml-quants.c dequantize_row_q8_0. Encode: quantize_row_q8_0_ref.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly struct BlockQ8_0 : IEncodableBlock<BlockQ8_0>
{
    /// <summary>The scale.</summary>
    public readonly Half D;

    /// <summary>Signed bytes.</summary>
    public readonly SBytes32 Qs;


    private BlockQ8_0(Half d, SBytes32 qs) => (D, Qs) = (d, qs);

    /// <inheritdoc/>
    public static GgmlType Type => GgmlType.Q8_0;

    /// <inheritdoc/>
    public static int Length => 32;

    /// <inheritdoc/>
    public static void Dequantize(in BlockQ8_0 block, Span<float> w)
    {
        float d = (float)block.D;
        for (int i = 0; i < 32; i++) w[i] = d * block.Qs[i];
    }

    /// <inheritdoc/>
    public static float Largest => (float)Half.MaxValue * 127;

    /// <summary>
    /// Encodes 32 finite weights: q = round(w·127/max|w|), halves away from zero, with the scale of full precision; D is that scale as f16.
    /// </summary>
    public static BlockQ8_0 Quantize(ReadOnlySpan<float> w)
    {
        float d = MathF.Abs(TensorPrimitives.MaxMagnitude(w[..32])) / 127;
        float inverse = 1 / d;
        // The scale of weights below 1e-36 has no finite inverse, and is 0 as f16 anyway.
        if (!float.IsFinite(inverse)) inverse = 0;
        SBytes32 qs = default;
        Vector256.Narrow(
            Vector256.Narrow(Round(w, 0, inverse), Round(w, 8, inverse)),
            Vector256.Narrow(Round(w, 16, inverse), Round(w, 24, inverse))).CopyTo(qs);
        return new BlockQ8_0((Half)d, qs);
    }

    // Halves go away from zero: the largest float below ½ carries x.5 over to x+1 and nothing below it; the conversion cuts the rest off.
    private static Vector256<int> Round(ReadOnlySpan<float> w, int first, float inverse)
    {
        Vector256<float> q = Vector256.Create(w.Slice(first, 8)) * inverse;
        return Vector256.ConvertToInt32(q + Vector256.CopySign(Vector256.Create(0.49999997f), q));
    }
}
