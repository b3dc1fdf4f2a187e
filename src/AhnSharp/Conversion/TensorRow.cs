using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Conversion;

/// <summary>One tensor of the network, in both of its spellings.</summary>
/// <param name="Name">In GGUF; empty for a parameter that is known and has no place there (GatedDeltaNet's <c>D</c>).</param>
/// <param name="HuggingFaceName">In the published checkpoints.</param>
/// <param name="Shape">As the checkpoint has it, slowest dimension first; GGUF writes it in reverse.</param>
/// <param name="Change">What happens to the values on the way.</param>
internal sealed record TensorRow(string Name, string HuggingFaceName, ImmutableArray<long> Shape, TensorChange Change = TensorChange.None)
{
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    public bool IsAhn => HuggingFaceName.Contains(".ahn.fn.", System.StringComparison.Ordinal);

    /// <summary>As <see cref="Gguf.GgufWriter"/> takes it.</summary>
    public IReadOnlyList<long> ShapeFastestFirst => [.. Shape.Reverse()];

    public long RowLength => Shape[^1];
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
