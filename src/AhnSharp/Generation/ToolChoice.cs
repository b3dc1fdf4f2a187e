using System;

namespace AhnSharp.Generation;

/// <summary>Whether an answer calls tools.</summary>
public sealed record ToolChoice
{
    private ToolChoice(bool hasTools, bool mustCall, string? name) => (HasTools, MustCall, Name) = (hasTools, mustCall, name);

    /// <summary>The model decides.</summary>
    public static ToolChoice Auto { get; } = new(true, false, null);

    /// <summary>It calls none: the model is not told of them.</summary>
    public static ToolChoice None { get; } = new(false, false, null);

    /// <summary>It calls at least one, with arguments by the tool's schema.</summary>
    public static ToolChoice Required { get; } = new(true, true, null);

    /// <summary>Whether the model is told of the tools.</summary>
    public bool HasTools { get; }

    /// <summary>Whether nothing but calls can be written.</summary>
    public bool MustCall { get; }

    /// <summary>The one tool that must be called; null: any.</summary>
    public string? Name { get; }

    /// <summary>It calls this tool.</summary>
    public static ToolChoice Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ToolChoice(true, true, name);
    }
}
