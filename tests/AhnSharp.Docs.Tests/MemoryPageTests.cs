using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using Xunit;
using CompressedMemory = AhnSharp.Hippocampus.Hippocampus;

namespace AhnSharp.Docs.Tests;

/// <summary>
/// The scalar code of docs/memory.md, compiled, against the engine: gates, write, read, norm, gate and projection, over texts that the
/// engine takes in chunks and in steps.
/// </summary>
public sealed class MemoryPageTests
{
    private const int Heads = 4, KvHeads = 2, HeadDim = 20, Hidden = 24, Tokens = 75;
    private const double Tolerance = 1e-5; // relative, of the page

    private static readonly Assembly s_page =
        Snippet.Load(Assert.Single(Page.Read("docs/memory.md").Blocks(), block => block.Language == "csharp"));

    public static TheoryData<HippocampusKind, int> KindsAndPieces()
    {
        TheoryData<HippocampusKind, int> data = new();
        foreach (HippocampusKind kind in Enum.GetValues<HippocampusKind>())
        {
            foreach (int piece in new[] { Tokens, 1, 9 }) data.Add(kind, piece);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(KindsAndPieces))]
    public void The_engine_computes_what_the_page_says(HippocampusKind kind, int piece)
    {
        Random random = new(17 + (int)kind);
        Dictionary<string, double[]> weights = RandomWeights(kind, random);
        double[][] hidden = Rows(random, 2 * Tokens, Hidden), queries = Rows(random, Tokens, Heads * HeadDim);
        double[][] keys = Rows(random, Tokens, KvHeads * HeadDim), values = Rows(random, Tokens, KvHeads * HeadDim);
        double[][] expected = OfThePage(kind, weights, hidden, queries, keys, values);
        double[][] found = OfTheEngine(kind, weights, piece, hidden, queries, keys, values);
        for (int t = 0; t < Tokens; t++)
        {
            double error = Math.Sqrt(expected[t].Zip(found[t], (e, f) => (e - f) * (e - f)).Sum() / expected[t].Sum(e => e * e));
            Assert.True(
                error <= Tolerance,
                $"{kind}, token {t}: expected docs/memory.md's numbers to {Tolerance:e0}, found a relative error of {error:e2}");
        }
    }

    // Token t of the first half leaves when token t of the second enters.
    private static double[][] OfThePage(
        HippocampusKind kind, Dictionary<string, double[]> weights, double[][] hidden,
        double[][] queries, double[][] keys, double[][] values)
    {
        Type memory = s_page.GetType("LayerMemory", throwOnError: true)!;
        object rule = Enum.Parse(s_page.GetType("Rule", throwOnError: true)!, kind.ToString());
        object layer = Activator.CreateInstance(memory, rule, Heads, HeadDim, weights)!;
        var step = memory.GetMethod("Step")!.CreateDelegate<Func<double[], double[], double[], double[], double[], double[]>>(layer);
        return [.. Enumerable.Range(0, Tokens).Select(t => step(hidden[t], keys[t], values[t], hidden[Tokens + t], queries[t]))];
    }

    private static double[][] OfTheEngine(
        HippocampusKind kind, Dictionary<string, double[]> weights, int piece, double[][] hidden,
        double[][] queries, double[][] keys, double[][] values)
    {
        using Workers workers = new(1);
        HippocampusWeights own = EngineWeights(kind, weights);
        using CompressedMemory memory = CompressedMemory.Create(
            MemoryRule.Of(kind), Heads, HeadDim, Hidden, own, KernelTable.Gemm, workers);
        using HippocampusScratch scratch = new(HeadDim);
        int written = memory.WriteGatesPerHead * Heads, width = Heads * HeadDim;
        Activations normed = new(), gates = new();
        normed.Reshape(2 * Tokens, Hidden);
        for (int t = 0; t < hidden.Length; t++) Floats(hidden[t]).CopyTo(normed.Row(t));
        memory.ComputeGates(workers, normed, gates);
        float[] writeGates = [.. Enumerable.Range(0, Tokens).SelectMany(t => gates.Row(t)[..written].ToArray())];

        float[] q = Floats([.. queries.SelectMany(row => row)]), o = new float[Tokens * width], gained = new float[Tokens * width];
        for (int head = 0; head < Heads; head++)
        {
            int kv = head / (Heads / KvHeads) * HeadDim;
            float[] k = Floats([.. keys.SelectMany(row => row[kv..(kv + HeadDim)])]);
            float[] v = Floats([.. values.SelectMany(row => row[kv..(kv + HeadDim)])]);
            float[] state = new float[HeadDim * HeadDim];
            for (int from = 0; from < Tokens; from += piece)
            {
                int count = Math.Min(piece, Tokens - from), at = from * width + head * HeadDim;
                memory.UpdateAndRead(
                    head, state, q.AsSpan(at), width, k.AsSpan(from * HeadDim), v.AsSpan(from * HeadDim),
                    writeGates.AsSpan(from * written), o.AsSpan(at), width, count, scratch);
            }
        }
        for (int t = 0; t < Tokens; t++) memory.NormAndGate(o.AsSpan(t * width, width), gates.Row(Tokens + t)[written..]);
        for (int head = 0; head < Heads; head++)
        {
            memory.Project(head, o.AsSpan(head * HeadDim), width, gained.AsSpan(head * HeadDim), width, Tokens);
        }
        return [.. gained.Chunk(width).Select(row => Array.ConvertAll(row, x => (double)x))];
    }

    private static HippocampusWeights EngineWeights(HippocampusKind kind, Dictionary<string, double[]> weights)
    {
        bool mamba = kind == HippocampusKind.Mamba2;
        return new HippocampusWeights
        {
            Beta = Floats(weights[mamba ? "dt_proj.weight" : "b_proj.weight"]),
            Alpha = weights.TryGetValue("a_proj.weight", out double[]? alpha) ? Floats(alpha) : null,
            ALog = weights.TryGetValue("A_log", out double[]? log) ? Floats(log) : null,
            // Of Mamba2 the sum of two biases, which files have added up.
            DtBias = mamba ? [.. weights["dt_bias"].Zip(weights["dt_proj.bias"], (a, b) => (float)(a + b))]
                : weights.TryGetValue("dt_bias", out double[]? bias) ? Floats(bias) : null,
            Gate = Floats(weights["g_proj.weight"]),
            GateBias = mamba ? Floats(weights["g_proj.bias"]) : null,
            Norm = Floats(weights[mamba ? "norm.weight" : "o_norm.weight"]),
            Out = Floats(weights["o_proj.weight"]),
        };
    }

    // Of the page's table of tensors; every number exact in a float.
    private static Dictionary<string, double[]> RandomWeights(HippocampusKind kind, Random random)
    {
        const int Gate = Heads * Hidden;
        Dictionary<string, int> lengths = new() { ["g_proj.weight"] = Gate, ["o_proj.weight"] = Heads * HeadDim * HeadDim };
        if (kind == HippocampusKind.Mamba2)
        {
            lengths["dt_proj.weight"] = Gate;
            lengths["dt_proj.bias"] = lengths["dt_bias"] = lengths["A_log"] = lengths["g_proj.bias"] = Heads;
            lengths["norm.weight"] = Heads * HeadDim;
        }
        else
        {
            lengths["b_proj.weight"] = Gate;
            lengths["o_norm.weight"] = HeadDim;
        }
        if (kind == HippocampusKind.GatedDeltaNet)
        {
            lengths["a_proj.weight"] = Gate;
            lengths["A_log"] = lengths["dt_bias"] = Heads;
        }
        return lengths.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Key, pair => Rows(random, 1, pair.Value)[0]);
    }

    private static double[][] Rows(Random random, int count, int length) =>
    [
        .. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, length).Select(_ => (double)(float)(random.NextDouble() - 0.5)).ToArray()),
    ];

    private static float[] Floats(double[] x) => Array.ConvertAll(x, element => (float)element);
}
