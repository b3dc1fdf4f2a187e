namespace AhnSharp.Conversion;

/// <summary>What a quantization wrote.</summary>
public sealed record QuantizationReport
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>What became of each tensor.</summary>
    public required QuantizationPlan Plan { get; init; }

    /// <summary>The size of the input, of all its parts.</summary>
    public required long FileBytesBefore { get; init; }

    /// <summary>The size of the file.</summary>
    public required long FileBytesAfter { get; init; }
}
