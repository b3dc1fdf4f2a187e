using System;
using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Hippocampus;

/// <summary>One layer's compressed memory: its weights and its rule, without any text's state, so that all sessions share it.</summary>
/// <remarks>
/// For every query head a matrix M [D keys × D values], zero at the start. A token that leaves the window is written with what was kept
/// of it (k, v and its write gates), then the memory is read with the query of the token that entered:
///   M ← e^g M + k̂uᵀ,  o = Mᵀq̂,  y = norm and gate of o,  attention output += y·P   (u: see the kinds).
/// Calls for different heads may run at the same time, each with its own scratch. Source: Fang et al. arXiv 2510.07318.
/// </remarks>
internal abstract class Hippocampus : IDisposable
{
    // Measured (Zen 4, AVX-512, microseconds per token): D = 128 1.39 token by token; chunks of 4 1.2 to 1.5, of 8 1.15 to 1.3.
    private const int MinChunkwise = 8;

    private readonly WeightMatrix _gates; // [(WriteGatesPerHead + 1)·H, E]: the write gates' rows, then γ's: one product a step
    private readonly float[]? _gateBias; // [H] of γ
    private readonly NativeBuffer _out; // P [H, D in, D out], in halves where they are exact
    private readonly bool _outIsHalf;
    private readonly Gemm _gemm;

    private protected Hippocampus(
        MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
    {
        Rule = rule;
        Heads = heads;
        HeadDim = headDim;
        _gemm = gemm;
        _gateBias = weights.GateBias;
        float[] rows = [.. weights.Beta, .. weights.Alpha ?? [], .. weights.Gate];
        _gates = WeightMatrix.Load(GgmlType.F32, rows.Length / hidden, hidden, Read, workers);
        _outIsHalf = weights.OutIsHalf;
        _out = new NativeBuffer((long)weights.Out.Length * (_outIsHalf ? sizeof(short) : sizeof(float)));
        if (_outIsHalf) TensorPrimitives.ConvertToHalf(weights.Out, _out.Span<Half>(0, weights.Out.Length));
        else weights.Out.CopyTo(_out.Span<float>(0, weights.Out.Length));

        void Read(long byteOffset, Span<byte> destination) =>
            MemoryMarshal.AsBytes(rows.AsSpan((int)(byteOffset / sizeof(float)), destination.Length / sizeof(float))).CopyTo(destination);
    }

    /// <summary>Which rule.</summary>
    public MemoryRule Rule { get; }

    /// <summary>H: query heads, each with its own memory.</summary>
    public int Heads { get; }

    /// <summary>D.</summary>
    public int HeadDim { get; }

    /// <summary>Numbers per head and token that are kept until the token leaves.</summary>
    public int WriteGatesPerHead => Rule.WriteGatesPerHead;

    /// <summary>[H] exp(A_log), log decay a unit of Δ, of Mamba2; none where what the ring keeps says the decay itself.</summary>
    public virtual ReadOnlySpan<double> DecayRates => [];

    /// <summary>Bytes the weights hold.</summary>
    public long ResidentBytes => _gates.ResidentBytes + _out.ByteLength;

    /// <summary>Bytes of P of one head, which a pass reads.</summary>
    internal long OutBytesPerHead => _out.ByteLength / Heads;

    /// <summary>Builds a memory of <paramref name="rule"/>; weights of other sizes than it has are refused by name.</summary>
    public static Hippocampus Create(
        MemoryRule rule, int heads, int headDim, int hidden, HippocampusWeights weights, Gemm gemm, Workers workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headDim);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hidden);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(weights);
        weights.Check(rule, heads, headDim, hidden);
        return rule.Kind switch
        {
            HippocampusKind.DeltaNet => new DeltaNet(rule, heads, headDim, hidden, weights, gemm, workers),
            HippocampusKind.GatedDeltaNet => new GatedDeltaNet(rule, heads, headDim, hidden, weights, gemm, workers),
            _ => new Mamba2(rule, heads, headDim, hidden, weights, gemm, workers),
        };
    }

    /// <summary>All gates of tokens that enter, from their normed hidden states.</summary>
    /// <param name="workers">The team.</param>
    /// <param name="normed">[tokens, E].</param>
    /// <param name="gates">Becomes [tokens, WriteGatesPerHead·H + H]: what the ring keeps, final values; then SiLU(γ) for reading.</param>
    public void ComputeGates(Workers workers, Activations normed, Activations gates)
    {
        workers.Profile?.Enter(ProfileStage.Memory);
        _gates.Multiply(workers, normed, gates);
        int written = WriteGatesPerHead * Heads;
        for (int t = 0; t < gates.Rows; t++)
        {
            Span<float> row = gates.Row(t), read = row[written..];
            FinishWriteGates(row[..written]);
            if (_gateBias is not null) TensorPrimitives.Add(read, _gateBias, read);
            for (int head = 0; head < read.Length; head++) read[head] /= 1 + MathF.Exp(-read[head]);
        }
    }

    /// <summary>
    /// Token i is written, then query i reads, i = 0..count−1. Every span begins at this head's first number, but for the gates.
    /// </summary>
    /// <param name="head">Which head.</param>
    /// <param name="state">M [D, D] of this head, read and written.</param>
    /// <param name="q">Queries, rotated, not normalised.</param>
    /// <param name="qStride">Floats from one query to the next.</param>
    /// <param name="k">Keys of the evicted tokens [count, D], rotated at their own positions, not normalised.</param>
    /// <param name="v">Their values [count, D].</param>
    /// <param name="writeGates">Their gates of all heads [count, WriteGatesPerHead·H], as the ring kept them.</param>
    /// <param name="o">What was read, before norm and gate.</param>
    /// <param name="oStride">Floats from one row of o to the next.</param>
    /// <param name="count">Tokens, any number.</param>
    /// <param name="scratch">This thread's.</param>
    public void UpdateAndRead(
        int head, Span<float> state, ReadOnlySpan<float> q, int qStride, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> writeGates,
        Span<float> o, int oStride, int count, HippocampusScratch scratch) =>
        Run(head, state, q, qStride, k, v, writeGates, o, oStride, count, scratch);

    /// <summary>Tokens are written, and nobody reads: the state's bits are those of <see cref="UpdateAndRead"/>.</summary>
    /// <param name="head">Which head.</param>
    /// <param name="state">M [D, D] of this head.</param>
    /// <param name="k">Keys of the evicted tokens [count, D].</param>
    /// <param name="v">Their values [count, D].</param>
    /// <param name="writeGates">Their gates of all heads.</param>
    /// <param name="count">Tokens, any number.</param>
    /// <param name="scratch">This thread's.</param>
    public void Update(
        int head, Span<float> state, ReadOnlySpan<float> k, ReadOnlySpan<float> v, ReadOnlySpan<float> writeGates, int count,
        HippocampusScratch scratch) => Run(head, state, default, 0, k, v, writeGates, default, 0, count, scratch);

    private void Run(
        int head, Span<float> state, ReadOnlySpan<float> q, int qStride, ReadOnlySpan<float> k, ReadOnlySpan<float> v,
        ReadOnlySpan<float> writeGates, Span<float> o, int oStride, int count, HippocampusScratch scratch)
    {
        Debug.Assert(state.Length == HeadDim * HeadDim && scratch.HeadDim == HeadDim && (uint)head < (uint)Heads);
        int gateStride = WriteGatesPerHead * Heads;
        for (int done = 0; done < count; done += HippocampusScratch.Tokens)
        {
            int n = Math.Min(count - done, HippocampusScratch.Tokens);
            for (int i = 0; i < n; i++)
            {
                ReadOnlySpan<float> key = k.Slice((done + i) * HeadDim, HeadDim);
                TensorPrimitives.Multiply(key, InverseLength(key), scratch.Keys.Slice(i * HeadDim, HeadDim));
                if (o.IsEmpty) continue;
                ReadOnlySpan<float> query = q.Slice((done + i) * qStride, HeadDim);
                TensorPrimitives.Multiply(query, InverseLength(query) * QueryScale, scratch.Queries.Slice(i * HeadDim, HeadDim));
            }
            GatesOf(head, writeGates.Slice(done * gateStride, n * gateStride), scratch.Strengths[..n], scratch.LogDecays[..n]);
            ReadOnlySpan<float> values = v.Slice(done * HeadDim, n * HeadDim);
            Span<float> read = o[(done * oStride)..];
            if (n < MinChunkwise) RecurrentForm.UpdateAndRead(Predicts, state, values, read, oStride, n, scratch);
            else ChunkwiseForm.UpdateAndRead(_gemm, Predicts, Rule.Decays, state, values, read, oStride, n, scratch);
        }
    }

    /// <summary>Whether so many tokens, folded at once, are folded one by one: then the bits do not depend on how they were cut.</summary>
    internal static bool IsRecurrent(int count) => count < MinChunkwise;

    /// <summary>How often a state is read and written while <paramref name="count"/> tokens are folded in.</summary>
    internal static int StatePasses(int count)
    {
        int rest = count % HippocampusScratch.Tokens;
        return count / HippocampusScratch.Tokens + (rest < MinChunkwise ? rest : 1);
    }

    /// <summary>
    /// Write strength (β or Δ) and log decay of one head from what a ring of this kind keeps of a token; both are linear in it,
    /// so of means they are the means.
    /// </summary>
    /// <param name="rule">Which rule.</param>
    /// <param name="heads">H.</param>
    /// <param name="head">Which head.</param>
    /// <param name="writeGates">[WriteGatesPerHead·H].</param>
    /// <param name="decayRates">[H] <see cref="DecayRates"/>; none of a kind that has none.</param>
    public static (float Strength, double LogDecay) WriteGatesOf(
        MemoryRule rule, int heads, int head, ReadOnlySpan<float> writeGates, ReadOnlySpan<double> decayRates)
    {
        float strength = 0;
        double logDecay = 0;
        Span<float> strengths = new(ref strength);
        Span<double> logDecays = new(ref logDecay);
        switch (rule.Kind)
        {
            case HippocampusKind.DeltaNet: DeltaNet.GatesOf(heads, head, writeGates, strengths, logDecays); break;
            case HippocampusKind.GatedDeltaNet: GatedDeltaNet.GatesOf(heads, head, writeGates, strengths, logDecays); break;
            default: Mamba2.GatesOf(heads, head, decayRates[head], writeGates, strengths, logDecays); break;
        }
        return (strength, logDecay);
    }

    /// <summary>o → y in place on one token's row [H·D], with its SiLU(γ) [H].</summary>
    public abstract void NormAndGate(Span<float> oRow, ReadOnlySpan<float> readGates);

    /// <summary>a += y·P[head] on <paramref name="count"/> rows; both spans begin at this head's first column of the first row.</summary>
    public void Project(int head, ReadOnlySpan<float> y, int yStride, Span<float> a, int aStride, int count)
    {
        if (count == 0) return;
        Debug.Assert(
            (uint)head < (uint)Heads && y.Length >= (count - 1) * yStride + HeadDim && a.Length >= (count - 1) * aStride + HeadDim);
        int square = HeadDim * HeadDim, bytes = (int)OutBytesPerHead;
        long from = head * OutBytesPerHead;
        Prefetch.IntoSecondCache(in _out.Ref<byte>(from, bytes), bytes);
        if (_outIsHalf)
        {
            _gemm.Multiply(
                in y[0], yStride, in _out.Ref<Half>(from, square), HeadDim, ref a[0], aStride, count, HeadDim, HeadDim, accumulate: true);
        }
        else
        {
            _gemm.Multiply(
                in y[0], yStride, in _out.Ref<float>(from, square), HeadDim, ref a[0], aStride, count, HeadDim, HeadDim, accumulate: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gates.Dispose();
        _out.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether what the state predicts for a key is taken from the value before it is written (delta rule).</summary>
    private protected abstract bool Predicts { get; }

    /// <summary>On q̂ beside its length: 1/√D or 1.</summary>
    private protected abstract float QueryScale { get; }

    /// <summary>1/‖x‖, guarded against zero as the kind does it.</summary>
    private protected abstract float InverseLength(ReadOnlySpan<float> x);

    /// <summary>Turns the products of one token [WriteGatesPerHead·H] into what the ring keeps.</summary>
    private protected abstract void FinishWriteGates(Span<float> gates);

    /// <summary>Picks the write strength (β or Δ) and the log decay of one head from rows as the ring keeps them.</summary>
    private protected abstract void GatesOf(int head, ReadOnlySpan<float> writeGates, Span<float> strengths, Span<double> logDecays);
}
