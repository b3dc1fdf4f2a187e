using System;

namespace AhnSharp.Conversion;

/// <summary>What to quantize, and how.</summary>
public sealed record QuantizationOptions
{
    /// <summary>The GGUF file to read: a base model, one merged with its memory, or an adapter; any part of a split one.</summary>
    public required string Input { get; init; }

    /// <summary>The GGUF file to write; never one that is read.</summary>
    public required string Output { get; init; }

    /// <summary>Whether a GGUF file that stands under that name may be replaced; never one that is read.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The types to write, one of <see cref="QuantizationMixture.WritableNames"/>.</summary>
    public required QuantizationMixture Mixture { get; init; }

    /// <summary>Whether tensors that are coarser than Q8_0 already may be quantized again.</summary>
    public bool Requantize { get; init; }

    /// <summary>Threads that encode; the bytes do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
