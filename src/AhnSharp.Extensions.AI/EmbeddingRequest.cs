using System;
using System.Collections.Generic;
using AhnSharp.Embeddings;
using Microsoft.Extensions.AI;
using static AhnSharp.Extensions.AI.RequestValues;

namespace AhnSharp.Extensions.AI;

/// <summary>What a request asks for, as the engine's options; what it asks for and cannot get is refused by its name.</summary>
internal static class EmbeddingRequest
{
    /// <param name="defaults">What it does not say.</param>
    /// <param name="asked">The request.</param>
    /// <param name="modelId">The model that there is.</param>
    /// <param name="generator">The generator that is asked.</param>
    public static EmbeddingOptions Read(
        EmbeddingOptions defaults, EmbeddingGenerationOptions? asked, string modelId, IEmbeddingGenerator generator)
    {
        if (asked is null) return defaults;
        CheckModel(asked.ModelId, modelId);
        EmbeddingOptions options = Own<EmbeddingOptions>(asked.RawRepresentationFactory?.Invoke(generator)) is { } own
            ? own with { Session = own.Session ?? defaults.Session }
            : defaults;
        if (asked.Dimensions is { } dimensions) options = options with { Dimensions = dimensions };
        foreach ((string name, object? value) in (IEnumerable<KeyValuePair<string, object?>>?)asked.AdditionalProperties ?? [])
        {
            options = name switch
            {
                "pooling" => options with { Pooling = PoolingOf(value) },
                "normalize" => options with { Normalize = Flag(name, value) },
                "instruction" => options with { Instruction = value is null ? null : Text(name, value) },
                _ => throw new NotSupportedException(
                    $"AdditionalProperties '{name}': expected pooling, normalize or instruction, which is what an embedding can follow."),
            };
        }
        return options;
    }

    private static Pooling? PoolingOf(object? value)
    {
        if (value is null or Pooling) return (Pooling?)value;
        string text = Text("pooling", value);
        if (text.Equals("last", StringComparison.OrdinalIgnoreCase)) return Pooling.Last;
        if (text.Equals("mean", StringComparison.OrdinalIgnoreCase)) return Pooling.Mean;
        throw new NotSupportedException($"AdditionalProperties 'pooling': expected last or mean, found '{text}'.");
    }
}
