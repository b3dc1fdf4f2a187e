using System;
using System.Collections.Generic;
using System.Numerics.Tensors;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Blocks that a pass fills go from the ring into the archive: one item per key/value head that has one.</summary>
/// <remarks>
/// All blocks of a pass are sealed before anybody asks; a token looks only at those that were full when it came, so a text may be cut
/// anyhow. Their tokens still lie in the ring, which has room for window, one block and one chunk.
/// </remarks>
internal sealed class SealWork(ModelConfig config, Rope rope, int workers) : IWork
{
    private readonly record struct Item(int Part, int KvHead);

    private readonly List<Item> _items = [];
    private readonly List<int> _turnsOf = []; // by part: where its turns begin
    private readonly Seals[] _seals = new Seals[workers];
    private float[] _turns = []; // [sealed tokens][D], cos then sin of the turn back to position 0
    private Pass? _pass;
    private int _layer;

    // What one thread needs; it grows to the largest block seen.
    private sealed class Seals(int floats)
    {
        public float[] Keys { get; } = new float[floats];
        public float[] Values { get; } = new float[floats];
        public float[] Scratch { get; } = new float[floats];
    }

    /// <summary>The turns of everything that the pass will seal, the same for all layers and heads.</summary>
    public void Plan(Pass pass)
    {
        _turnsOf.Clear();
        int tokens = 0, d = config.HeadDim;
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            _turnsOf.Add(tokens * d);
            if (part.Session.Archive is { } archive) tokens += (int)(End(part, archive) - First(part, archive)) * archive.Shape.Block;
        }
        if (_turns.Length < tokens * d) _turns = new float[tokens * d];
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            ref readonly Pass.Part part = ref pass.Parts[i];
            if (part.Session.Archive is not { } archive) continue;
            long first = First(part, archive), end = End(part, archive);
            int block = archive.Shape.Block;
            for (long n = first; n < end; n++)
            {
                archive.WriteTurn(rope, n);
                for (int j = 0; j < block; j++)
                    TurnBack(archive.Shape.First(n) + j, _turns.AsSpan(_turnsOf[i] + ((int)(n - first) * block + j) * d, d));
            }
        }
    }

    public void Run(int layer, Pass pass, Workers team)
    {
        (_layer, _pass) = (layer, pass);
        _items.Clear();
        int largest = 0;
        for (int i = 0; i < pass.Parts.Length; i++)
        {
            ref readonly Pass.Part part = ref pass.Parts[i];
            if (part.Session.Archive is not { } archive || First(part, archive) == End(part, archive)) continue;
            largest = Math.Max(largest, archive.Shape.Block * config.HeadDim);
            for (int head = 0; head < config.KvHeadCount; head++)
            {
                if (archive.Shape.Has(layer, head)) _items.Add(new Item(i, head));
            }
        }
        if (_items.Count == 0) return;
        for (int w = 0; w < _seals.Length; w++)
        {
            if (_seals[w] is null || _seals[w].Keys.Length < largest) _seals[w] = new Seals(largest);
        }
        team.Profile?.Enter(ProfileStage.Archive);
        team.Run(this, _items.Count);
    }

    void IWork.Run(int item, int worker)
    {
        (int index, int kvHead) = _items[item];
        Pass.Part part = _pass!.Parts[index];
        ArchiveStore archive = part.Session.Archive!;
        KvRing ring = part.Session.HostLayer(_layer).Ring;
        Seals own = _seals[worker];
        int d = config.HeadDim, half = d / 2, b = archive.Shape.Block, slot = archive.Shape.Slot(_layer, kvHead), at = _turnsOf[index];
        for (long n = First(part, archive), end = End(part, archive); n < end; n++)
        {
            for (int j = 0; j < b; j++, at += d)
            {
                Span<float> key = own.Keys.AsSpan(j * d, d);
                ring.Read(kvHead, archive.Shape.First(n) + j, key, own.Values.AsSpan(j * d, d));
                Rope.Rotate(key, _turns.AsSpan(at, half), _turns.AsSpan(at + half, half));
            }
            archive.Seal(n, slot, own.Keys.AsSpan(0, b * d), own.Values.AsSpan(0, b * d), own.Scratch);
        }
    }

    private static long First(in Pass.Part part, ArchiveStore archive) => archive.Shape.Sealed(part.Position);

    private static long End(in Pass.Part part, ArchiveStore archive) => archive.Shape.Sealed(part.Position + part.Count);

    // YaRN's factor goes with the turn.
    private void TurnBack(long position, Span<float> turn)
    {
        rope.Turn(-position, turn[..(turn.Length / 2)], turn[(turn.Length / 2)..]);
        if (rope.Magnitude != 1) TensorPrimitives.Divide(turn, rope.Magnitude, turn);
    }
}
