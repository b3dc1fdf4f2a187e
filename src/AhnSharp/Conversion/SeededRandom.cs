using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Conversion;

/// <summary>Random numbers that are the same for the same seed, stream and position on every machine and runtime; eight bytes a step.</summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014). <see cref="Random"/> with a seed draws byte by byte, which is too slow for gigabytes of weights.</remarks>
internal sealed class SeededRandom : Random
{
    private ulong _state;

    /// <param name="seed">The user's.</param>
    /// <param name="stream">What is drawn: a tensor's name.</param>
    /// <param name="position">Which part of it, so that parts can be drawn on several threads.</param>
    public SeededRandom(ulong seed, ReadOnlySpan<char> stream, long position)
    {
        _state = seed;
        foreach (char c in stream) _state = Mix(_state + c);
        _state = Mix(_state + (ulong)position);
    }

    public override void NextBytes(Span<byte> buffer)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(buffer);
        for (int i = 0; i < words.Length; i++) words[i] = NextWord();
        Span<byte> rest = buffer[(words.Length * sizeof(ulong))..];
        for (ulong word = rest.IsEmpty ? 0 : NextWord(); !rest.IsEmpty; rest = rest[1..], word >>= 8) rest[0] = (byte)word;
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override float NextSingle() => (NextWord() >> 40) * (1f / (1 << 24));

    public override double NextDouble() => Sample();

    protected override double Sample() => (NextWord() >> 11) * (1.0 / (1UL << 53));

    private ulong NextWord()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
