using System;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Model;

/// <summary>The compressed memory of a pass: what leaves the window is folded in, and each query that pushed a token out reads.</summary>
/// <remarks>
/// Three steps, each on the whole team: fold and read (one item a head: its state is its own), norm and gate (one a row, since
/// Mamba2 norms over all heads), project and add (one a head).
/// </remarks>
internal sealed class RecallWork(ModelConfig config, Scratch scratch) : IWork
{
    private enum Step
    {
        FoldAndRead,
        NormAndGate,
        Project,
    }

    private Pass? _pass;
    private Hippocampus.Hippocampus? _memory;
    private int _layer;
    private Step _step;
    private int Width => config.HeadCount * config.HeadDim;

    public void Run(int layer, Pass pass, Hippocampus.Hippocampus memory, Workers workers)
    {
        if (pass.MemoryItems.Count == 0) return;
        (_layer, _pass, _memory) = (layer, pass, memory);
        if (workers.Profile is { } profile) Count(profile, pass);
        scratch.Remembered.Reshape(pass.Rows, Width);
        _step = Step.FoldAndRead;
        workers.Run(this, pass.MemoryItems.Count);
        _step = Step.NormAndGate;
        workers.Run(this, pass.Rows);
        _step = Step.Project;
        workers.Run(this, pass.MemoryItems.Count);
    }

    // A state is read and written once a token, or once a chunk; the projection is read once a pass. Token by token it is Mᵀk̂, Mᵀq̂, k̂uᵀ and yP.
    private void Count(StepProfile profile, Pass pass)
    {
        profile.Enter(ProfileStage.Memory);
        long bytes = 0, multiplyAdds = 0, square = (long)config.HeadDim * config.HeadDim;
        foreach (Pass.MemoryItem item in pass.MemoryItems)
        {
            int leaving = pass.Parts[item.Part].Leaving;
            bytes += _memory!.OutBytesPerHead + 2 * sizeof(float) * square * Hippocampus.Hippocampus.StatePasses(leaving);
            multiplyAdds += 4 * square * leaving;
        }
        profile.Count(bytes, multiplyAdds);
    }

    void IWork.Run(int item, int worker)
    {
        switch (_step)
        {
            case Step.FoldAndRead: FoldAndRead(_pass!.MemoryItems[item], worker); break;
            case Step.NormAndGate: NormAndGate(item); break;
            default: Project(_pass!.MemoryItems[item]); break;
        }
    }

    // The query at t reads after token e = t − W was written; both are the last `Leaving` of their part.
    private void FoldAndRead(Pass.MemoryItem item, int worker)
    {
        Pass.Part part = _pass!.Parts[item.Part];
        Session session = part.Session;
        KvRing ring = session.Ring(_layer);
        int d = config.HeadDim, kvHead = item.Head / (config.HeadCount / config.KvHeadCount), gates = ring.Geometry.GatesPerToken;
        int firstRow = part.Row + part.Count - part.Leaving;
        long firstLeaving = part.Position + part.Count - part.Leaving - session.Window;
        LeavingTokens leaving = scratch.Leaving[worker];
        for (int i = 0; i < part.Leaving; i++)
        {
            ring.Read(kvHead, firstLeaving + i, leaving.Keys.AsSpan(i * d, d), leaving.Values.AsSpan(i * d, d));
            ring.Gates(firstLeaving + i).CopyTo(leaving.Gates.AsSpan(i * gates));
        }
        int start = firstRow * Width + item.Head * d, length = (part.Leaving - 1) * Width + d;
        _memory!.FoldAndRead(
            item.Head, session.Memory!.Of(config.MemoryIndex(_layer), item.Head), scratch.Query.Values.Slice(start, length), Width,
            leaving.Keys.AsSpan(0, part.Leaving * d), leaving.Values.AsSpan(0, part.Leaving * d), leaving.Gates.AsSpan(0, part.Leaving * gates),
            scratch.Remembered.Values.Slice(start, length), Width, part.Leaving, scratch.Memory[worker]);
    }

    private void NormAndGate(int row)
    {
        foreach (Pass.Part part in _pass!.Parts)
        {
            if (row < part.Row + part.Count - part.Leaving || row >= part.Row + part.Count) continue;
            _memory!.NormAndGate(scratch.Remembered.Row(row), scratch.Gates.Row(row)[^config.HeadCount..]);
        }
    }

    private void Project(Pass.MemoryItem item)
    {
        Pass.Part part = _pass!.Parts[item.Part];
        int start = (part.Row + part.Count - part.Leaving) * Width + item.Head * config.HeadDim, length = (part.Leaving - 1) * Width + config.HeadDim;
        _memory!.Project(
            item.Head, scratch.Remembered.Values.Slice(start, length), Width, scratch.Attended.Values.Slice(start, length), Width, part.Leaving);
    }
}
