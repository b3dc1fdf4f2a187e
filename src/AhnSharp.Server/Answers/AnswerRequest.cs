using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using AhnSharp.Generation;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Answers;

/// <summary>What a client asks for, whichever interface it speaks.</summary>
internal sealed record AnswerRequest
{
    /// <summary>The model as it is named; null: the default one.</summary>
    public string? Model { get; init; }

    /// <summary>The conversation, the last turn to be answered; empty where <see cref="Text"/> is gone on with.</summary>
    public IReadOnlyList<ChatMessage> Turns { get; init; } = [];

    /// <summary>A text that is gone on with as it stands; null: a conversation.</summary>
    public string? Text { get; init; }

    /// <summary>How the answer is drawn; its constraint as the client wrote it.</summary>
    public required GenerationOptions Generation { get; init; }

    /// <summary>Functions that the answer may call.</summary>
    public IReadOnlyList<JsonNode>? Tools { get; init; }

    /// <summary>Whether it calls them.</summary>
    public ToolChoice ToolChoice { get; init; } = ToolChoice.Auto;

    /// <summary>Whether it may call several times.</summary>
    public bool ParallelCalls { get; init; } = true;

    /// <summary>Whether it begins with thoughts; null: as the template has it.</summary>
    public bool? Thinking { get; init; }

    /// <summary>How many answers.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether kept beginnings are used.</summary>
    public bool ReusesPrefix { get; init; } = true;

    /// <summary>Documents that it is about.</summary>
    public IReadOnlyList<string> Documents { get; init; } = [];

    /// <summary>Whether the passages that were looked up are told.</summary>
    public bool WantsSources { get; init; }

    /// <summary>How long the model stays without requests afterwards; null: as before.</summary>
    public TimeSpan? KeepAlive { get; init; }

    /// <summary>Whether the answer comes in pieces.</summary>
    public bool Streams { get; init; }
}
