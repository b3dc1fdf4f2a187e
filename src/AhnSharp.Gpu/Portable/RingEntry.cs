using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>Entries of keys and values as rings hold them, in 16-bit words. Types: KvType as a number.</summary>
internal static class RingEntry
{
    public const int F32 = 0, F16 = 1, Q8 = 2;

    /// <summary>
    /// Entry <paramref name="d"/> of the row of <paramref name="dim"/> entries that begins at word <paramref name="row"/>.
    /// </summary>
    public static float Read(ArrayView<ushort> words, long row, int d, int dim, int type)
    {
        if (type == F16) return Words.Half(words[row + d]);
        if (type == F32) return Words.Single(words, row + 2L * d);
        return Words.SignedByte(words, row, d) * Words.Half(words[row + dim / 2 + d / 32]);
    }
}
