using System;
using System.Collections.Generic;
using System.Numerics.Tensors;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>The compressed memory of a pass: what leaves the window is folded in, and each query that pushed a token out reads.</summary>
/// <remarks>
/// Three steps, each on the whole team: fold and read (one item per head: its state is its own), norm and gate (one per row, since
/// Mamba2 norms over all heads), project and add (one per head). Where nothing that is read counts, tokens are folded and that is all.
/// </remarks>
internal sealed class RecallWork(ModelConfig config, Scratch scratch) : IWork
{
    private enum Step
    {
        UpdateAndRead,
        NormAndGate,
        Project,
    }

    // One query head of a part that tokens leave from.
    private readonly record struct Item(int Part, int Head);

    private readonly List<Item> _items = [];
    private Pass? _pass;
    private Hippocampus.Hippocampus? _memory;
    private int _layer;
    private Step _step;
    private int Width => config.HeadCount * config.HeadDim;

    /// <summary>Lists the heads that a pass writes and reads, the same in every layer.</summary>
    public void Plan(Pass pass)
    {
        _items.Clear();
        for (int part = 0; part < pass.Parts.Length; part++)
        {
            for (int head = 0; pass.Parts[part].Evicted > 0 && head < config.HeadCount; head++) _items.Add(new Item(part, head));
        }
    }

    public void Run(int layer, Pass pass, Hippocampus.Hippocampus memory, Workers workers)
    {
        if (_items.Count == 0) return;
        (_layer, _pass, _memory) = (layer, pass, memory);
        if (workers.Profile is { } profile) Count(profile, pass);
        scratch.Remembered.Reshape(pass.Rows, Width);
        _step = Step.UpdateAndRead;
        workers.Run(this, _items.Count);
        if (!ReadsAny(pass)) return;
        _step = Step.NormAndGate;
        workers.Run(this, pass.Rows);
        _step = Step.Project;
        workers.Run(this, _items.Count);
    }

    // A state is read and written once a token, or once a chunk; the projection is read once a pass. Token by token
    // it is Mᵀk̂, Mᵀq̂, k̂uᵀ and yP.
    private void Count(StepProfile profile, Pass pass)
    {
        profile.Enter(ProfileStage.Memory);
        long bytes = 0, multiplyAdds = 0, square = (long)config.HeadDim * config.HeadDim;
        foreach (Item item in _items)
        {
            int evicted = pass.Parts[item.Part].Evicted;
            bool isSilent = IsSilent(pass.Parts[item.Part]);
            bytes += (isSilent ? 0 : _memory!.OutBytesPerHead)
                + 2 * sizeof(float) * square * Hippocampus.Hippocampus.StatePasses(evicted);
            multiplyAdds += (isSilent ? 2 : 4) * square * evicted;
        }
        profile.Count(bytes, multiplyAdds);
    }

    void IWork.Run(int item, int worker)
    {
        switch (_step)
        {
            case Step.UpdateAndRead: UpdateAndRead(_items[item], worker); break;
            case Step.NormAndGate: NormAndGate(item); break;
            default: Project(_items[item]); break;
        }
    }

    // The query at t reads after token e = t − W was written; both are the last `Evicted` of their part.
    private void UpdateAndRead(Item item, int worker)
    {
        Pass.Part part = _pass!.Parts[item.Part];
        HostLayer state = part.Session.HostLayer(_layer);
        KvRing ring = state.Ring;
        int d = config.HeadDim, kvHead = item.Head / (config.HeadCount / config.KvHeadCount), gates = ring.Geometry.GatesPerToken;
        int firstRow = part.Row + part.Count - part.Evicted;
        long firstEvicted = part.Position + part.Count - part.Evicted - part.Session.Window;
        EvictedTokens evicted = scratch.Evicted[worker];
        for (int i = 0; i < part.Evicted; i++)
        {
            ring.Read(kvHead, firstEvicted + i, evicted.Keys.AsSpan(i * d, d), evicted.Values.AsSpan(i * d, d));
            ring.Gates(firstEvicted + i).CopyTo(evicted.Gates.AsSpan(i * gates));
        }
        if (IsSilent(part))
        {
            _memory!.Update(
                item.Head, state.Memory!.Of(item.Head), evicted.Keys.AsSpan(0, part.Evicted * d),
                evicted.Values.AsSpan(0, part.Evicted * d), evicted.Gates.AsSpan(0, part.Evicted * gates), part.Evicted,
                scratch.Memory[worker]);
            return;
        }
        int start = firstRow * Width + item.Head * d, length = (part.Evicted - 1) * Width + d;
        _memory!.UpdateAndRead(
            item.Head, state.Memory!.Of(item.Head), scratch.Query.Values.Slice(start, length), Width,
            evicted.Keys.AsSpan(0, part.Evicted * d), evicted.Values.AsSpan(0, part.Evicted * d),
            evicted.Gates.AsSpan(0, part.Evicted * gates),
            scratch.Remembered.Values.Slice(start, length), Width, part.Evicted, scratch.Memory[worker]);
    }

    private void NormAndGate(int row)
    {
        foreach (ref readonly Pass.Part part in _pass!.Parts)
        {
            if (row < part.Row + part.Count - part.Evicted || row >= part.Row + part.Count || IsSilent(part)) continue;
            float factor = FactorOf(part, row);
            if (factor == 0)
            {
                scratch.Remembered.Row(row).Clear();
                continue;
            }
            _memory!.NormAndGate(scratch.Remembered.Row(row), scratch.Gates.Row(row)[^config.HeadCount..]);
            if (factor != 1) TensorPrimitives.Multiply(scratch.Remembered.Row(row), factor, scratch.Remembered.Row(row));
        }
    }

    private static bool ReadsAny(Pass pass)
    {
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            if (part.Evicted > 0 && !IsSilent(part)) return true;
        }
        return false;
    }

    // Whether nothing of what a part reads counts.
    private static bool IsSilent(in Pass.Part part) => part.Session.Plan.Archive is { } archive
        && (part.Asks ? archive.Readout == ArchiveReadout.Off : archive.Reading == ArchiveReading.Window);

    // f: of the memory's read-out, what is added; the less, the more the archive has answered.
    private float FactorOf(in Pass.Part part, int row)
    {
        if (part.Session.Plan.Archive is not { } archive) return 1;
        if (!part.Asks || archive.Readout == ArchiveReadout.On) return 1;
        float rest = 1 - TensorPrimitives.Max<float>(scratch.ArchiveShares.Row(row));
        return rest * rest;
    }

    private void Project(Item item)
    {
        Pass.Part part = _pass!.Parts[item.Part];
        if (IsSilent(part)) return;
        int start = (part.Row + part.Count - part.Evicted) * Width + item.Head * config.HeadDim,
            length = (part.Evicted - 1) * Width + config.HeadDim;
        _memory!.Project(
            item.Head, scratch.Remembered.Values.Slice(start, length), Width, scratch.Attended.Values.Slice(start, length),
            Width, part.Evicted);
    }
}
