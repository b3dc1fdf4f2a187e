using AhnSharp.Gguf;

namespace AhnSharp.Conversion;

/// <summary>What to convert, and how.</summary>
public sealed record ConversionOptions
{
    /// <summary>The base model's Hugging Face folder; null makes an adapter.</summary>
    public string? BaseFolder { get; init; }

    /// <summary>The memory's Hugging Face folder; null makes a plain base file.</summary>
    public string? AhnFolder { get; init; }

    /// <summary>The GGUF file to write.</summary>
    public required string Output { get; init; }

    /// <summary>F32, F16, BF16 or Q8_0, for matrices; norms and biases are always F32, and the memory's matrices are F16 where this is Q8_0.</summary>
    public GgmlType Type { get; init; } = GgmlType.Q8_0;

    /// <summary>W to write, instead of what the memory's folder says.</summary>
    public int? Window { get; init; }

    /// <summary>S to write, instead of what the memory's folder says.</summary>
    public int? Sinks { get; init; }

    /// <summary>A GGUF file or Hugging Face folder of the base model, to take an adapter's fingerprint from; null writes none.</summary>
    public string? FingerprintFrom { get; init; }

    /// <summary><c>general.name</c>; null takes the folder's name.</summary>
    public string? Name { get; init; }
}
