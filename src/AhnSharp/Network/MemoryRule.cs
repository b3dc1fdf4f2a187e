using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Network;

/// <summary>One row per kind of memory: its words, what a ring keeps for it, and which tensors it has.</summary>
/// <remarks>Its arithmetic is in Hippocampus.</remarks>
public sealed class MemoryRule
{
    private MemoryRule(HippocampusKind kind, string name, string word, string? shortWord = null) =>
        (Kind, Name, Word, ShortWord) = (kind, name, word, shortWord);

    /// <summary>All rows, in the order of <see cref="Number"/>.</summary>
    public static ImmutableArray<MemoryRule> All { get; } =
    [
        new(HippocampusKind.DeltaNet, "DeltaNet", "deltanet", "dn"),
        new(HippocampusKind.GatedDeltaNet, "GatedDeltaNet", "gated_deltanet", "gdn")
        {
            WriteGatesPerHead = 2, Decays = true, HasAlpha = true, UnusedInCheckpoint = "D",
        },
        new(HippocampusKind.Mamba2, "Mamba2", "mamba2")
        {
            Decays = true, DecaysByStrength = true, WriteSymbol = "Δ", CheckpointBeta = "dt_proj", AddsProjectionBias = true,
            HasGateBias = true, CheckpointNorm = "norm", NormsAllHeads = true,
        },
    ];

    /// <summary>Which rule: what arithmetic is chosen by.</summary>
    public HippocampusKind Kind { get; }

    /// <summary>As people and <c>_ahn_implementation</c> of a config.json call it.</summary>
    public string Name { get; }

    /// <summary>The word of <c>ahn.kind</c>.</summary>
    public string Word { get; }

    /// <summary>What a command line may call it besides <see cref="Name"/>; null where that is short already.</summary>
    public string? ShortWord { get; }

    /// <summary>In snapshots, where 0 is no memory.</summary>
    public int Number => (int)Kind + 1;

    /// <summary>What the strength of a write is called.</summary>
    public string WriteSymbol { get; private init; } = "β";

    /// <summary>
    /// Numbers per head and token that the ring keeps until the token leaves: β, or β and the log decay (GDN), or Δ (Mamba2).
    /// </summary>
    public int WriteGatesPerHead { get; private init; } = 1;

    /// <summary>Rows per head of the product that makes a token's gates: those of writing, and γ of reading.</summary>
    public int GatesPerHead => WriteGatesPerHead + 1;

    /// <summary>Whether a write fades with the tokens after it; else it stays until another to the same key replaces it.</summary>
    public bool Decays { get; private init; }

    /// <summary>Whether the log decay is not kept beside a token but follows from what is: −Δ·exp(A_log).</summary>
    /// <remarks>So exp(A_log) must be known to describe a session.</remarks>
    public bool DecaysByStrength { get; private init; }

    /// <summary>Whether one norm runs over all heads together, [H·D]; else each head on its own, [D].</summary>
    public bool NormsAllHeads { get; private init; }

    internal bool HasAlpha { get; private init; }

    internal bool HasGateBias { get; private init; }

    /// <summary>Whether checkpoints have a second bias of the write strength, which files have added to the first.</summary>
    internal bool AddsProjectionBias { get; private init; }

    internal string CheckpointBeta { get; private init; } = "b_proj";

    internal string CheckpointNorm { get; private init; } = "o_norm";

    /// <summary>A parameter of checkpoints that nothing reads.</summary>
    internal string? UnusedInCheckpoint { get; private init; }

    /// <summary>The row of a kind.</summary>
    public static MemoryRule Of(HippocampusKind kind) => All[(int)kind];

    /// <summary>The row that <paramref name="word"/> is the <see cref="Word"/> of; null where there is none.</summary>
    public static MemoryRule? OfWord(string word) => All.FirstOrDefault(rule => rule.Word == word);

    /// <summary>The row that <paramref name="name"/> is the <see cref="Name"/> of; null where there is none.</summary>
    public static MemoryRule? OfName(string name) => All.FirstOrDefault(rule => rule.Name == name);

    /// <summary>The row of a snapshot's number; null for 0.</summary>
    internal static MemoryRule? OfNumber(int number) => number == 0 ? null : All[number - 1];

    /// <inheritdoc/>
    public override string ToString() => Name;
}
