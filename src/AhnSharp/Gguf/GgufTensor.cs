using System;
using System.Collections.Immutable;

namespace AhnSharp.Gguf;

/// <summary>Where one tensor lies in a GGUF file, and as what; proven to lie inside the file when it was opened.</summary>
public sealed record GgufTensor
{
    /// <summary>Its name, such as <c>blk.0.attn_q.weight</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How its numbers are stored.</summary>
    public required GgmlType Type { get; init; }

    /// <summary>1 to 4 sizes, each ≥ 1, fastest dimension first: a matrix of R rows of C weights is [C, R].</summary>
    public required ImmutableArray<long> Shape { get; init; }

    /// <summary>Which part of a split file it lies in, from 0.</summary>
    public required int FileIndex { get; init; }

    /// <summary>Its first byte, from the start of that part.</summary>
    public required long ByteOffset { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long ByteLength { get; init; }

    /// <summary>Weights in all.</summary>
    public required long ElementCount { get; init; }

    /// <summary>Weights of one row, which lie together: <c>Shape[0]</c>.</summary>
    public long RowLength => Shape[0];

    /// <summary>Rows in all: the product of the other sizes.</summary>
    public long RowCount => ElementCount / Shape[0];

    /// <summary>Whether it is a parameter of the AHN memory, not of the base model.</summary>
    public bool IsMemory => IsMemoryName(Name);

    /// <summary>Whether a tensor of this name, <c>blk.N.ahn_…</c>, is a parameter of the AHN memory.</summary>
    public static bool IsMemoryName(string name) => name.Contains(".ahn_", StringComparison.Ordinal);

    /// <summary>Type and shape as error sentences write them: <c>Q4_K [2048, 2048]</c>.</summary>
    public string TypeAndShape => $"{Type} {GgufText.Shape(Shape.AsSpan())}";
}
