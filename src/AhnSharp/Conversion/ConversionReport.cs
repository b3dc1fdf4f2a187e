using System.Collections.Immutable;

namespace AhnSharp.Conversion;

/// <summary>What a conversion wrote.</summary>
public sealed record ConversionReport
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary><c>base</c>, <c>merged</c> or <c>adapter</c>.</summary>
    public required string Form { get; init; }

    /// <summary>Its size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Tensors written.</summary>
    public required int TensorCount { get; init; }

    /// <summary>Weights of the base model read; 0 for an adapter.</summary>
    public required long BaseParameters { get; init; }

    /// <summary>Weights of the memory read, with those that have no place in the file; 0 without a memory.</summary>
    public required long AhnParameters { get; init; }

    /// <summary>The memory's kind as <c>ahn.kind</c> has it, or null.</summary>
    public string? Kind { get; init; }

    /// <summary>W written.</summary>
    public int? Window { get; init; }

    /// <summary>S written.</summary>
    public int? Sinks { get; init; }

    /// <summary>The base model's fingerprint written, or null.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Everything that was decided for the user, a sentence each.</summary>
    public required ImmutableArray<string> Notes { get; init; }
}
