namespace AhnSharp.Quants;

/// <summary>The 8 scales and 8 minima of 6 bits each in the 12 bytes of Q4_K and Q5_K.</summary>
/// <remarks>
/// Pairs 0..3 own the low 6 bits of bytes 0..7; pairs 4..7 take nibbles of bytes 8..11 and the spare top bits of bytes 0..7.
/// </remarks>
internal static class SixBitPairs
{
    public static (int Scale, int Min) Get(in Bytes12 bytes, int pair) => pair < 4
        ? (bytes[pair] & 63, bytes[pair + 4] & 63)
        : ((bytes[pair + 4] & 0xF) | bytes[pair - 4] >> 6 << 4, bytes[pair + 4] >> 4 | bytes[pair] >> 6 << 4);

    /// <summary>Adds a pair to bytes in which it is still 0.</summary>
    public static void Set(ref Bytes12 bytes, int pair, int scale, int min)
    {
        if (pair < 4)
        {
            bytes[pair] |= (byte)scale;
            bytes[pair + 4] |= (byte)min;
            return;
        }
        bytes[pair + 4] |= (byte)((scale & 0xF) | (min & 0xF) << 4);
        bytes[pair - 4] |= (byte)(scale >> 4 << 6);
        bytes[pair] |= (byte)(min >> 4 << 6);
    }
}
