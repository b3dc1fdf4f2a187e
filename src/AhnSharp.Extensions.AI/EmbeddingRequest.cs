using System;
using System.Collections.Generic;
using System.Text.Json;
using AhnSharp.Embeddings;
using Microsoft.Extensions.AI;

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
        if (asked.ModelId is { } wanted && wanted != modelId)
            throw new NotSupportedException($"ModelId: expected '{modelId}', the model that is here, found '{wanted}'.");
        EmbeddingOptions options = asked.RawRepresentationFactory?.Invoke(generator) switch
        {
            null => defaults,
            EmbeddingOptions own => own with { Session = own.Session ?? defaults.Session },
            { } other => throw new NotSupportedException(
                $"RawRepresentationFactory: expected {typeof(EmbeddingOptions)}, found {other.GetType()}."),
        };
        if (asked.Dimensions is { } dimensions) options = options with { Dimensions = dimensions };
        foreach ((string name, object? value) in (IEnumerable<KeyValuePair<string, object?>>?)asked.AdditionalProperties ?? [])
        {
            options = name switch
            {
                "pooling" => options with { Pooling = PoolingOf(value) },
                "normalize" => options with { Normalize = BoolOf(name, value) },
                "instruction" => options with { Instruction = TextOf(name, value) },
                _ => throw new NotSupportedException(
                    $"AdditionalProperties '{name}': expected pooling, normalize or instruction, which is what an embedding can follow."),
            };
        }
        return options;
    }

    private static Pooling? PoolingOf(object? value)
    {
        if (value is null or Pooling) return (Pooling?)value;
        string text = TextOf("pooling", value)!;
        if (text.Equals("last", StringComparison.OrdinalIgnoreCase)) return Pooling.Last;
        if (text.Equals("mean", StringComparison.OrdinalIgnoreCase)) return Pooling.Mean;
        throw new NotSupportedException($"AdditionalProperties 'pooling': expected last or mean, found '{text}'.");
    }

    private static bool BoolOf(string name, object? value) => value switch
    {
        bool one => one,
        JsonElement { ValueKind: JsonValueKind.True } => true,
        JsonElement { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(name, "true or false", value),
    };

    private static string? TextOf(string name, object? value) => value switch
    {
        null => null,
        string one => one,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        _ => throw Wrong(name, "a text", value),
    };

    private static NotSupportedException Wrong(string name, string expected, object? found) =>
        new($"AdditionalProperties '{name}': expected {expected}, found {(found is null ? "null" : $"{found} ({found.GetType().Name})")}.");
}
