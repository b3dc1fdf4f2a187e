using System;
using System.Linq;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Tests.Reference;
using CompressedMemory = AhnSharp.Hippocampus.Hippocampus;

namespace AhnSharp.Tests.Hippocampus;

/// <summary>
/// A random memory of three heads and a random sequence through it, run by the engine in any cuts and by the double reference.
/// </summary>
internal sealed class MemoryCase : IDisposable
{
    public const int Heads = 3;
    private const int Head = 1; // neither the first nor the last: its columns and strides matter
    private const int StrideQ = 7, StrideO = 5; // floats beyond a row, so that rows do not touch
    private readonly HippocampusScratch _scratch;
    private readonly CompressedMemory _memory;

    public MemoryCase(HippocampusKind kind, int headDim, int count, int seed, Isa? isa = null)
    {
        Kind = kind;
        HeadDim = headDim;
        Count = count;
        var random = new Random(seed);
        Weights = RandomWeights(kind, Heads, headDim, hidden: 8, random);
        using var workers = new Workers(1);
        _memory = CompressedMemory.Create(
            MemoryRule.Of(kind), Heads, headDim, 8, Weights, KernelTable.GemmOf(isa ?? KernelTable.Active), workers);
        _scratch = new HippocampusScratch(headDim);
        Queries = Normals(random, count * (headDim + StrideQ), 2);
        Keys = Normals(random, count * headDim, 2);
        // Neighbouring keys resemble each other, as rotated keys of a text do: the prediction of the delta rule has work.
        for (int i = headDim; i < Keys.Length; i++) Keys[i] = 0.8f * Keys[i - headDim] + 0.6f * Keys[i];
        Values = Normals(random, count * headDim, 1);
        InitialState = Normals(random, headDim * headDim, 0.3);
        Gates = new float[count * _memory.WriteGatesPerHead * Heads];
        for (int i = 0; i < Gates.Length; i++)
        {
            bool decay = kind == HippocampusKind.GatedDeltaNet && i / Heads % 2 == 1;
            Gates[i] = (float)(decay ? -Math.Exp(6 * random.NextDouble() - 5) : random.NextDouble());
        }
    }

    public HippocampusKind Kind { get; }
    public int HeadDim { get; }
    public int Count { get; }
    public HippocampusWeights Weights { get; }
    public float[] Queries { get; }
    public float[] Keys { get; }
    public float[] Values { get; }
    public float[] Gates { get; }
    public float[] InitialState { get; }

    /// <summary>Sets strength (β or Δ) and, for GatedDeltaNet, log decay of token i of the tested head.</summary>
    public void SetGates(Func<int, float> strength, Func<int, float> logDecay)
    {
        for (int i = 0; i < Count; i++)
        {
            int row = i * _memory.WriteGatesPerHead * Heads;
            Gates[row + Head] = strength(i);
            if (Kind == HippocampusKind.GatedDeltaNet) Gates[row + Heads + Head] = logDecay(i);
        }
    }

    /// <summary>
    /// The engine's outputs [count, D] and then its final state [D, D], the sequence being cut into pieces of these lengths.
    /// </summary>
    public double[] Run(params int[] cuts)
    {
        float[] state = [.. InitialState], o = new float[Count * (HeadDim + StrideO)];
        Array.Fill(o, float.NaN);
        int done = 0;
        foreach (int n in cuts.Append(Count - cuts.Sum()))
        {
            Fold(state, o, done, n);
            done += n;
        }
        double[] outputs = new double[Count * HeadDim];
        for (int i = 0; i < outputs.Length; i++) outputs[i] = o[i / HeadDim * (HeadDim + StrideO) + i % HeadDim];
        // What lies between the rows belongs to other heads and must stay as it was.
        for (int i = 0; i < Count; i++)
            Xunit.Assert.All(o.AsSpan(i * (HeadDim + StrideO) + HeadDim, StrideO).ToArray(), x => Xunit.Assert.True(float.IsNaN(x)));
        return [.. outputs, .. state.Select(x => (double)x)];
    }

    public void Fold(float[] state, float[] o, int from, int n)
    {
        int gates = _memory.WriteGatesPerHead * Heads;
        _memory.UpdateAndRead(
            Head, state, Queries.AsSpan(from * (HeadDim + StrideQ)), HeadDim + StrideQ, Keys.AsSpan(from * HeadDim),
            Values.AsSpan(from * HeadDim),
            Gates.AsSpan(from * gates), o.AsSpan(from * (HeadDim + StrideO)), HeadDim + StrideO, n, _scratch);
    }

    public void Write(float[] state, int from, int n) => _memory.Update(
        Head, state, Keys.AsSpan(from * HeadDim), Values.AsSpan(from * HeadDim),
        Gates.AsSpan(from * _memory.WriteGatesPerHead * Heads), n, _scratch);

    /// <summary>The same in double precision, token by token.</summary>
    public double[] Reference()
    {
        var reference = new ReferenceMemory(Kind, HeadDim);
        Array.ConvertAll(InitialState, x => (double)x).CopyTo(reference.State, 0);
        double[] outputs = new double[Count * HeadDim];
        for (int i = 0; i < Count; i++)
        {
            int row = i * _memory.WriteGatesPerHead * Heads;
            double strength = Gates[row + Head];
            double logDecay = Kind switch
            {
                HippocampusKind.DeltaNet => 0,
                HippocampusKind.GatedDeltaNet => Gates[row + Heads + Head],
                _ => -strength * Math.Exp(Weights.ALog![Head]),
            };
            reference.Write(Doubles(Keys, i * HeadDim), Doubles(Values, i * HeadDim), strength, logDecay);
            reference.Read(Doubles(Queries, i * (HeadDim + StrideQ))).CopyTo(outputs, i * HeadDim);
        }
        return [.. outputs, .. reference.State];
    }

    /// <summary>Errors of outputs and of state apart, the larger.</summary>
    public double Error(double[] found, double[] expected)
    {
        int split = Count * HeadDim;
        return Math.Max(Errors.RelativeL2(found[..split], expected[..split]), Errors.RelativeL2(found[split..], expected[split..]));
    }

    public void Dispose()
    {
        _memory.Dispose();
        _scratch.Dispose();
    }

    public static HippocampusWeights RandomWeights(HippocampusKind kind, int heads, int headDim, int hidden, Random random)
    {
        bool gated = kind == HippocampusKind.GatedDeltaNet, mamba = kind == HippocampusKind.Mamba2;
        return new HippocampusWeights
        {
            Beta = Normals(random, heads * hidden, 1),
            Alpha = gated ? Normals(random, heads * hidden, 1) : null,
            ALog = gated || mamba ? Normals(random, heads, 1) : null,
            DtBias = gated || mamba ? Normals(random, heads, 1) : null,
            Gate = Normals(random, heads * hidden, 1),
            GateBias = mamba ? Normals(random, heads, 1) : null,
            Norm = Normals(random, mamba ? heads * headDim : headDim, 1),
            Out = Normals(random, heads * headDim * headDim, 0.2),
        };
    }

    public static float[] Normals(Random random, int count, double scale)
    {
        float[] x = new float[count];
        for (int i = 0; i < count; i++)
            x[i] = (float)(scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return x;
    }

    private double[] Doubles(float[] from, int start) => Array.ConvertAll(from.AsSpan(start, HeadDim).ToArray(), x => (double)x);
}
