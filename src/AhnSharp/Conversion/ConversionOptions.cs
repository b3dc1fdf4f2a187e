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

    /// <summary>Whether a GGUF file that stands under that name may be replaced; never one that is read.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// The types of the matrices, one of <see cref="QuantizationMixture.WritableNames"/>; norms and biases are always F32.
    /// </summary>
    public QuantizationMixture Mixture { get; init; } = QuantizationMixture.Get("q8_0");

    /// <summary>W to write, instead of what the memory's folder says.</summary>
    public int? Window { get; init; }

    /// <summary>S to write, instead of what the memory's folder says.</summary>
    public int? Sinks { get; init; }

    /// <summary>
    /// A GGUF file or Hugging Face folder of the base model, to take an adapter's fingerprint from, or the fingerprint itself, 64
    /// hexadecimal
    /// digits; null writes none.
    /// </summary>
    public string? FingerprintFrom { get; init; }

    /// <summary><c>general.name</c>; null takes the folder's name.</summary>
    public string? Name { get; init; }
}
