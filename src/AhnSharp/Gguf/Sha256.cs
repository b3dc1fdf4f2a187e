using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace AhnSharp.Gguf;

/// <summary>SHA-256 (FIPS 180-4) in managed code.</summary>
internal sealed class Sha256 : BlockHash
{
    // The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static readonly uint[] s_constants = Constants();

    /// <summary>Begins a hash: the first 32 bits of the fractions of the square roots of the first 8 primes.</summary>
    public Sha256() : base([0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19])
    {
    }

    // The names are the standard's. Compiled at its best at once: what is hashed is hashed in the first moments of a process.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Compress(ReadOnlySpan<byte> block, Span<uint> state)
    {
        Span<uint> w = stackalloc uint[64];
        for (int t = 0; t < 16; t++) w[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(4 * t)..]);
        for (int t = 16; t < 64; t++)
        {
            uint s0 = Rotate(w[t - 15], 7) ^ Rotate(w[t - 15], 18) ^ (w[t - 15] >> 3),
                s1 = Rotate(w[t - 2], 17) ^ Rotate(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        (uint a, uint b, uint c, uint d) = (state[0], state[1], state[2], state[3]);
        (uint e, uint f, uint g, uint h) = (state[4], state[5], state[6], state[7]);
        for (int t = 0; t < 64; t++)
        {
            uint t1 = h + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25)) + ((e & f) ^ (~e & g)) + s_constants[t] + w[t];
            uint t2 = (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }
        ReadOnlySpan<uint> added = [a, b, c, d, e, f, g, h];
        for (int i = 0; i < added.Length; i++) state[i] += added[i];
    }

    private static uint Rotate(uint x, int bits) => BitOperations.RotateRight(x, bits);

    private static uint[] Constants()
    {
        uint[] constants = new uint[64];
        for (int count = 0, n = 2; count < constants.Length; n++)
        {
            bool prime = true;
            for (int divisor = 2; divisor * divisor <= n; divisor++) prime &= n % divisor != 0;
            if (!prime) continue;
            // ⌊∛(n·2^96)⌋ by bisection in whole numbers: its low 32 bits are the fraction.
            BigInteger wanted = (BigInteger)n << 96, low = 0, high = BigInteger.One << 36;
            while (high - low > 1)
            {
                BigInteger middle = (low + high) >> 1;
                if (middle * middle * middle <= wanted) low = middle;
                else high = middle;
            }
            constants[count++] = (uint)(low & uint.MaxValue);
        }
        return constants;
    }
}
