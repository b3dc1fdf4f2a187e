using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AhnSharp.Kernels.Int8;

/// <summary>Turns f32 activations into the words, offsets and sums of <see cref="ActivationBlock"/>, 16 numbers at a time.</summary>
/// <remarks>
/// About 1.5 cycles a number, so that it stays at 1 or 2 % of a prefill. The signed bytes of <see cref="Piece"/> numbers of 4 tokens (or 1)
/// are made first, then set side by side: [token][Piece] → [k-group][token].
/// </remarks>
internal static class Int8Quantizer
{
    /// <summary>Numbers of a token that are packed together.</summary>
    public const int Piece = 256;

    private const float SmallestMagnitude = 1e-30f; // below it 127 / max|x| could overflow; such a block is packed as 0
    private const float RoundingShift = 12582912f; // 1.5·2^23: adding it leaves the nearest integer in the low bits of a small f32
    private const int TokenWords = Piece / 4;

    /// <summary>q = round(x · limit / max|x|); returns the scale max|x| / limit.</summary>
    /// <param name="x">First number.</param>
    /// <param name="length">Numbers under one scale, a multiple of 32.</param>
    /// <param name="limit">127 or 63: the largest q.</param>
    /// <param name="q">First byte.</param>
    public static float Quantize(ref readonly float x, int length, int limit, ref sbyte q)
    {
        // Compared as integers, magnitudes are in the order of the numbers, and NaN is the largest: it goes on to the
        // scale and shows in the product.
        Vector256<int> magnitudes = Vector256<int>.Zero, magnitudeBits = Vector256.Create(int.MaxValue);
        for (nuint i = 0; i < (nuint)length; i += 32)
        {
            Vector256<int> a = Vector256.LoadUnsafe(in x, i).AsInt32() & magnitudeBits,
                b = Vector256.LoadUnsafe(in x, i + 8).AsInt32() & magnitudeBits;
            Vector256<int> c = Vector256.LoadUnsafe(in x, i + 16).AsInt32() & magnitudeBits,
                d = Vector256.LoadUnsafe(in x, i + 24).AsInt32() & magnitudeBits;
            magnitudes = Vector256.Max(Vector256.Max(magnitudes, Vector256.Max(a, b)), Vector256.Max(c, d));
        }
        Vector128<int> largest = Vector128.Max(magnitudes.GetLower(), magnitudes.GetUpper());
        largest = Vector128.Max(largest, Vector128.Shuffle(largest, Vector128.Create(2, 3, 0, 1)));
        largest = Vector128.Max(largest, Vector128.Shuffle(largest, Vector128.Create(1, 0, 3, 2)));
        float magnitude = largest.AsSingle().ToScalar();
        float inverse = magnitude < SmallestMagnitude ? 0 : limit / magnitude;

        Vector256<float> scale = Vector256.Create(inverse), shift = Vector256.Create(RoundingShift);
        for (nuint i = 0; i < (nuint)length; i += 32)
        {
            Vector256<int> a = ((Vector256.LoadUnsafe(in x, i) * scale) + shift).AsInt32();
            Vector256<int> b = ((Vector256.LoadUnsafe(in x, i + 8) * scale) + shift).AsInt32();
            Vector256<int> c = ((Vector256.LoadUnsafe(in x, i + 16) * scale) + shift).AsInt32();
            Vector256<int> d = ((Vector256.LoadUnsafe(in x, i + 24) * scale) + shift).AsInt32();
            Vector256.Narrow(Vector256.Narrow(a, b), Vector256.Narrow(c, d)).StoreUnsafe(ref q, i);
        }
        return magnitude < SmallestMagnitude ? 0 : magnitude / limit;
    }

    /// <summary>Form Words32: every k-group as two i16 pairs, (k0, k2) and (k1, k3).</summary>
    /// <param name="q">[tokens][Piece] bytes.</param>
    /// <param name="groups">k-groups of each token, a multiple of 4.</param>
    /// <param name="tokens">4 or 1.</param>
    /// <param name="words">[groups][2][tokens].</param>
    public static void PackWords32(ref readonly int q, int groups, int tokens, ref int words)
    {
        if (tokens == 1)
        {
            // Sign-extended, k0 k1 k2 k3 only have to change places.
            Vector128<short> order = Vector128.Create((short)0, 2, 1, 3, 4, 6, 5, 7);
            for (nuint g = 0; g < (nuint)groups; g += 4)
            {
                Vector128<sbyte> bytes = Vector128.LoadUnsafe(in q, g).AsSByte();
                Vector128.Shuffle(Vector128.WidenLower(bytes), order).AsInt32().StoreUnsafe(ref words, 2 * g);
                Vector128.Shuffle(Vector128.WidenUpper(bytes), order).AsInt32().StoreUnsafe(ref words, (2 * g) + 4);
            }
            return;
        }
        for (nuint g = 0; g < (nuint)groups; g++)
        {
            Vector128<short> bytes = Group(in q, g).AsInt16();
            Even(bytes).AsInt32().StoreUnsafe(ref words, 8 * g);
            Odd(bytes).AsInt32().StoreUnsafe(ref words, (8 * g) + 4);
        }
    }

    /// <summary>Form Sevens32: the bytes of every k-group, 64 higher.</summary>
    /// <param name="q">[tokens][Piece] bytes, −63..63.</param>
    /// <param name="groups">k-groups of each token, a multiple of 4.</param>
    /// <param name="tokens">4 or 1.</param>
    /// <param name="words">[groups][tokens].</param>
    public static void PackSevens32(ref readonly int q, int groups, int tokens, ref int words)
    {
        Vector128<byte> offset = Vector128.Create(ActivationBlock.SevensOffset);
        for (nuint g = 0; g < (nuint)groups; g += tokens == 1 ? 4u : 1u)
        {
            Vector128<int> bytes = tokens == 1 ? Vector128.LoadUnsafe(in q, g) : Group(in q, g);
            (bytes.AsByte() + offset).AsInt32().StoreUnsafe(ref words, tokens == 1 ? g : 4 * g);
        }
    }

    /// <summary>Form Bytes32: the bytes of every k-group, −8·(s01, s23) of every 32 numbers, and their sum.</summary>
    /// <param name="q">[tokens][Piece] bytes.</param>
    /// <param name="groups">k-groups of each token, a multiple of 8.</param>
    /// <param name="tokens">4 or 1.</param>
    /// <param name="scales">[groups/8][tokens].</param>
    /// <param name="words">[groups][tokens].</param>
    /// <param name="offsets">[groups/8][tokens].</param>
    /// <param name="sums">[groups/8][tokens].</param>
    public static void PackBytes32(
        ref readonly int q, int groups, int tokens, ref readonly float scales, ref int words, ref int offsets, ref float sums)
    {
        for (int g = 0; g < groups; g += 8)
        {
            Vector128<short> pairs = Pack16(in q, g, tokens, ref words) + Pack16(in q, g + 4, tokens, ref words);
            Store(-(pairs << 3), g / 8, tokens, ref offsets);
            Vector128<float> sum = Vector128.ConvertToSingle(Sum(pairs));
            if (tokens == 1) Unsafe.Add(ref sums, g / 8) = sum.ToScalar() * Unsafe.Add(ref Unsafe.AsRef(in scales), g / 8);
            else (sum * Vector128.LoadUnsafe(in scales, (nuint)(g / 2))).StoreUnsafe(ref sums, (nuint)(g / 2));
        }
    }

    /// <summary>
    /// Form Bytes256: the bytes of every k-group, −32·(s01, s23) of every 16 numbers, and the sums of every two 32 numbers.
    /// </summary>
    /// <param name="q">[tokens][Piece] bytes.</param>
    /// <param name="groups">k-groups of each token, a multiple of 16.</param>
    /// <param name="tokens">4 or 1.</param>
    /// <param name="words">[groups][tokens].</param>
    /// <param name="offsets">[groups/4][tokens].</param>
    /// <param name="sums">[groups/16][tokens].</param>
    public static void PackBytes256(ref readonly int q, int groups, int tokens, ref int words, ref int offsets, ref int sums)
    {
        Vector128<int> even = default;
        for (int g = 0; g < groups; g += 8)
        {
            Vector128<short> first = Pack16(in q, g, tokens, ref words), second = Pack16(in q, g + 4, tokens, ref words);
            Store(-(first << 5), g / 4, tokens, ref offsets);
            Store(-(second << 5), (g / 4) + 1, tokens, ref offsets);
            Vector128<int> sum = Sum(first + second);
            if (g % 16 == 0) even = sum;
            else Store(((even & Vector128.Create(0xFFFF)) | (sum << 16)).AsInt16(), g / 16, tokens, ref sums);
        }
    }

    // Copies 4 k-groups; returns the i16 pairs (s01, s23) of these 16 numbers, a token a lane (all lanes the same for 1 token).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Pack16(ref readonly int q, int firstGroup, int tokens, ref int words)
    {
        nuint g = (nuint)firstGroup;
        if (tokens == 1)
        {
            Vector128<int> bytes = Vector128.LoadUnsafe(in q, g);
            bytes.StoreUnsafe(ref words, g);
            Vector128<short> pairs = Even(bytes.AsInt16()) + Odd(bytes.AsInt16());
            pairs += Vector128.Shuffle(pairs.AsInt32(), Vector128.Create(2, 3, 0, 1)).AsInt16();
            return pairs + Vector128.Shuffle(pairs.AsInt32(), Vector128.Create(1, 0, 3, 2)).AsInt16();
        }
        Vector128<int> a = Group(in q, g), b = Group(in q, g + 1), c = Group(in q, g + 2), d = Group(in q, g + 3);
        a.StoreUnsafe(ref words, 4 * g);
        b.StoreUnsafe(ref words, (4 * g) + 4);
        c.StoreUnsafe(ref words, (4 * g) + 8);
        d.StoreUnsafe(ref words, (4 * g) + 12);
        return Even(a.AsInt16()) + Odd(a.AsInt16()) + Even(b.AsInt16()) + Odd(b.AsInt16())
            + Even(c.AsInt16()) + Odd(c.AsInt16()) + Even(d.AsInt16()) + Odd(d.AsInt16());
    }

    // s01 + s23.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Sum(Vector128<short> pairs) => (pairs.AsInt32() << 16 >> 16) + (pairs.AsInt32() >> 16);

    // One k-group of 4 tokens.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Group(ref readonly int q, nuint g) => Vector128.Create(
        Unsafe.Add(ref Unsafe.AsRef(in q), g), Unsafe.Add(ref Unsafe.AsRef(in q), g + TokenWords),
        Unsafe.Add(ref Unsafe.AsRef(in q), g + (2 * TokenWords)), Unsafe.Add(ref Unsafe.AsRef(in q), g + (3 * TokenWords)));

    // Bytes 0 and 2, or 1 and 3, of each 32-bit lane as i16.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Even(Vector128<short> bytes) => bytes << 8 >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Odd(Vector128<short> bytes) => bytes >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<short> pairs, int index, int tokens, ref int to)
    {
        if (tokens == 1) Unsafe.Add(ref to, index) = pairs.AsInt32().ToScalar();
        else pairs.AsInt32().StoreUnsafe(ref to, (nuint)(4 * index));
    }
}
