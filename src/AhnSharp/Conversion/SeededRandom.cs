using System;
using System.Runtime.InteropServices;
using AhnSharp.Seeds;

namespace AhnSharp.Conversion;

/// <summary>
/// Random numbers that are the same for the same seed, stream and position on every machine and runtime; eight bytes per step.
/// </summary>
/// <remarks>SplitMix64. <see cref="Random"/> with a seed draws byte by byte, which is too slow for gigabytes of weights.</remarks>
internal sealed class SeededRandom : Random
{
    private SplitMix64 _words;

    /// <param name="seed">The user's.</param>
    /// <param name="stream">What is drawn: a tensor's name.</param>
    /// <param name="position">Which part of it, so that parts can be drawn on several threads.</param>
    public SeededRandom(ulong seed, ReadOnlySpan<char> stream, long position)
    {
        ulong state = seed;
        foreach (char c in stream) state = SplitMix64.Mix(state + c);
        _words = new SplitMix64(SplitMix64.Mix(state + (ulong)position));
    }

    public override void NextBytes(Span<byte> buffer)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(buffer);
        for (int i = 0; i < words.Length; i++) words[i] = _words.NextUInt64();
        Span<byte> rest = buffer[(words.Length * sizeof(ulong))..];
        for (ulong word = rest.IsEmpty ? 0 : _words.NextUInt64(); !rest.IsEmpty; rest = rest[1..], word >>= 8) rest[0] = (byte)word;
    }

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override float NextSingle() => (_words.NextUInt64() >> 40) * (1f / (1 << 24));

    public override double NextDouble() => Sample();

    protected override double Sample() => _words.NextDouble();
}
