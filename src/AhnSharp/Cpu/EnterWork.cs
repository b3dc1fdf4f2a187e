using System;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Tokens enter the exact memory: q and k are rotated to their position, and k, v and the gates go into the ring.</summary>
/// <remarks>Where the layer has norms of heads (Qwen3), q and k pass them first.</remarks>
internal sealed class EnterWork(ModelConfig config, Scratch scratch) : IWork
{
    // 16 rows per item: neighbours write to the same tiles of the ring, and so to the same cache lines.
    private const int RowsPerItem = 16;
    private Pass? _pass;
    private float[]? _queryNorm, _keyNorm; // [D]
    private int _layer;
    private int _keptGates;

    public void Run(int layer, Pass pass, LayerWeights weights, Workers workers)
    {
        (_layer, _pass, _queryNorm, _keyNorm) = (layer, pass, weights.QueryNorm, weights.KeyNorm);
        _keptGates = weights.Memory is { } memory ? memory.WriteGatesPerHead * memory.Heads : 0;
        workers.Profile?.Enter(ProfileStage.Enter);
        workers.Run(this, (pass.Rows + RowsPerItem - 1) / RowsPerItem);
    }

    void IWork.Run(int item, int worker)
    {
        int last = Math.Min(_pass!.Rows, (item + 1) * RowsPerItem);
        foreach (ref readonly Pass.Part part in _pass.Parts)
        {
            int from = Math.Max(part.Row, item * RowsPerItem), to = Math.Min(part.Row + part.Count, last);
            for (int row = from; row < to; row++) Enter(part.Session.HostLayer(_layer).Ring, row, part.Position + row - part.Row);
        }
    }

    private void Enter(KvRing ring, int row, long position)
    {
        int half = config.HeadDim / 2, d = config.HeadDim;
        ReadOnlySpan<float> cos = scratch.Cos.AsSpan(row * half, half), sin = scratch.Sin.AsSpan(row * half, half);
        Span<float> queries = scratch.Query.Row(row), keys = scratch.Key.Row(row), values = scratch.Value.Row(row);
        NormHeads(queries, _queryNorm);
        NormHeads(keys, _keyNorm);
        Rope.Rotate(queries, cos, sin);
        Rope.Rotate(keys, cos, sin);
        for (int head = 0; head < config.KvHeadCount; head++)
            ring.Write(head, position, keys.Slice(head * d, d), values.Slice(head * d, d));
        if (ring.Geometry.GatesPerToken > 0) scratch.Gates.Row(row)[.._keptGates].CopyTo(ring.Gates(position));
    }

    private void NormHeads(Span<float> heads, float[]? weight)
    {
        if (weight is null) return;
        for (int at = 0; at < heads.Length; at += weight.Length)
        {
            Span<float> head = heads.Slice(at, weight.Length);
            RmsNorm.Apply(head, weight, config.RmsNormEpsilon, head);
        }
    }
}
