using System;
using System.Collections.Generic;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>The compressed memories as they were, in case a pass does not finish: a fold cannot be reversed.</summary>
/// <remarks>
/// A copy costs one read and write of the state: 22 MB at 1.5B, 2.6 ms. Before a chunk that takes seconds it is made every time; before
/// a single token it would be 6 % of it, so a copy serves up to <see cref="MaxReplayed"/> tokens, and what was folded since is folded
/// again into it, from keys and values that still lie in the ring. Folding token by token depends on no cut, so the bits are the same.
/// There are as many copies as the largest batch had texts.
/// </remarks>
internal sealed class UndoLog(ModelConfig config, Weights weights, int firstLayer, int chunkTokens) : IDisposable
{
    private const int MaxReplayed = 64;
    private readonly List<Copy> _copies = [];
    private readonly HippocampusScratch? _scratch = config.Ahn is null ? null : new HippocampusScratch(config.HeadDim);
    private readonly float[] _key = new float[config.HeadDim], _value = new float[config.HeadDim], _query = new float[config.HeadDim];
    private readonly float[] _read = new float[config.HeadDim];
    private long _passes;

    // The memories of one text when it had seen Position tokens; IsReplayable: everything since was folded token by token.
    private sealed class Copy
    {
        public NativeBuffer? States { get; set; }
        public long Session { get; set; }
        public int Beginnings { get; set; }
        public long Position { get; set; }
        public bool IsReplayable { get; set; }
        public long LastPass { get; set; }
    }

    /// <summary>Sees to it that every part of a pass can be put back.</summary>
    public void Prepare(Pass pass)
    {
        _passes++;
        // Copies that serve are marked before others are overwritten.
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            if (part.Evicted > 0 && Serving(part) is { } copy) copy.LastPass = _passes;
        }
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            if (part.Evicted > 0 && Serving(part) is null) Save(part);
        }
    }

    /// <summary>Puts the memories of a part back to where they stood before the pass.</summary>
    public void PutBack(in Pass.Part part)
    {
        if (part.Evicted == 0) return;
        Copy copy = Of(part.Session)!;
        long byteOffset = 0;
        for (int layer = firstLayer; layer < config.LayerCount; layer++)
        {
            HostLayer state = part.Session.HostLayer(layer);
            if (state.Memory is not { } memory) continue;
            memory.CopyFrom(copy.States!, byteOffset);
            byteOffset += memory.ByteLength;
            Replay(weights.Layers[layer].Memory!, state, part.Session, copy.Position, part.Position);
        }
    }

    public void Dispose()
    {
        foreach (Copy copy in _copies) copy.States?.Dispose();
        _copies.Clear();
    }

    private Copy? Of(LanguageSession session)
    {
        foreach (Copy copy in _copies)
        {
            if (copy.Session == session.Number) return copy;
        }
        return null;
    }

    // The copy from which a part can be put back, also after the pass has written its tokens into the ring.
    private Copy? Serving(in Pass.Part part)
    {
        foreach (Copy copy in _copies)
        {
            if (copy.Session != part.Session.Number) continue;
            // Made for this very pass.
            if (copy.LastPass == _passes && copy.Position == part.Position) return copy;
            bool reaches = part.Position + part.Count - copy.Position <= Math.Min(MaxReplayed, chunkTokens);
            return copy.IsReplayable && copy.Beginnings == part.Session.Beginnings && copy.Position <= part.Position && reaches
                && Hippocampus.Hippocampus.IsRecurrent(part.Evicted) ? copy : null;
        }
        return null;
    }

    private void Save(in Pass.Part part)
    {
        long bytes = 0;
        for (int layer = firstLayer; layer < config.LayerCount; layer++) bytes += part.Session.HostLayer(layer).MemoryBytes;
        Copy copy = Of(part.Session) ?? Unused();
        if (copy.States is null || copy.States.ByteLength < bytes)
        {
            copy.States?.Dispose();
            copy.States = new NativeBuffer(bytes);
        }
        (copy.Session, copy.Beginnings, copy.Position) = (part.Session.Number, part.Session.Beginnings, part.Position);
        (copy.IsReplayable, copy.LastPass) = (Hippocampus.Hippocampus.IsRecurrent(part.Evicted), _passes);
        long byteOffset = 0;
        for (int layer = firstLayer; layer < config.LayerCount; layer++)
        {
            if (part.Session.HostLayer(layer).Memory is not { } memory) continue;
            memory.CopyTo(copy.States, byteOffset);
            byteOffset += memory.ByteLength;
        }
    }

    // The one that has not served for longest, where it does not serve this pass; else a further one.
    private Copy Unused()
    {
        Copy? oldest = null;
        foreach (Copy copy in _copies)
        {
            if (copy.LastPass < _passes && (oldest is null || copy.LastPass < oldest.LastPass)) oldest = copy;
        }
        if (oldest is not null) return oldest;
        var added = new Copy();
        _copies.Add(added);
        return added;
    }

    // Tokens that were seen at from … to − 1 each pushed one out of the window: those are folded again.
    private void Replay(Hippocampus.Hippocampus memory, HostLayer state, LanguageSession session, long from, long to)
    {
        for (long t = Math.Max(from, (long)session.Window + session.Sinks); t < to; t++)
        {
            long evicted = t - session.Window;
            for (int head = 0; head < config.HeadCount; head++)
            {
                state.Ring.Read(head / (config.HeadCount / config.KvHeadCount), evicted, _key, _value);
                memory.UpdateAndRead(
                    head, state.Memory!.Of(head), _query, config.HeadDim, _key, _value, state.Ring.Gates(evicted), _read, config.HeadDim, 1,
                    _scratch!);
            }
        }
    }
}
