using System;
using AhnSharp.Sessions;

namespace AhnSharp.Embeddings;

/// <summary>How documents are ranked; the defaults are what Qwen3-Reranker was trained with.</summary>
public sealed record RerankOptions
{
    /// <summary>What makes a document fit, one sentence.</summary>
    public string Instruction { get; init; } = "Given a web search query, retrieve relevant passages that answer the query";

    /// <summary>The answer that says that a document fits; one token of the model.</summary>
    public string Yes { get; init; } = "yes";

    /// <summary>The answer that says that it does not; one token of the model.</summary>
    public string No { get; init; } = "no";

    /// <summary>What a prompt that is longer than a window is seen through; null: the model's default.</summary>
    public SessionOptions? Session { get; init; }

    /// <summary>Most documents in one pass. Each takes 256 tokens of exact memory at least (29 MB at the shape of Qwen3-0.6B).</summary>
    public int DocumentsTogether { get; init; } = 8;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Instruction);
        ArgumentOutOfRangeException.ThrowIfLessThan(DocumentsTogether, 1);
    }
}
