using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Training;

/// <summary>Every number that is learned, all layers one behind the other; the same shape holds gradients and moments.</summary>
/// <remarks>
/// The tensors are those of a file, in its order, but P as checkpoints have it, [H, in, out]. Mamba2's two biases of Δ are one number, as
/// in a
/// file: both are constants added to the same sum.
/// </remarks>
internal sealed class MemoryParameters
{
    private readonly LayerParameters[] _layers;

    /// <summary>All zero.</summary>
    public MemoryParameters(ModelConfig config, MemoryRule rule)
    {
        (Config, Rule) = (config, rule);
        List<(TensorSpec Spec, int Start)> tensors = [];
        int length = 0;
        MemoryTensors[] layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new MemoryTensors(config, rule, layer))];
        foreach (TensorSpec spec in layers.SelectMany(layer => layer.All).Where(spec => spec.Name.Length > 0))
        {
            tensors.Add((spec, length));
            length = checked(length + (int)spec.ElementCount);
        }
        Tensors = tensors;
        Values = new float[length];
        Dictionary<string, Memory<float>> byName = tensors.ToDictionary(
            tensor => tensor.Spec.Name, tensor => Values.AsMemory(tensor.Start, (int)tensor.Spec.ElementCount), StringComparer.Ordinal);
        _layers = Array.ConvertAll(layers, layer => new LayerParameters(layer, byName));
    }

    /// <summary>The base model.</summary>
    public ModelConfig Config { get; }

    /// <summary>Which rule.</summary>
    public MemoryRule Rule { get; }

    /// <summary>All numbers.</summary>
    public float[] Values { get; }

    /// <summary>Each tensor, and where it begins in <see cref="Values"/>.</summary>
    public IReadOnlyList<(TensorSpec Spec, int Start)> Tensors { get; }

    /// <summary>Those of one layer.</summary>
    public LayerParameters Layer(int layer) => _layers[layer];

    /// <summary>Another set of the same shape, all zero.</summary>
    public MemoryParameters Empty() => new(Config, Rule);
}
