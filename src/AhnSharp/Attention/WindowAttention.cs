using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Attention;

/// <summary>
/// Exact attention: softmax(q·kⱼ/√D) vⱼ over j ≤ t with t − j &lt; W or j &lt; S, or over all j ≤ t where everything stays.
/// </summary>
/// <remarks>
/// One call takes a block of consecutive queries and all query heads of one key/value head, so that a key is loaded once for all of
/// them, and walks the visible keys in blocks of 256 with a running maximum and sum (online softmax). Both products are small dense
/// ones on <see cref="Gemm"/>: scores = Q·K over tiles of 16 keys, output += weights·V. A generated token gives no more work items than
/// there are key/value heads (2 at 1.5B), so its keys are cut into <see cref="AttentionSpans"/> too. Blocks and spans depend on positions
/// alone, so the result does not depend on the number of threads.
/// </remarks>
internal sealed class WindowAttention(Gemm gemm, int headCount, int kvHeadCount, int headDim)
{
    private const int KeyBlock = AttentionScratch.KeyBlock;
    private readonly int _group = headCount / kvHeadCount;
    private readonly int _width = headCount * headDim;

    /// <summary>Attends with queries at positions <paramref name="position"/>… of the query heads of <paramref name="kvHead"/>.</summary>
    /// <param name="ring">Holds every visible key, the queries' own included.</param>
    /// <param name="sight">What of it is visible.</param>
    /// <param name="kvHead">The key/value head.</param>
    /// <param name="position">Position of the first query.</param>
    /// <param name="count">Queries, at most <see cref="AttentionScratch.QueryBlock"/>.</param>
    /// <param name="q">[count, H·D], rotated.</param>
    /// <param name="farTurns">[count, D], cos then sin by which a query that is far turns for the sinks; empty where none is.</param>
    /// <param name="output">[count, H·D]; the columns of this head group are written.</param>
    /// <param name="logSums">[count, H], log of the sum of exp(score); empty: nobody asks.</param>
    /// <param name="scratch">This thread's.</param>
    public void Attend(
        KvRing ring, AttentionSight sight, int kvHead, long position, int count, ReadOnlySpan<float> q, ReadOnlySpan<float> farTurns,
        Span<float> output, Span<float> logSums, AttentionScratch scratch)
    {
        AttentionSpans spans = AttentionSpans.Of(sight, position, count);
        Clear(count * _group, scratch);
        if (spans.Sinks > 0) WalkSinks(ring, sight, kvHead, spans.Sinks, position, count, q, farTurns, scratch);
        else Load(kvHead, count, q, scratch);
        Walk(ring, sight, kvHead, spans.Start, spans.End, position, count, scratch);
        Finish(kvHead, count, output, logSums, scratch);
    }

    /// <summary>
    /// Floats of what <see cref="AttendSpan"/> finds out for <paramref name="count"/> queries: [count·g, D] weighted
    /// values, then maxima, then sums.
    /// </summary>
    internal int PartialFloats(int count) => count * _group * (headDim + 2);

    /// <summary>
    /// Attends with the keys of one span alone (the sinks belong to the first), so that several threads can share one query;
    /// <see cref="Join"/> puts the spans together.
    /// </summary>
    /// <param name="ring">As in <see cref="Attend"/>, and so are the next six and the last.</param>
    /// <param name="sight">What of it is visible.</param>
    /// <param name="kvHead">The key/value head.</param>
    /// <param name="position">Position of the first query.</param>
    /// <param name="count">Queries.</param>
    /// <param name="q">[count, H·D], rotated.</param>
    /// <param name="farTurns">[count, D], or empty.</param>
    /// <param name="spans">Of this sight, position and count.</param>
    /// <param name="span">Which of them.</param>
    /// <param name="partial">Receives <see cref="PartialFloats"/> floats.</param>
    /// <param name="scratch">This thread's.</param>
    internal void AttendSpan(
        KvRing ring, AttentionSight sight, int kvHead, long position, int count, ReadOnlySpan<float> q, ReadOnlySpan<float> farTurns,
        AttentionSpans spans, int span, Span<float> partial, AttentionScratch scratch)
    {
        int rows = count * _group;
        Clear(rows, scratch);
        if (span == 0 && spans.Sinks > 0) WalkSinks(ring, sight, kvHead, spans.Sinks, position, count, q, farTurns, scratch);
        else Load(kvHead, count, q, scratch);
        (long from, long end) = spans[span];
        Walk(ring, sight, kvHead, from, end, position, count, scratch);
        scratch.Output.AsSpan(0, rows * headDim).CopyTo(partial);
        scratch.Maximum.AsSpan(0, rows).CopyTo(partial[(rows * headDim)..]);
        scratch.Sum.AsSpan(0, rows).CopyTo(partial[(rows * (headDim + 1))..]);
    }

    /// <summary>The attention of all spans together, in their order.</summary>
    /// <param name="kvHead">The key/value head.</param>
    /// <param name="count">Queries.</param>
    /// <param name="partials">Those of every span, one behind the other.</param>
    /// <param name="output">[count, H·D]; the columns of this head group are written.</param>
    /// <param name="logSums">[count, H], log of the sum of exp(score); empty: nobody asks.</param>
    /// <param name="scratch">This thread's.</param>
    internal void Join(
        int kvHead, int count, ReadOnlySpan<float> partials, Span<float> output, Span<float> logSums, AttentionScratch scratch)
    {
        int rows = count * _group, floats = PartialFloats(count);
        Clear(rows, scratch);
        for (; !partials.IsEmpty; partials = partials[floats..])
        {
            ReadOnlySpan<float> maxima = partials.Slice(rows * headDim, rows), sums = partials.Slice(rows * (headDim + 1), rows);
            for (int r = 0; r < rows; r++)
            {
                // A query sees nothing of a span that left its window, though another query of the block does.
                if (sums[r] == 0) continue;
                Rescale(r, maxima[r], scratch);
                float weight = MathF.Exp(maxima[r] - scratch.Maximum[r]);
                Span<float> to = scratch.Output.AsSpan(r * headDim, headDim);
                TensorPrimitives.MultiplyAdd(partials.Slice(r * headDim, headDim), weight, to, to);
                scratch.Sum[r] += weight * sums[r];
            }
        }
        Finish(kvHead, count, output, logSums, scratch);
    }

    // Queries farther away than reach see the sinks as from there, and everything else from where they are.
    private void WalkSinks(
        KvRing ring, AttentionSight sight, int kvHead, long sinks, long position, int count, ReadOnlySpan<float> q,
        ReadOnlySpan<float> farTurns, AttentionScratch scratch)
    {
        Load(kvHead, count, q, scratch);
        bool far = sight.IsFar(position + count - 1);
        int width = _group * headDim;
        for (int i = 0; far && i < count; i++)
        {
            if (!sight.IsFar(position + i)) continue;
            ReadOnlySpan<float> turn = farTurns.Slice(i * headDim, headDim);
            Rope.Rotate(scratch.Queries.AsSpan(i * width, width), turn[..(headDim / 2)], turn[(headDim / 2)..]);
        }
        Walk(ring, sight, kvHead, 0, sinks, position, count, scratch);
        if (far) Load(kvHead, count, q, scratch);
    }

    private void Load(int kvHead, int count, ReadOnlySpan<float> q, AttentionScratch scratch)
    {
        float scale = 1 / MathF.Sqrt(headDim);
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.Multiply(
                q.Slice(i * _width + Column(kvHead), _group * headDim), scale, scratch.Queries.AsSpan(i * _group * headDim));
        }
    }

    private void Clear(int rows, AttentionScratch scratch)
    {
        scratch.Output.AsSpan(0, rows * headDim).Clear();
        scratch.Maximum.AsSpan(0, rows).Fill(float.NegativeInfinity);
        scratch.Sum.AsSpan(0, rows).Clear();
    }

    private void Finish(int kvHead, int count, Span<float> output, Span<float> logSums, AttentionScratch scratch)
    {
        for (int r = 0; r < count * _group; r++)
        {
            Span<float> to = output.Slice(r / _group * _width + Column(kvHead) + r % _group * headDim, headDim);
            TensorPrimitives.Divide(scratch.Output.AsSpan(r * headDim, headDim), scratch.Sum[r], to);
            if (!logSums.IsEmpty)
                logSums[r / _group * headCount + kvHead * _group + r % _group] = scratch.Maximum[r] + MathF.Log(scratch.Sum[r]);
        }
    }

    private int Column(int kvHead) => kvHead * _group * headDim;

    private void Walk(
        KvRing ring, AttentionSight sight, int kvHead, long from, long end, long position, int count, AttentionScratch scratch)
    {
        while (from < end)
        {
            KvRun run = ring.Run(from, end);
            // Whole tiles: the block starts at the run's tile, and slots before the run are masked.
            int skew = run.Slot % KvGeometry.TileSlots;
            int keys = Math.Min(run.Count, KeyBlock - skew);
            Block(ring, sight, kvHead, run with { Slot = run.Slot - skew, Count = keys }, skew, position, count, scratch);
            from += keys;
        }
    }

    // run.Slot is the first slot of a tile; the run's positions begin `skew` slots later.
    private void Block(
        KvRing ring, AttentionSight sight, int kvHead, KvRun run, int skew, long position, int count, AttentionScratch scratch)
    {
        int rows = count * _group, tiles = (skew + run.Count + KvGeometry.TileSlots - 1) / KvGeometry.TileSlots;
        Scores(ring, kvHead, run, tiles, rows, scratch);
        for (int r = 0; r < rows; r++)
        {
            (int first, int last) = Visible(sight, run, position + r / _group);
            Weigh(r, skew + first, skew + last, tiles * KvGeometry.TileSlots, scratch);
        }
        // Slots after the run's last may lie behind the segment's end; only the run's own values are read.
        AddValues(ring, kvHead, run, skew, rows, scratch);
    }

    // Visible positions of the run for a query at t, as a half-open range of offsets into the run.
    private static (int First, int Last) Visible(AttentionSight sight, KvRun run, long t)
    {
        int last = (int)Math.Clamp(t + 1 - run.Position, 0, run.Count);
        // A run lies either among the sinks, which every query sees, or behind them.
        if (sight.Geometry.Grows || run.Position < sight.Geometry.Sinks) return (0, last);
        long first = Math.Max(0, sight.WindowStart(t) - run.Position);
        return ((int)Math.Min(first, last), last);
    }

    // Softmax of one row's visible part against what was seen before.
    private void Weigh(int row, int first, int last, int padded, AttentionScratch scratch)
    {
        Span<float> scores = scratch.Scores.AsSpan(row * KeyBlock, padded);
        if (first >= last)
        {
            scores.Clear();
            return;
        }
        scores[..first].Clear();
        scores[last..].Clear();
        Span<float> visible = scores[first..last];
        Rescale(row, TensorPrimitives.Max(visible), scratch);
        TensorPrimitives.Subtract(visible, scratch.Maximum[row], visible);
        Exponential.InPlace(visible);
        scratch.Sum[row] += TensorPrimitives.Sum<float>(visible);
    }

    // A larger maximum shrinks what was seen before by e^(old − new).
    private void Rescale(int row, float maximum, AttentionScratch scratch)
    {
        float old = scratch.Maximum[row];
        if (maximum <= old) return;
        float shrink = MathF.Exp(old - maximum);
        Span<float> output = scratch.Output.AsSpan(row * headDim, headDim);
        TensorPrimitives.Multiply(output, shrink, output);
        scratch.Sum[row] *= shrink;
        scratch.Maximum[row] = maximum;
    }

    private void Scores(KvRing ring, int kvHead, KvRun run, int tiles, int rows, AttentionScratch scratch)
    {
        const int Lanes = KvGeometry.TileSlots;
        NativeBuffer segment = ring.Segment(run.Segment);
        for (int i = 0; i < tiles; i++)
        {
            long tile = ring.KeyTileOffset(run.Segment, kvHead, run.Slot / Lanes + i);
            // AddValues walks over a block by columns, for which no prefetcher of a processor is made: 3.9 GB/s instead of 10 from memory.
            int slot = run.Slot + i * Lanes,
                valueBytes = Math.Min(Lanes, ring.Geometry.SlotsOf(run.Segment) - slot) * ring.Geometry.RowBytes;
            Prefetch.IntoSecondCache(in segment.Ref<byte>(ring.ValueOffset(run.Segment, kvHead, slot), valueBytes), valueBytes);
            ref float scores = ref scratch.Scores[i * Lanes];
            ref readonly float queries = ref scratch.Queries[0];
            int entries = headDim * Lanes;
            switch (ring.Geometry.Type)
            {
                case KvType.F32:
                    gemm.Multiply(in queries, headDim, in segment.Ref<float>(tile, entries), Lanes, ref scores, KeyBlock, rows,
                        headDim, Lanes, false);
                    break;
                case KvType.F16:
                    gemm.Multiply(
                        in queries, headDim, in segment.Ref<Half>(tile, entries), Lanes, ref scores, KeyBlock, rows, headDim, Lanes, false);
                    break;
                default:
                    KvEntries.DequantizeTile(segment, tile, headDim, scratch.Dequantized);
                    gemm.Multiply(in queries, headDim, in scratch.Dequantized[0], Lanes, ref scores, KeyBlock, rows, headDim, Lanes, false);
                    break;
            }
        }
    }

    private void AddValues(KvRing ring, int kvHead, KvRun run, int skew, int rows, AttentionScratch scratch)
    {
        NativeBuffer segment = ring.Segment(run.Segment);
        long values = ring.ValueOffset(run.Segment, kvHead, run.Slot + skew);
        int entries = run.Count * headDim;
        ref readonly float weights = ref scratch.Scores[skew];
        ref float output = ref scratch.Output[0];
        switch (ring.Geometry.Type)
        {
            case KvType.F32:
                gemm.Multiply(in weights, KeyBlock, in segment.Ref<float>(values, entries), headDim, ref output, headDim, rows,
                    run.Count, headDim, true);
                break;
            case KvType.F16:
                gemm.Multiply(in weights, KeyBlock, in segment.Ref<Half>(values, entries), headDim, ref output, headDim, rows,
                    run.Count, headDim, true);
                break;
            default:
                for (int i = 0; i < run.Count; i++)
                {
                    KvEntries.DequantizeRow(
                        segment, values + (long)i * ring.Geometry.RowBytes, scratch.Dequantized.AsSpan(i * headDim, headDim));
                }
                gemm.Multiply(
                    in weights, KeyBlock, in scratch.Dequantized[0], headDim, ref output, headDim, rows, run.Count, headDim, true);
                break;
        }
    }
}
