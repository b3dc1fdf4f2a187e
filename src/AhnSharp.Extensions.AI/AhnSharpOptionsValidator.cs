using System;
using System.Collections.Generic;
using System.IO;
using Microsoft.Extensions.Options;

namespace AhnSharp.Extensions.AI;

/// <summary>Refuses options that no model could follow, all at once, a sentence each; the others are held against the model.</summary>
internal sealed class AhnSharpOptionsValidator : IValidateOptions<AhnSharpOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AhnSharpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string who = string.IsNullOrEmpty(name) ? "AhnSharp" : $"AhnSharp '{name}'";
        List<string> found = [.. Breaches(options)];
        return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found.ConvertAll(one => $"{who}: {one}"));
    }

    private static IEnumerable<string> Breaches(AhnSharpOptions options)
    {
        if (options.Load is null)
        {
            if (string.IsNullOrWhiteSpace(options.ModelPath)) yield return "ModelPath: expected the GGUF file of a model, found none.";
            else if (!File.Exists(options.ModelPath))
                yield return $"ModelPath: expected a file, found none at {Path.GetFullPath(options.ModelPath)}.";
            if (options.AdapterPath is { } adapter && !File.Exists(adapter))
                yield return $"AdapterPath: expected a file, found none at {(adapter.Length == 0 ? "''" : Path.GetFullPath(adapter))}.";
        }
        if (options.ModelId is "") yield return "ModelId: expected a name, found an empty one; leave it out for that of the file.";
        (string Name, long? Value, long Least)[] numbers =
        [
            (nameof(options.Threads), options.Threads, 1), (nameof(options.ChunkTokens), options.ChunkTokens, 1),
            (nameof(options.Window), options.Window, 1), (nameof(options.Sinks), options.Sinks, 0),
            (nameof(options.ContextTokens), options.ContextTokens, 1), (nameof(options.Reach), options.Reach, 1),
            (nameof(options.CacheBytes), options.CacheBytes, 0), ("Embedding.Dimensions", options.Embedding?.Dimensions, 1),
            ("Embedding.TextsTogether", options.Embedding?.TextsTogether, 1),
        ];
        foreach ((string name, long? value, long least) in numbers)
        {
            if (value < least) yield return $"{name}: expected at least {least}, found {value}.";
        }
        if (options.Embedding is null) yield return "Embedding: expected options, found null.";
        if (!Enum.IsDefined(options.Kv)) yield return $"Kv: expected F32, F16 or Q8_0, found {options.Kv}.";
        if (!Enum.IsDefined(options.Activations)) yield return $"Activations: expected a precision, found {options.Activations}.";
        if (options.Memory is { } memory && !Enum.IsDefined(memory))
            yield return $"Memory: expected Full, Window or Ahn, found {memory}.";
    }
}
