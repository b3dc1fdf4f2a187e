using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using AhnSharp.Constraints;
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

    /// <summary>Whether sessions kept before are gone on with, and this one is kept for what comes; where there is a cache.</summary>
    public bool ReusesPrefix { get; init; } = true;

    /// <summary>Whether <see cref="Completion.Sources"/> are recorded, where the session has an archive.</summary>
    public bool RecordsSources { get; init; }

    /// <summary>JSON schemas of the tools that the assistant may call; null where there are none.</summary>
    public IReadOnlyList<JsonNode>? Tools { get; init; }

    /// <summary>Whether the answer calls them; what must be a call is one by the tool's schema, whatever the model finds likely.</summary>
    /// <remarks>Where the model decides, an answer with a constraint is what that allows, or calls of tools.</remarks>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether an answer that must call may call several times.</summary>
    public bool ParallelCalls { get; init; } = true;

    // As the template is given them.
    internal IReadOnlyList<JsonNode>? ShownTools => Tools is { Count: > 0 } && ToolChoice.HasTools ? Tools : null;

    // How the answer is drawn, with what it must be.
    internal GenerationOptions Drawn()
    {
        GenerationOptions generation = Generation ?? new GenerationOptions();
        generation.Validate();
        if (!ToolChoice.MustCall)
        {
            // What the answer must be it need not be where it calls a tool instead.
            return ShownTools is { } tools && generation.Constraint is { } text
                ? generation with { Constraint = Constraint.AnyOf(text, ToolConstraint.Of(tools, ToolChoice.Required, ParallelCalls)) }
                : generation;
        }
        if (generation.Constraint is not null)
        {
            throw new ArgumentException("The answer must be a call of a tool, and must be what a constraint allows: expected one of both.",
                nameof(ToolChoice));
        }
        return generation with { Constraint = ToolConstraint.Of(Tools ?? [], ToolChoice, ParallelCalls) };
    }
}
