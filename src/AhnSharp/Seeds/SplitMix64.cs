namespace AhnSharp.Seeds;

/// <summary>SplitMix64: uniform numbers that depend on the seed alone, on every platform and runtime.</summary>
/// <remarks>
/// state += 0x9E3779B97F4A7C15 (2^64/φ, odd), then two rounds of xor-shift and multiply; period 2^64. System.Random promises no
/// sequence across versions, so it cannot keep "the same seed gives the same text", nor "the same weights".
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
/// </remarks>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>Uniform in [0, 1): the upper 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The two rounds: every bit of the result depends on every bit of <paramref name="z"/>.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
