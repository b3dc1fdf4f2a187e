using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>The type of one tensor in a mixture.</summary>
/// <param name="Type">As it is written.</param>
/// <param name="Wanted">As the mixture would have it, were the rows whole blocks of that type.</param>
public readonly record struct TypeChoice(GgmlType Type, GgmlType Wanted)
{
    /// <summary>Whether the rows do not divide into blocks of the wanted type.</summary>
    public bool IsFallback => Type != Wanted;
}
