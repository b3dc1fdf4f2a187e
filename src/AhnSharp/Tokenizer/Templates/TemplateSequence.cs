using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>What Python makes of several values, where it is no list.</summary>
internal enum TemplateSequenceKind
{
    Tuple,
    Range,
    Keys,      // of a mapping
    Values,    // of a mapping
    Items,     // of a mapping: tuples of two
    Generator, // what select, map and their kin give: gone through once, without a length
}

/// <summary>Several values that are no list: they print, compare and count otherwise.</summary>
internal sealed class TemplateSequence(TemplateSequenceKind kind, IEnumerable<object?> items) : List<object?>(items)
{
    public TemplateSequenceKind Kind => kind;

    /// <summary>Of a generator: how many were taken.</summary>
    public int Taken { get; set; }

    /// <summary>How Python prints a range; of other kinds empty.</summary>
    public string Printed { get; init; } = "";

    /// <summary>Whether the tuple is one of groupby, whose two items have the names grouper and list.</summary>
    public bool IsGroup { get; init; }

    public bool IsView => kind is TemplateSequenceKind.Keys or TemplateSequenceKind.Values or TemplateSequenceKind.Items;

    public static TemplateSequence Tuple(params object?[] items) => new(TemplateSequenceKind.Tuple, items);

    public static TemplateSequence Generator(List<object?> items) => new(TemplateSequenceKind.Generator, items);
}
