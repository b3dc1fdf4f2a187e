using System.Collections.Generic;
using System.Text.Json.Nodes;
using AhnSharp.Sessions;

namespace AhnSharp.Generation;

/// <summary>How a whole conversation is answered.</summary>
public sealed record CompletionOptions
{
    /// <summary>How the answer is drawn, and where it ends; null: the defaults.</summary>
    public GenerationOptions? Generation { get; init; }

    /// <summary>What is kept of the text, and how; null: the model's defaults. Only sessions that keep the same are reused.</summary>
    public SessionOptions? Session { get; init; }

    /// <summary>
    /// Whether the answer begins with thoughts, where the template knows <c>enable_thinking</c>; null leaves it to the template.
    /// </summary>
    public bool? Thinking { get; init; }

    /// <summary>JSON schemas of the tools that the assistant may call; null where there are none.</summary>
    public IReadOnlyList<JsonNode>? Tools { get; init; }
}
