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

    /// <summary>Whether an answer may call several times. Where it may not, it ends behind a call that is held to a schema.</summary>
    public bool ParallelCalls { get; init; } = true;

    /// <summary>
    /// Whether calls that the model makes by itself are held to its tools' schemas: from a call's mark on, the tokens of anything else are
    /// not chosen. Other text is not changed. A tool whose schema says what a constraint cannot do may be called with any object,
    /// and where a tool has no name nothing is held.
    /// </summary>
    public bool HoldsCalls { get; init; } = true;

    // As the template is given them.
    internal IReadOnlyList<JsonNode>? ShownTools => Tools is { Count: > 0 } && ToolChoice.HasTools ? Tools : null;

    // How the answer is drawn, with what it must be.
    internal GenerationOptions Drawn()
    {
        GenerationOptions generation = Generation ?? new GenerationOptions();
        generation.Validate();
        if (!ToolChoice.MustCall)
        {
            if (ShownTools is not { } tools) return generation;
            // What the answer must be it need not be where it calls a tool instead.
            if (generation.Constraint is { } text)
            {
                Constraint calls = ToolConstraint.Of(tools, ToolChoice.Required, ParallelCalls);
                return generation with { Constraint = Constraint.AnyOf(text, calls) };
            }
            return HoldsCalls ? generation with { Calls = ToolConstraint.OfOne(tools), ParallelCalls = ParallelCalls } : generation;
        }
        if (generation.Constraint is not null)
        {
            throw new ArgumentException("The answer must be a call of a tool, and must be what a constraint allows: expected one of both.",
                nameof(ToolChoice));
        }
        return generation with { Constraint = ToolConstraint.Of(Tools ?? [], ToolChoice, ParallelCalls) };
    }
}
