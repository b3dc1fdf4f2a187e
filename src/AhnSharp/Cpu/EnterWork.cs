using System;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Model;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Tokens enter the exact memory: q and k are rotated to their position, and k, v and the gates go into the ring.</summary>
internal sealed class EnterWork(ModelConfig config, Scratch scratch) : IWork
{
    // 16 rows an item: neighbours write to the same tiles of the ring, and so to the same cache lines.
    private const int RowsPerItem = 16;
    private Pass? _pass;
    private int _layer;
    private int _keptGates;

    public void Run(int layer, Pass pass, Hippocampus.Hippocampus? memory, Workers workers)
    {
        (_layer, _pass, _keptGates) = (layer, pass, memory is null ? 0 : memory.WriteGatesPerHead * memory.Heads);
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
        Rope.Rotate(scratch.Query.Row(row), cos, sin);
        Span<float> keys = scratch.Key.Row(row), values = scratch.Value.Row(row);
        Rope.Rotate(keys, cos, sin);
        for (int head = 0; head < config.KvHeadCount; head++) ring.Write(head, position, keys.Slice(head * d, d), values.Slice(head * d, d));
        if (ring.Geometry.GatesPerToken > 0) scratch.Gates.Row(row)[.._keptGates].CopyTo(ring.Gates(position));
    }
}
