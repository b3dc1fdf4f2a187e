using System;
using System.Diagnostics.CodeAnalysis;

namespace AhnSharp.Gguf;

/// <summary>Sizes and names of <see cref="GgmlType"/>; the names of the types this engine refuses are known here too.</summary>
public static class GgmlTypes
{
    /// <summary>Every type this engine reads, for sentences that list them.</summary>
    public const string Known = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS";

    /// <summary>Weights in one block: 1 for plain floats, else 32 or 256.</summary>
    public static int BlockLength(this GgmlType type) => Layout(type).Length;

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(this GgmlType type) => Layout(type).Bytes;

    /// <summary>Bytes of a row (or any run of whole blocks) of <paramref name="elements"/> weights.</summary>
    /// <exception cref="ArgumentException">The row does not end with a block.</exception>
    public static long RowBytes(this GgmlType type, long elements)
    {
        (int length, int bytes) = Layout(type);
        (long blocks, long rest) = Math.DivRem(elements, length);
        if (rest != 0 || elements < 0)
        {
            throw new ArgumentException(
                $"A row of {elements} weights is not a whole number of {type} blocks of {length}.", nameof(elements));
        }
        return checked(blocks * bytes);
    }

    /// <summary>The type of that name, in any case (<c>q8_0</c>, <c>Q8_0</c>).</summary>
    public static bool TryParse([NotNullWhen(true)] string? name, out GgmlType type)
    {
        foreach (GgmlType candidate in Enum.GetValues<GgmlType>())
        {
            if (string.Equals(name, candidate.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                type = candidate;
                return true;
            }
        }
        type = default;
        return false;
    }

    /// <summary>The type of that name, or a sentence that lists the names.</summary>
    /// <exception cref="InvalidModelException">No such type, or one that this engine does not read.</exception>
    public static GgmlType Parse(string name) => TryParse(name, out GgmlType type)
        ? type
        : throw new InvalidModelException($"{GgufText.Quote(name)} is not a tensor type this engine reads; expected one of {Known}.");

    /// <summary>Whether the number in a file is a type this engine reads.</summary>
    internal static bool IsKnown(uint number) => Enum.IsDefined((GgmlType)number);

    /// <summary>ggml's name of a type number, also of those that are refused.</summary>
    internal static string NameOf(uint number) => IsKnown(number) ? ((GgmlType)number).ToString() : number switch
    {
        4 => "Q4_2",
        5 => "Q4_3",
        9 => "Q8_1",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        21 => "IQ3_S",
        22 => "IQ2_S",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        31 => "Q4_0_4_4",
        32 => "Q4_0_4_8",
        33 => "Q4_0_8_8",
        34 => "TQ1_0",
        35 => "TQ2_0",
        36 => "IQ4_NL_4_4",
        37 => "IQ4_NL_4_8",
        38 => "IQ4_NL_8_8",
        39 => "MXFP4",
        40 => "NVFP4",
        41 => "Q1_0",
        42 => "Q2_0",
        _ => $"number {number}",
    };

    private static (int Length, int Bytes) Layout(GgmlType type) => type switch
    {
        GgmlType.F32 => (1, 4),
        GgmlType.F16 => (1, 2),
        GgmlType.BF16 => (1, 2),
        GgmlType.Q4_0 => (32, 18),
        GgmlType.Q4_1 => (32, 20),
        GgmlType.Q5_0 => (32, 22),
        GgmlType.Q5_1 => (32, 24),
        GgmlType.Q8_0 => (32, 34),
        GgmlType.IQ4_NL => (32, 18),
        GgmlType.Q2_K => (256, 84),
        GgmlType.Q3_K => (256, 110),
        GgmlType.Q4_K => (256, 144),
        GgmlType.Q5_K => (256, 176),
        GgmlType.Q6_K => (256, 210),
        GgmlType.IQ4_XS => (256, 136),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, $"Not a type this engine reads; expected one of {Known}."),
    };
}
