using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Network;

/// <summary>One tensor of the network, in both of its spellings.</summary>
/// <param name="Name">In GGUF; empty for a parameter that checkpoints have and files do not (GatedDeltaNet's <c>D</c>).</param>
/// <param name="CheckpointName">In the published Hugging Face folders.</param>
/// <param name="Shape">As a checkpoint has it, slowest dimension first; GGUF writes it in reverse.</param>
/// <param name="Change">What happens to the values on the way from a checkpoint to a file.</param>
internal sealed record TensorSpec(string Name, string CheckpointName, ImmutableArray<long> Shape, TensorChange Change = TensorChange.None)
{
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    public bool IsVector => Shape.Length == 1;

    /// <summary>As GGUF has it.</summary>
    public IReadOnlyList<long> ShapeFastestFirst => [.. Shape.Reverse()];

    public long RowLength => Shape[^1];

    /// <summary>Whether a file's sizes, fastest first, are these.</summary>
    public bool HasShape(ReadOnlySpan<long> fastestFirst)
    {
        bool same = fastestFirst.Length == Shape.Length;
        for (int i = 0; same && i < Shape.Length; i++) same = fastestFirst[i] == Shape[Shape.Length - 1 - i];
        return same;
    }
}

/// <summary>What conversion does to a tensor's values.</summary>
internal enum TensorChange
{
    /// <summary>Only the number format changes.</summary>
    None,

    /// <summary>[H, in, out] becomes [H, out, in], so that the input dimension is the contiguous one.</summary>
    TransposeHeads,

    /// <summary>The values of Mamba2's <c>dt_proj.bias</c> are added: both are constants added to the same pre-activation.</summary>
    AddProjectionBias,
}
