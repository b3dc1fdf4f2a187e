using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>The seven published sizes of Qwen2.5-Instruct.</summary>
/// <remarks>
/// Source: config.json of Qwen/Qwen2.5-{0.5B … 72B}-Instruct. All: D = E/H, epsilon 1e-6, rope theta 1e6, context 32768, biases on q, k and v;
/// up to 3B the embedding is the head too; from 7B on the embedding is padded to 152064 rows.
/// </remarks>
public static class QwenShape
{
    private static readonly (string Name, int E, int F, int Layers, int H, int K, int Vocabulary)[] Table =
    [
        ("0.5B", 896, 4864, 24, 14, 2, 151936),
        ("1.5B", 1536, 8960, 28, 12, 2, 151936),
        ("3B", 2048, 11008, 36, 16, 2, 151936),
        ("7B", 3584, 18944, 28, 28, 4, 152064),
        ("14B", 5120, 13824, 48, 40, 8, 152064),
        ("32B", 5120, 27648, 64, 40, 8, 152064),
        ("72B", 8192, 29568, 80, 64, 8, 152064),
    ];

    /// <summary>The names, smallest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>The configuration of a size by its name, in any case.</summary>
    public static ModelConfig Get(string name)
    {
        foreach ((string candidate, int e, int f, int layers, int h, int k, int vocabulary) in Table)
        {
            if (!candidate.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            return new ModelConfig
            {
                Architecture = Architecture.Qwen2,
                HiddenSize = e,
                FfnSize = f,
                LayerCount = layers,
                HeadCount = h,
                KvHeadCount = k,
                HeadDim = e / h,
                VocabularySize = vocabulary,
                ContextLength = 32768,
                RmsNormEpsilon = 1e-6f,
                RopeTheta = 1e6,
                TiedEmbeddings = vocabulary == 151936,
            };
        }
        throw new ArgumentException($"There is no Qwen2.5 of {name}; expected one of {string.Join(", ", Names)}.", nameof(name));
    }
}
