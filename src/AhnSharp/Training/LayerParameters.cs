using System;
using System.Collections.Generic;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>
/// The tensors of one layer's memory, as <see cref="Hippocampus.HippocampusWeights"/> names them; empty: this rule has none.
/// </summary>
/// <remarks>H query heads, E hidden size, D head dimension.</remarks>
internal sealed class LayerParameters(MemoryTensors names, IReadOnlyDictionary<string, Memory<float>> byName)
{
    public Memory<float> Beta { get; } = byName[names.Beta.Name]; // [H, E]
    public Memory<float> Alpha { get; } = Of(names.Alpha, byName); // [H, E]
    public Memory<float> ALog { get; } = Of(names.ALog, byName); // [H]
    public Memory<float> DtBias { get; } = Of(names.DtBias, byName); // [H]
    public Memory<float> Gate { get; } = byName[names.Gate.Name]; // [H, E]
    public Memory<float> GateBias { get; } = Of(names.GateBias, byName); // [H]
    public Memory<float> Norm { get; } = byName[names.Norm.Name]; // [D] or [H·D]
    public Memory<float> Out { get; } = byName[names.Out.Name]; // [H, D in, D out]

    private static Memory<float> Of(TensorSpec? spec, IReadOnlyDictionary<string, Memory<float>> byName) =>
        spec is null ? default : byName[spec.Name];
}
