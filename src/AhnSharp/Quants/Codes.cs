using System;
using System.Runtime.Intrinsics;

namespace AhnSharp.Quants;

/// <summary>The last step of every encoder: weights to whole numbers under a given scale, and these into the bits of a block.</summary>
internal static class Codes
{
    /// <summary>q = round(w/d) + n, in 0..2n−1; n where d is 0.</summary>
    public static void Symmetric(ReadOnlySpan<float> w, float d, int n, Span<byte> q)
    {
        Vector256<float> inverse = Vector256.Create(d == 0 ? 0 : 1 / d), low = Vector256.Create((float)-n), high = Vector256.Create(n - 1f);
        for (int i = 0; i < w.Length; i += 8) Lanes.StoreBytes(Lanes.Round(Lanes.Load(w, i) * inverse, low, high) - low, q[i..]);
    }

    /// <summary>q = round((w − offset)/scale), in 0..n; 0 where the scale is 0.</summary>
    public static void Affine(ReadOnlySpan<float> w, float scale, float offset, int n, Span<byte> q)
    {
        Vector256<float> inverse = Vector256.Create(scale == 0 ? 0 : 1 / scale), from = Vector256.Create(offset),
            high = Vector256.Create((float)n);
        for (int i = 0; i < w.Length; i += 8)
            Lanes.StoreBytes(Lanes.Round((Lanes.Load(w, i) - from) * inverse, Vector256<float>.Zero, high), q[i..]);
    }

    /// <summary>The four low bits of 32 values: byte j holds values j and 16+j.</summary>
    public static void PackNibbles(ReadOnlySpan<byte> q, Span<byte> nibbles)
    {
        Vector128<byte> low = Vector128.Create(q[..16]), high = Vector128.Create(q[16..32]);
        ((low & Vector128.Create((byte)0xF)) | high << 4).CopyTo(nibbles);
    }

    /// <summary>The fifth bits of 32 values: byte i/8 holds that of value i as its bit i%8.</summary>
    public static void PackFifthBits(ReadOnlySpan<byte> q, Span<byte> bits)
    {
        for (int i = 0; i < 32; i++) bits[i / 8] |= (byte)(q[i] >> 4 << (i % 8));
    }
}
