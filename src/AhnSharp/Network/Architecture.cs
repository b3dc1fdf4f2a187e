using System.Collections.Immutable;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Network;

/// <summary>One row per network that this engine runs: what files call it, and which of the tensors that not all have are there.</summary>
/// <remarks>
/// All rows are the same decoder: RMSNorm before each half of a layer, grouped queries, rotated halves, SwiGLU. What differs beyond a row's
/// columns is no architecture of this engine yet.
/// </remarks>
public sealed class Architecture
{
    private Architecture(string name, string title) => (Name, Title) = (name, title);

    /// <summary>Qwen2 and Qwen2.5.</summary>
    public static Architecture Qwen2 { get; } = new("qwen2", "Qwen2.5")
    {
        CheckpointClass = "Qwen2ForCausalLM",
        HasQkvBias = true,
        ContextLength = 32768,
        Shapes = Qwen2Shapes.All,
    };

    /// <summary>Qwen3 without experts.</summary>
    public static Architecture Qwen3 { get; } = new("qwen3", "Qwen3")
    {
        CheckpointClass = "Qwen3ForCausalLM",
        HasHeadNorms = true,
        ContextLength = 40960,
        Shapes = Qwen3Shapes.All,
    };

    /// <summary>All rows.</summary>
    public static ImmutableArray<Architecture> All { get; } = [Qwen2, Qwen3];

    /// <summary><c>general.architecture</c> of a base model, the prefix of its keys, and <c>model_type</c> of its config.json.</summary>
    public string Name { get; }

    /// <summary><c>general.architecture</c> of a base model merged with its memory: a runtime without one refuses it by name.</summary>
    public string MergedName => Name + "-ahn";

    /// <summary>For people.</summary>
    public string Title { get; }

    /// <summary>The one of <c>architectures</c> in config.json.</summary>
    public string CheckpointClass { get; private init; } = "";

    /// <summary>Whether q, k and v have a bias.</summary>
    public bool HasQkvBias { get; private init; }

    /// <summary>Whether each head of q and k passes an RMSNorm of its own before it is rotated.</summary>
    public bool HasHeadNorms { get; private init; }

    /// <summary>Tokens that the published models were made for.</summary>
    internal int ContextLength { get; private init; }

    /// <summary>The published sizes, smallest first.</summary>
    internal ImmutableArray<PublishedShape> Shapes { get; private init; } = [];

    /// <summary>Every name of a base model, or of one with its memory, as a sentence lists them.</summary>
    public static string KnownNames => string.Join(", ", All.SelectMany(row => new[] { row.Name, row.MergedName }));

    /// <summary>The row of a <c>general.architecture</c>, and whether it is the merged name; null where no row has it.</summary>
    public static (Architecture Row, bool IsMerged)? Find(string name)
    {
        foreach (Architecture row in All)
        {
            if (name == row.Name) return (row, false);
            if (name == row.MergedName) return (row, true);
        }
        return null;
    }

    /// <summary>The row of a <c>general.architecture</c>.</summary>
    /// <exception cref="InvalidModelException">There is none; the sentence lists those that are known.</exception>
    public static (Architecture Row, bool IsMerged) Get(string name) => Find(name) ?? throw new InvalidModelException(
        $"Key general.architecture: expected one of {KnownNames}, found {name}; "
        + $"this engine runs {string.Join(", ", All.Select(row => row.Title))}.");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
