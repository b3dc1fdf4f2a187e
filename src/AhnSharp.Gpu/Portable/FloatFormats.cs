using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>IEEE binary32, two words per weight.</summary>
internal readonly struct F32Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long at = row + 2L * k;
        return new Eight
        {
            W0 = Words.Single(words, at),
            W1 = Words.Single(words, at + 2),
            W2 = Words.Single(words, at + 4),
            W3 = Words.Single(words, at + 6),
            W4 = Words.Single(words, at + 8),
            W5 = Words.Single(words, at + 10),
            W6 = Words.Single(words, at + 12),
            W7 = Words.Single(words, at + 14),
        };
    }
}

/// <summary>IEEE binary16, a word per weight.</summary>
internal readonly struct F16Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long at = row + k;
        return new Eight
        {
            W0 = Words.Half(words[at]),
            W1 = Words.Half(words[at + 1]),
            W2 = Words.Half(words[at + 2]),
            W3 = Words.Half(words[at + 3]),
            W4 = Words.Half(words[at + 4]),
            W5 = Words.Half(words[at + 5]),
            W6 = Words.Half(words[at + 6]),
            W7 = Words.Half(words[at + 7]),
        };
    }
}

/// <summary>The upper half of a binary32, a word per weight.</summary>
internal readonly struct BF16Format : IWeightFormat
{
    /// <inheritdoc/>
    public Eight Decode(ArrayView<ushort> words, long row, int k)
    {
        long at = row + k;
        return new Eight
        {
            W0 = Interop.IntAsFloat((uint)words[at] << 16),
            W1 = Interop.IntAsFloat((uint)words[at + 1] << 16),
            W2 = Interop.IntAsFloat((uint)words[at + 2] << 16),
            W3 = Interop.IntAsFloat((uint)words[at + 3] << 16),
            W4 = Interop.IntAsFloat((uint)words[at + 4] << 16),
            W5 = Interop.IntAsFloat((uint)words[at + 5] << 16),
            W6 = Interop.IntAsFloat((uint)words[at + 6] << 16),
            W7 = Interop.IntAsFloat((uint)words[at + 7] << 16),
        };
    }
}
