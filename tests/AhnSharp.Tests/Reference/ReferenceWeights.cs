using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Network;

namespace AhnSharp.Tests.Reference;

/// <summary>Names and shapes of a checkpoint of a config, and random values for it that are exact in f32.</summary>
internal static class ReferenceWeights
{
    /// <summary>Every parameter of base and memory as (Hugging Face name, shape with the slowest dimension first).</summary>
    public static IEnumerable<(string Name, int[] Shape)> Shapes(ReferenceConfig config)
    {
        int e = config.Hidden, q = config.Heads * config.HeadDim, kv = config.KvHeads * config.HeadDim;
        yield return ("model.embed_tokens.weight", [config.Vocabulary, e]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"model.layers.{layer}.";
            yield return (name + "input_layernorm.weight", [e]);
            foreach ((string part, int rows) in new[] { ("q", q), ("k", kv), ("v", kv) })
            {
                yield return ($"{name}self_attn.{part}_proj.weight", [rows, e]);
                if (!config.HeadNorms) yield return ($"{name}self_attn.{part}_proj.bias", [rows]);
                else if (part != "v") yield return ($"{name}self_attn.{part}_norm.weight", [config.HeadDim]);
            }
            yield return (name + "self_attn.o_proj.weight", [e, q]);
            yield return (name + "post_attention_layernorm.weight", [e]);
            yield return (name + "mlp.gate_proj.weight", [config.Ffn, e]);
            yield return (name + "mlp.up_proj.weight", [config.Ffn, e]);
            yield return (name + "mlp.down_proj.weight", [e, config.Ffn]);
            if (config.FullAttentionLayers.Contains(layer)) continue;
            foreach ((string part, int[] shape) in MemoryShapes(config)) yield return ($"{name}ahn.fn.{part}", shape);
        }
        yield return ("model.norm.weight", [e]);
        if (!config.TiedEmbeddings) yield return ("lm_head.weight", [config.Vocabulary, e]);
    }

    /// <summary>Weights that keep activations near 1: matrices N(0, 1/√in), norms near 1, A_log in −2..1, dt_bias in −4..0.</summary>
    public static Dictionary<string, double[]> Random(ReferenceConfig config, int seed)
    {
        var random = new Random(seed);
        return Shapes(config).ToDictionary(
            tensor => tensor.Name, tensor => Values(tensor.Name, tensor.Shape, random), StringComparer.Ordinal);
    }

    private static double[] Values(string name, int[] shape, Random random)
    {
        double[] values = new double[shape.Aggregate(1, (a, b) => a * b)];
        double scale = shape.Length == 1 ? 0.1 : 1 / Math.Sqrt(shape[^1]);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(name.EndsWith("A_log", StringComparison.Ordinal) ? random.NextDouble() * 3 - 2
                : name.EndsWith("dt_bias", StringComparison.Ordinal) ? random.NextDouble() * 4 - 4
                : name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 + 0.2 * (random.NextDouble() - 0.5)
                : name.EndsWith("embed_tokens.weight", StringComparison.Ordinal) ? Normal(random)
                : scale * Normal(random));
        }
        return values;
    }

    private static (string Name, int[] Shape)[] MemoryShapes(ReferenceConfig config)
    {
        int h = config.Heads, e = config.Hidden, d = config.HeadDim;
        if (config.Kind == HippocampusKind.Mamba2)
        {
            return
            [
                ("dt_proj.weight", [h, e]), ("dt_proj.bias", [h]), ("dt_bias", [h]), ("A_log", [h]),
                ("g_proj.weight", [h, e]), ("g_proj.bias", [h]), ("norm.weight", [h * d]), ("o_proj.weight", [h, d, d]),
            ];
        }
        (string Name, int[] Shape)[] delta =
            [("b_proj.weight", [h, e]), ("g_proj.weight", [h, e]), ("o_norm.weight", [d]), ("o_proj.weight", [h, d, d])];
        return config.Kind == HippocampusKind.DeltaNet ? delta : [.. delta, ("a_proj.weight", [h, e]), ("A_log", [h]), ("dt_bias", [h])];
    }

    // Box–Muller.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
