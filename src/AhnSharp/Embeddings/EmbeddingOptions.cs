using System;
using AhnSharp.Sessions;

namespace AhnSharp.Embeddings;

/// <summary>How texts become vectors; what is null is as the model's file says.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>null: the file's <c>pooling_type</c>, and the last token where it has none.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>Whether vectors have length 1, so that their dot product is the cosine.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// So many of the first numbers of a vector, cut before it is normalised: for models that were trained for it (Matryoshka), such as
    /// Qwen3-Embedding; null: all.
    /// </summary>
    public int? Dimensions { get; init; }

    /// <summary>
    /// What the texts are wanted for, one sentence, written before each as Qwen3-Embedding was trained with it:
    /// <c>Instruct: …\nQuery:text</c>. For queries; documents stand without one.
    /// </summary>
    public string? Instruction { get; init; }

    /// <summary>
    /// The special token behind every text, by its name; empty: none; null: the file's (<c>add_eos_token</c>), and
    /// <c>&lt;|endoftext|&gt;</c> where a file says that the last token is the vector and leaves open which one that is.
    /// </summary>
    public string? EndToken { get; init; }

    /// <summary>What a text that is longer than a window is seen through; null: the model's default.</summary>
    public SessionOptions? Session { get; init; }

    /// <summary>
    /// Most texts in one pass. Each takes 256 tokens of exact memory at least (29 MB at the shape of Qwen3-0.6B).
    /// </summary>
    public int TextsTogether { get; init; } = 8;

    internal void Check(int hiddenSize, string options)
    {
        if (Dimensions is { } wanted && (wanted < 1 || wanted > hiddenSize))
        {
            throw new ArgumentOutOfRangeException(
                options, $"Expected 1 to {hiddenSize} dimensions, as many as the model's rows have, found {wanted}.");
        }
        if (Pooling is { } pooling && !Enum.IsDefined(pooling))
            throw new ArgumentOutOfRangeException(options, $"Expected the pooling Last or Mean, found {pooling}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(TextsTogether, 1);
    }
}
