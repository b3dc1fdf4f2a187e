using ILGPU;

namespace AhnSharp.Gpu.Portable;

/// <summary>
/// Numbers in 16-bit words, as GGUF blocks and rings hold them: no device needs a type for half precision, nor loads of bytes.
/// </summary>
internal static class Words
{
    /// <summary>An f16 by integer operations, subnormals included.</summary>
    public static float Half(ushort bits)
    {
        uint magnitude = bits & 0x7FFFu, sign = (bits & 0x8000u) << 16;
        // Below 2^-14 the mantissa counts units of 2^-24.
        float value = magnitude < 0x0400u
            ? magnitude * 5.9604645e-8f
            : Interop.IntAsFloat((magnitude << 13) + (magnitude < 0x7C00u ? 0x38000000u : 0x70000000u));
        return sign == 0 ? value : -value;
    }

    /// <summary>The nearest f16, ties to even.</summary>
    public static ushort FromFloat(float value)
    {
        uint bits = Interop.FloatAsInt(value), sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
        uint half;
        if (magnitude > 0x7F800000u) half = 0x7E00u;
        else if (magnitude >= 0x477FF000u) half = 0x7C00u;
        // Adding ½ lets the float unit round to units of 2^-24.
        else if (magnitude < 0x38800000u) half = Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + 0.5f) - 0x3F000000u;
        else half = (magnitude - 0x38000000u + 0x0FFFu + ((magnitude >> 13) & 1u)) >> 13;
        return (ushort)(sign | half);
    }

    /// <summary>An f32 in two words, the low one first.</summary>
    public static float Single(ArrayView<ushort> words, long at) => Interop.IntAsFloat(words[at] | ((uint)words[at + 1] << 16));

    /// <summary>Byte <paramref name="index"/> behind word <paramref name="at"/>.</summary>
    public static int Byte(ArrayView<ushort> words, long at, int index) => (words[at + (index >> 1)] >> ((index & 1) << 3)) & 0xFF;

    /// <summary>The same as a signed byte.</summary>
    public static int SignedByte(ArrayView<ushort> words, long at, int index) => ((Byte(words, at, index) ^ 0x80) - 0x80);

    /// <summary>Nibbles of 8 consecutive bytes behind an even byte: the low or the high ones.</summary>
    public static Eight Nibbles(ArrayView<ushort> words, long at, int shift)
    {
        int a = words[at] >> shift, b = words[at + 1] >> shift, c = words[at + 2] >> shift, d = words[at + 3] >> shift;
        return new Eight
        {
            W0 = a & 0xF,
            W1 = (a >> 8) & 0xF,
            W2 = b & 0xF,
            W3 = (b >> 8) & 0xF,
            W4 = c & 0xF,
            W5 = (c >> 8) & 0xF,
            W6 = d & 0xF,
            W7 = (d >> 8) & 0xF,
        };
    }

    /// <summary>One bit of each of 8 consecutive bytes behind an even byte, times <paramref name="worth"/>, added.</summary>
    public static Eight WithBits(Eight to, ArrayView<ushort> words, long at, int bit, int mask, int worth)
    {
        int a = words[at] >> bit, b = words[at + 1] >> bit, c = words[at + 2] >> bit, d = words[at + 3] >> bit;
        to.W0 += (a & mask) * worth;
        to.W1 += ((a >> 8) & mask) * worth;
        to.W2 += (b & mask) * worth;
        to.W3 += ((b >> 8) & mask) * worth;
        to.W4 += (c & mask) * worth;
        to.W5 += ((c >> 8) & mask) * worth;
        to.W6 += (d & mask) * worth;
        to.W7 += ((d >> 8) & mask) * worth;
        return to;
    }
}
