using System.Collections.Generic;
using System.Text.Json;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>Everything that the answers depend on but the questions and the memory: results of two setups are never in one file.</summary>
/// <param name="Model">The model's file, for people.</param>
/// <param name="ModelHash">Tells models of one name apart, its memory included.</param>
/// <param name="Window">W where a session has a window.</param>
/// <param name="Sinks">S where a session has a window.</param>
/// <param name="Kv">Entries of the exact memory: f32, f16, q8_0.</param>
/// <param name="MaxPromptTokens">Where prompts are cut.</param>
/// <param name="ChatTemplate">When prompts stand in the chat template.</param>
public sealed record BenchmarkSetup(
    string Model, string ModelHash, int Window, int Sinks, string Kv, int MaxPromptTokens, ChatTemplateUse ChatTemplate)
{
    /// <summary>What a session without an archive says.</summary>
    internal const string NoArchive = "none";

    /// <summary>How sessions keep and ask an archive, in words; null without one.</summary>
    public string? Archive { get; init; }

    /// <summary>Name and value of each, as the first line of a results file has them.</summary>
    internal IReadOnlyList<(string Name, string Value)> Parts =>
    [
        ("model", Model), ("model_hash", ModelHash), ("window", $"{Window}"), ("sinks", $"{Sinks}"), ("kv", Kv),
        ("max_length", $"{MaxPromptTokens}"),
        ("chat_template", ChatTemplate.ToString().ToLowerInvariant()), ("archive", Archive ?? NoArchive),
    ];

    internal void Write(Utf8JsonWriter json)
    {
        foreach ((string name, string value) in Parts) json.WriteString(name, value);
    }
}
