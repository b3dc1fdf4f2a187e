using System;
using System.Buffers.Binary;
using System.Numerics;
using AhnSharp.Gguf;

namespace AhnSharp.Hub;

/// <summary>SHA-1 (FIPS 180-4), by which git names what it holds. Against accidents, not against forgers.</summary>
internal sealed class Sha1 : BlockHash
{
    public Sha1() : base([0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0])
    {
    }

    // The names are the standard's.
    protected override void Compress(ReadOnlySpan<byte> block, Span<uint> state)
    {
        Span<uint> w = stackalloc uint[80];
        for (int t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (int t = 16; t < 80; t++) w[t] = BitOperations.RotateLeft(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        (uint a, uint b, uint c, uint d, uint e) = (state[0], state[1], state[2], state[3], state[4]);
        for (int t = 0; t < 80; t++)
        {
            (uint f, uint k) = (t / 20) switch
            {
                0 => ((b & c) ^ (~b & d), 0x5A827999u),
                1 => (b ^ c ^ d, 0x6ED9EBA1u),
                2 => ((b & c) ^ (b & d) ^ (c & d), 0x8F1BBCDCu),
                _ => (b ^ c ^ d, 0xCA62C1D6u),
            };
            (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, BitOperations.RotateLeft(a, 5) + f + e + k + w[t]);
        }
        ReadOnlySpan<uint> added = [a, b, c, d, e];
        for (int i = 0; i < added.Length; i++) state[i] += added[i];
    }
}
