using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>Q8_0: a scale and 32 signed bytes, 17 words.</summary>
internal readonly struct Q8_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 17L * (k >> 5), at = block + 1 + ((k & 31) >> 1);
        Eight q = new()
        {
            W0 = Words.SignedByte(words, at, 0),
            W1 = Words.SignedByte(words, at, 1),
            W2 = Words.SignedByte(words, at, 2),
            W3 = Words.SignedByte(words, at, 3),
            W4 = Words.SignedByte(words, at, 4),
            W5 = Words.SignedByte(words, at, 5),
            W6 = Words.SignedByte(words, at, 6),
            W7 = Words.SignedByte(words, at, 7),
        };
        return q.Scaled(Words.Half(words[block]), 0);
    }
}

/// <summary>Q4_0: a scale and 32 nibbles, 9 words.</summary>
internal readonly struct Q4_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 9L * (k >> 5);
        int i = k & 31;
        float d = Words.Half(words[block]);
        return Words.Nibbles(words, block + 1 + ((i & 15) >> 1), i < 16 ? 0 : 4).Scaled(d, -8 * d);
    }
}

/// <summary>Q5_0: a scale, 32 fifth bits and 32 nibbles, 11 words.</summary>
internal readonly struct Q5_0Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long block = row + 11L * (k >> 5);
        int i = k & 31, fifth = words[block + 1 + (i >> 4)] >> (i & 15);
        float d = Words.Half(words[block]);
        Eight q = Words.Nibbles(words, block + 3 + ((i & 15) >> 1), i < 16 ? 0 : 4);
        q.W0 += (fifth & 1) * 16;
        q.W1 += ((fifth >> 1) & 1) * 16;
        q.W2 += ((fifth >> 2) & 1) * 16;
        q.W3 += ((fifth >> 3) & 1) * 16;
        q.W4 += ((fifth >> 4) & 1) * 16;
        q.W5 += ((fifth >> 5) & 1) * 16;
        q.W6 += ((fifth >> 6) & 1) * 16;
        q.W7 += ((fifth >> 7) & 1) * 16;
        return q.Scaled(d, -16 * d);
    }
}
