namespace AhnSharp.Gguf;

/// <summary>How a tensor's numbers are stored: the types this engine reads, under ggml's names and numbers.</summary>
/// <remarks>
/// Source: ggml d99724f2, ggml.h enum ggml_type. Every other type of that list is refused by name, see <see cref="GgmlTypes"/>.
/// </remarks>
public enum GgmlType : uint
{
    /// <summary>IEEE binary32.</summary>
    F32 = 0,

    /// <summary>IEEE binary16.</summary>
    F16 = 1,

    /// <summary>32 weights, 4 bits and a scale.</summary>
    Q4_0 = 2,

    /// <summary>32 weights, 4 bits, a scale and a minimum.</summary>
    Q4_1 = 3,

    /// <summary>32 weights, 5 bits and a scale.</summary>
    Q5_0 = 6,

    /// <summary>32 weights, 5 bits, a scale and a minimum.</summary>
    Q5_1 = 7,

    /// <summary>32 weights, 8 bits and a scale.</summary>
    Q8_0 = 8,

    /// <summary>256 weights, 2 bits, 16 scales and minima of 4 bits.</summary>
    Q2_K = 10,

    /// <summary>256 weights, 3 bits, 16 scales of 6 bits.</summary>
    Q3_K = 11,

    /// <summary>256 weights, 4 bits, 8 scales and minima of 6 bits.</summary>
    Q4_K = 12,

    /// <summary>256 weights, 5 bits, 8 scales and minima of 6 bits.</summary>
    Q5_K = 13,

    /// <summary>256 weights, 6 bits, 16 scales of 8 bits.</summary>
    Q6_K = 14,

    /// <summary>32 weights, 4 bits that index 16 unevenly spaced values, and a scale.</summary>
    IQ4_NL = 20,

    /// <summary>256 weights, 4 bits that index the same 16 values, 8 scales of 6 bits.</summary>
    IQ4_XS = 23,

    /// <summary>The upper half of an IEEE binary32.</summary>
    BF16 = 30,
}
