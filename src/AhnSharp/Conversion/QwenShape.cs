using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>The published sizes of all networks, by name.</summary>
/// <remarks>All: epsilon 1e-6, rope theta 1e6.</remarks>
public static class QwenShape
{
    /// <summary>The names, those of a network together, smallest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Architecture.All.SelectMany(row => row.Shapes).Select(shape => shape.Name)];

    /// <summary>The configuration of a size by its name, in any case.</summary>
    public static ModelConfig Get(string name)
    {
        foreach (Architecture architecture in Architecture.All)
        {
            if (architecture.Shapes.FirstOrDefault(shape => shape.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } found)
                continue;
            return new ModelConfig
            {
                Architecture = architecture,
                HiddenSize = found.HiddenSize,
                FfnSize = found.FfnSize,
                LayerCount = found.LayerCount,
                HeadCount = found.HeadCount,
                KvHeadCount = found.KvHeadCount,
                HeadDim = found.HeadDim,
                VocabularySize = found.VocabularySize,
                ContextLength = architecture.ContextLength,
                RmsNormEpsilon = 1e-6f,
                RopeTheta = 1e6,
                TiedEmbeddings = found.TiedEmbeddings,
            };
        }
        throw new ArgumentException($"There is no published size {name}; expected one of {string.Join(", ", Names)}.", nameof(name));
    }
}
