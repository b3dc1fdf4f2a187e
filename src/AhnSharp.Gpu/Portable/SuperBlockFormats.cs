using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>Q4_K: two scales, 8 × (6-bit scale, 6-bit min) in 12 bytes, 256 nibbles; 72 words.</summary>
internal readonly struct Q4_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 72L * (k >> 8);
        int i = k & 255, s = i >> 5;
        Eight q = Words.Nibbles(words, block + 8 + 16 * (s >> 1) + ((i & 31) >> 1), (s & 1) * 4);
        return SixBits.Scaled(q, words, block, s);
    }
}

/// <summary>Q5_K: as Q4_K, with 256 fifth bits (bit s of byte j: weight 32s + j) before the nibbles; 88 words.</summary>
internal readonly struct Q5_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 88L * (k >> 8);
        int i = k & 255, s = i >> 5, pair = (i & 31) >> 1;
        Eight q = Words.Nibbles(words, block + 24 + 16 * (s >> 1) + pair, (s & 1) * 4);
        q = Words.WithBits(q, words, block + 8 + pair, s, 1, 16);
        return SixBits.Scaled(q, words, block, s);
    }
}

/// <summary>Q6_K: 256 nibbles, 256 × 2 upper bits, 16 signed scales, a scale; 105 words.</summary>
internal readonly struct Q6_KFormat : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 105L * (k >> 8);
        int half = (k & 255) >> 7, quarter = (k & 127) >> 5, l = k & 31;
        Eight q = Words.Nibbles(words, block + 32 * half + 16 * (quarter & 1) + (l >> 1), (quarter >> 1) * 4);
        q = Words.WithBits(q, words, block + 64 + 16 * half + (l >> 1), 2 * quarter, 3, 16);
        float d = Words.Half(words[block + 104]) * Words.SignedByte(words, block + 96, 8 * half + 2 * quarter + (l >> 4));
        return q.Scaled(d, -32 * d);
    }
}

/// <summary>
/// Scales and mins of Q4_K and Q5_K: sub-blocks 0..3 own the low 6 bits of bytes 0..7, 4..7 take nibbles of
/// bytes 8..11 and the spare top bits.
/// </summary>
internal static class SixBits
{
    /// <summary>D·scale[s]·q − DMin·min[s].</summary>
    public static Eight Scaled(Eight q, ArrayView<ushort> words, long block, int s)
    {
        long at = block + 2;
        int scale, min;
        if (s < 4)
        {
            scale = Words.Byte(words, at, s) & 63;
            min = Words.Byte(words, at, s + 4) & 63;
        }
        else
        {
            int both = Words.Byte(words, at, s + 4);
            scale = (both & 0xF) | ((Words.Byte(words, at, s - 4) >> 6) << 4);
            min = (both >> 4) | ((Words.Byte(words, at, s) >> 6) << 4);
        }
        return q.Scaled(Words.Half(words[block]) * scale, -(Words.Half(words[block + 1]) * min));
    }
}
