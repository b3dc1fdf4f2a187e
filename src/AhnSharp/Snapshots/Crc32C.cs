using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Snapshots;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), 8 bytes at a time: 0xE3069283 for "123456789".</summary>
internal struct Crc32C
{
    private uint _inverted;

    /// <summary>Of all bytes added.</summary>
    public readonly uint Value => _inverted ^ uint.MaxValue;

    public static Crc32C Start() => new() { _inverted = uint.MaxValue };

    /// <summary>Goes on behind bytes whose checksum is known.</summary>
    public static Crc32C Resume(uint value) => new() { _inverted = value ^ uint.MaxValue };

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        Crc32C crc = Start();
        crc.Append(bytes);
        return crc.Value;
    }

    // Compiled at its best at once: a process that loads a snapshot does so in its first moments.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint crc = _inverted;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, rest);
        _inverted = crc;
    }

    public void Append(uint number) => _inverted = BitOperations.Crc32C(_inverted, number);
}
