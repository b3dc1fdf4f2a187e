namespace AhnSharp.Gpu.Kernels;

/// <summary>What stands before the first and behind the last layer.</summary>
internal sealed record HeadSource
{
    public required MatrixSource Embedding { get; init; } // [V, E]
    public required float[] OutputNorm { get; init; } // [E]
    public MatrixSource? Output { get; init; } // [V, E]; null: the embedding

    /// <summary>Whether this device makes the logits; else it embeds only, and needs no output matrix.</summary>
    public bool MakesLogits { get; init; } = true;
}
