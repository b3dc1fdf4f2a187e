using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>
/// Exact attention of a pass: one item per block of queries and key/value head, and of few queries one item a span of their keys.
/// </summary>
internal sealed class AttendWork(ModelConfig config, Scratch scratch, WindowAttention attention) : IWork
{
    // A prompt has items enough for every thread; of a block of 32 queries the partials would be larger than the keys.
    private const int MaxSplitQueries = 8;

    // Span: −1 takes all keys; else Split says whose.
    private readonly record struct Item(int Part, int KvHead, int FirstQuery, int Queries, int Span, int Split);

    // One key/value head of a part whose keys are cut into spans: their partials begin at float Partials.
    private readonly record struct Split(AttentionSpans Spans, int Partials);

    private readonly List<Item> _items = [];
    private readonly List<Split> _splits = [];
    private int[] _spansLeft = [];
    private Pass? _pass;
    private int _layer;

    public void Run(int layer, Pass pass, Workers workers)
    {
        (_layer, _pass) = (layer, pass);
        scratch.Attended.Reshape(pass.Rows, config.HeadCount * config.HeadDim);
        scratch.LogSums.Reshape(pass.Rows, config.HeadCount);
        Plan(pass);
        if (workers.Profile is { } profile) Count(profile, pass);
        workers.Run(this, _items.Count);
    }

    // Layers with full attention and layers with a window see different keys, so each layer plans: some ten entries.
    private void Plan(Pass pass)
    {
        _items.Clear();
        _splits.Clear();
        int floats = 0;
        for (int p = 0; p < pass.Parts.Length; p++)
        {
            Pass.Part part = pass.Parts[p];
            for (int kvHead = 0; kvHead < config.KvHeadCount; kvHead++)
            {
                AttentionSpans spans = AttentionSpans.Of(SightOf(part, kvHead), part.Position, part.Count);
                bool splits = part.Count <= MaxSplitQueries && spans.IsLong;
                if (splits)
                {
                    for (int s = 0; s < spans.Count; s++) _items.Add(new Item(p, kvHead, 0, part.Count, s, _splits.Count));
                    _splits.Add(new Split(spans, floats));
                    floats += spans.Count * attention.PartialFloats(part.Count);
                    continue;
                }
                for (int q = 0; q < part.Count; q += AttentionScratch.QueryBlock)
                {
                    _items.Add(new Item(p, kvHead, q, Math.Min(AttentionScratch.QueryBlock, part.Count - q), -1, -1));
                }
            }
        }
        scratch.AttendedSpans.Reshape(1, floats);
        if (_spansLeft.Length < _splits.Count) _spansLeft = new int[_splits.Count];
        for (int i = 0; i < _splits.Count; i++) _spansLeft[i] = _splits[i].Spans.Count;
    }

    private AttentionSight SightOf(in Pass.Part part, int kvHead) => new(
        part.Session.HostLayer(_layer).Ring.Geometry, part.Asks && part.Session.Plan.Shape!.Has(_layer, kvHead), part.Session.Plan.Reach);

    // Keys and values are read once a block of queries and key/value head; each query multiplies with what it sees twice.
    private void Count(StepProfile profile, Pass pass)
    {
        profile.Enter(ProfileStage.Attention);
        long bytes = 0, multiplyAdds = 0;
        foreach (ref readonly Pass.Part part in pass.Parts)
        {
            KvGeometry ring = part.Session.HostLayer(_layer).Ring.Geometry;
            for (int q = 0; q < part.Count; q++)
            {
                long seen = ring.Visible(part.Position + q);
                if (q % AttentionScratch.QueryBlock == AttentionScratch.QueryBlock - 1 || q == part.Count - 1)
                    bytes += 2L * config.KvHeadCount * ring.RowBytes * seen;
                multiplyAdds += 2 * seen * config.HeadDim * config.HeadCount;
            }
        }
        profile.Count(bytes, multiplyAdds);
    }

    void IWork.Run(int item, int worker)
    {
        (int p, int kvHead, int first, int count, int span, int splitIndex) = _items[item];
        Pass.Part part = _pass!.Parts[p];
        KvRing ring = part.Session.HostLayer(_layer).Ring;
        int width = config.HeadCount * config.HeadDim, row = part.Row + first;
        long position = part.Position + first;
        ReadOnlySpan<float> q = scratch.Query.Values.Slice(row * width, count * width);
        Span<float> output = scratch.Attended.Values.Slice(row * width, count * width);
        AttentionSight sight = SightOf(part, kvHead);
        ReadOnlySpan<float> farTurns = sight.IsFar(position + count - 1)
            ? scratch.FarTurns.Values.Slice(row * config.HeadDim, count * config.HeadDim) : [];
        Span<float> logSums = sight.Pending ? scratch.LogSums.Values.Slice(row * config.HeadCount, count * config.HeadCount) : [];
        AttentionScratch own = scratch.Attention[worker];
        if (span < 0)
        {
            attention.Attend(ring, sight, kvHead, position, count, q, farTurns, output, logSums, own);
            return;
        }
        Split split = _splits[splitIndex];
        int floats = attention.PartialFloats(count);
        attention.AttendSpan(ring, sight, kvHead, position, count, q, farTurns, split.Spans, span,
            scratch.AttendedSpans.Values.Slice(split.Partials + (span * floats), floats), own);
        // Whoever ends last joins, so that no thread waits for another; the decrement is a full fence.
        if (Interlocked.Decrement(ref _spansLeft[splitIndex]) > 0) return;
        attention.Join(
            kvHead, count, scratch.AttendedSpans.Values.Slice(split.Partials, split.Spans.Count * floats), output, logSums, own);
    }
}
