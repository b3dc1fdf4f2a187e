using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>
/// Attention to an archive: the index names candidates, exact scores choose among them, one softmax takes the chosen and the exact part.
/// </summary>
/// <remarks>
/// Every number belongs to one (token, key/value head) and is computed by one thread in a fixed order; so it does not depend on how many
/// threads there are. docs/archive.md, Reading.
/// </remarks>
internal sealed class Retrieval(Gemm gemm, BlockKernel kernel, Rope rope, int group, int headDim)
{
    /// <summary>c of blocks <paramref name="from"/> … end − 1 in floats: what <see cref="IndexScan"/> estimates in bytes.</summary>
    public void Estimate(in ArchiveQuery query, int from, Span<float> estimates, RetrievalScratch scratch)
    {
        ArchiveShape shape = query.Store.Shape;
        bool far = false;
        for (int i = 0; i < estimates.Length; i++)
        {
            int block = from + i;
            if (block < query.First) continue; // dropped: offered to nobody
            // Blocks beyond reach see the queries alike, and lie before all others.
            if (!far) Turn(query, block, rope.Magnitude, scratch.Queries);
            far = query.IsFar(block) && i + 1 < estimates.Length && query.IsFar(block + 1);
            if (shape.HasIndex)
                ArchiveIndex.Read(shape, query.Store.Index(block, query.Slot), query.Store.Centre(query.Slot), scratch.Keys);
            else ArchiveCodes.ReadKeys(shape, query.Store.Head(block, query.Slot), scratch.Keys);
            Span<float> scores = ScoresOf(0, scratch);
            Multiply(shape.Block, scores, scratch);
            FindBest(scores, scratch);
            estimates[i] = LargestLead(query.LogSums, scratch.Best);
        }
    }

    /// <summary>Attends to the best blocks and puts the result together with that of the exact part.</summary>
    /// <param name="query">Of one token.</param>
    /// <param name="estimates">c of every block; empty where all are scored exactly.</param>
    /// <param name="output">[G, D]: the attention of the exact part becomes that of both.</param>
    /// <param name="shares">ρ [G].</param>
    /// <param name="scratch">This thread's; afterwards says which blocks were chosen.</param>
    public void Attend(
        in ArchiveQuery query, ReadOnlySpan<float> estimates, Span<float> output, Span<float> shares, RetrievalScratch scratch)
    {
        ArchiveOptions options = query.Store.Shape.Options;
        shares.Clear();
        scratch.Chosen.Clear(options.AttendedBlocks);
        FindCandidates(query, estimates, scratch);
        ReadOnlySpan<int> candidates = scratch.Candidates.Blocks;
        bool isFar = false; // whether the queries are turned to reach
        for (int c = 0; c < candidates.Length; c++)
        {
            int block = candidates[c];
            if (c + 1 < candidates.Length) PrefetchKeys(query, candidates[c + 1]);
            Span<float> scores = ScoresOf(c, scratch);
            if (!isFar || !query.IsFar(block)) Turn(query, block, 1, scratch.Queries);
            isFar = query.IsFar(block);
            ScoreExactly(query, block, scores, scratch);
            FindBest(scores, scratch);
            float lead = LargestLead(query.LogSums, scratch.Best);
            // The layer is then refused by name: numbers behind it are not finite.
            if (float.IsNaN(lead)) output.Fill(float.NaN);
            if (lead > options.Threshold) scratch.Chosen.Offer(lead, block);
        }
        query.Store.CountRead(scratch.Candidates.Count, scratch.Chosen.Count);
        if (scratch.Chosen.Count > 0) Join(query, output, shares, scratch);
    }

    private Span<float> ScoresOf(int candidate, RetrievalScratch scratch) =>
        scratch.Scores.AsSpan(candidate * group * scratch.Shape.Block, group * scratch.Shape.Block);

    private static void FindCandidates(in ArchiveQuery query, ReadOnlySpan<float> estimates, RetrievalScratch scratch)
    {
        TopBlocks candidates = scratch.Candidates;
        candidates.Clear(estimates.IsEmpty ? query.Store.Shape.ExactBlocks : query.Store.Shape.Options.Candidates);
        if (!estimates.IsEmpty) candidates.OfferAll(estimates[query.First..query.Blocks], query.First);
        else for (int block = query.First; block < query.Blocks; block++) candidates.Offer(0, block);
    }

    // u: the queries as a block sees them, over √D.
    private void Turn(in ArchiveQuery query, int block, float magnitude, Span<float> turned)
    {
        ReadOnlySpan<float> turn = query.TurnOf(block);
        TensorPrimitives.Multiply(query.Queries, magnitude / MathF.Sqrt(headDim), turned);
        Rope.Rotate(turned, turn[..(headDim / 2)], turn[(headDim / 2)..]);
    }

    /// <summary>The largest of best − ℓ over the heads of a group.</summary>
    internal static float LargestLead(ReadOnlySpan<float> logSums, ReadOnlySpan<float> best)
    {
        float lead = float.NegativeInfinity;
        for (int g = 0; g < best.Length; g++) lead = MathF.Max(lead, best[g] - logSums[g]);
        return lead;
    }

    // x = u·RoPE(K̄, offset inside the block).
    private void ScoreExactly(in ArchiveQuery query, int block, Span<float> scores, RetrievalScratch scratch)
    {
        ArchiveShape shape = query.Store.Shape;
        int b = shape.Block, half = headDim / 2;
        ReadOnlySpan<byte> head = query.Store.Head(block, query.Slot);
        if (shape.TurnsBytes)
        {
            kernel.Score(
                ArchiveCodes.KeyBytes(shape, head), ArchiveCodes.ByteScales(shape, head)[..b], scratch.OffsetCos, scratch.OffsetSin,
                scratch.Queries, headDim, scores);
            return;
        }
        ArchiveCodes.ReadKeys(shape, head, scratch.Keys);
        for (int i = 0; i < half; i++)
        {
            Rope.RotateLanes(
                scratch.Keys.AsSpan(i * b, b), scratch.Keys.AsSpan((i + half) * b, b), scratch.OffsetCos.AsSpan(i * b, b),
                scratch.OffsetSin.AsSpan(i * b, b));
        }
        Multiply(b, scores, scratch);
    }

    // Blocks lie anywhere in the archive: the next is asked for while this one is scored.
    private static void PrefetchKeys(in ArchiveQuery query, int block)
    {
        ReadOnlySpan<byte> head = query.Store.Head(block, query.Slot);
        Prefetch.IntoSecondCache(in head[0], query.Store.Shape.CodeBytes);
    }

    private void FindBest(ReadOnlySpan<float> scores, RetrievalScratch scratch)
    {
        int b = scratch.Shape.Block;
        for (int g = 0; g < group; g++) scratch.Best[g] = TensorPrimitives.Max(scores.Slice(g * b, b));
    }

    private void Multiply(int b, Span<float> scores, RetrievalScratch scratch) => gemm.Multiply(
        in scratch.Queries[0], headDim, in scratch.Keys[0], b, ref scores[0], b, group, headDim, b, accumulate: false);

    // One softmax over both: the exact part weighs 1 in units of e^ℓ, an archived token e^(x − ℓ).
    private void Join(in ArchiveQuery query, Span<float> output, Span<float> shares, RetrievalScratch scratch)
    {
        int b = query.Store.Shape.Block;
        ReadOnlySpan<int> chosen = scratch.Chosen.Blocks, candidates = scratch.Candidates.Blocks;
        for (int g = 0; g < group; g++)
        {
            float largest = 0;
            for (int n = 0; n < chosen.Length; n++)
            {
                Span<float> row = ScoresOf(candidates.IndexOf(chosen[n]), scratch).Slice(g * b, b);
                TensorPrimitives.Subtract(row, query.LogSums[g], row);
                largest = MathF.Max(largest, TensorPrimitives.Max<float>(row));
            }
            (scratch.Best[g], scratch.Sums[g]) = (largest, MathF.Exp(-largest));
            TensorPrimitives.Multiply(output.Slice(g * headDim, headDim), scratch.Sums[g], scratch.Output.AsSpan(g * headDim));
        }
        for (int n = 0; n < chosen.Length; n++)
        {
            Span<float> weights = ScoresOf(candidates.IndexOf(chosen[n]), scratch);
            for (int g = 0; g < group; g++)
            {
                Span<float> row = weights.Slice(g * b, b);
                TensorPrimitives.Subtract(row, scratch.Best[g], row);
                Exponential.InPlace(row);
                float sum = TensorPrimitives.Sum<float>(row);
                scratch.Sums[g] += sum;
                shares[g] += sum;
            }
            AddValues(query.Store.Shape, query.Store.Head(chosen[n], query.Slot), weights, scratch);
        }
        for (int g = 0; g < group; g++)
        {
            shares[g] /= scratch.Sums[g];
            TensorPrimitives.Divide(scratch.Output.AsSpan(g * headDim, headDim), scratch.Sums[g], output.Slice(g * headDim, headDim));
        }
        for (int n = 0; n < chosen.Length; n++)
            scratch.Shares[n] = MeanShare(ScoresOf(candidates.IndexOf(chosen[n]), scratch), b, scratch.Sums);
    }

    // output += weights·V̄; the scale of a token goes with its weight.
    private void AddValues(ArchiveShape shape, ReadOnlySpan<byte> head, ReadOnlySpan<float> weights, RetrievalScratch scratch)
    {
        int b = shape.Block;
        if (shape.Options.Type != ArchiveType.EightBits)
        {
            ArchiveCodes.ReadValues(shape, head, scratch.Keys);
            gemm.Multiply(
                in weights[0], b, in scratch.Keys[0], headDim, ref scratch.Output[0], headDim, group, b, headDim, accumulate: true);
            return;
        }
        Span<float> scaled = scratch.Keys.AsSpan(0, group * b);
        for (int g = 0; g < group; g++)
            TensorPrimitives.Multiply(weights.Slice(g * b, b), ArchiveCodes.ByteScales(shape, head).Slice(b, b), scaled.Slice(g * b, b));
        gemm.Multiply(
            in scaled[0], b, in ArchiveCodes.ValueBytes(shape, head)[0], headDim, ref scratch.Output[0], headDim, group, b, headDim,
            accumulate: true);
    }

    private float MeanShare(ReadOnlySpan<float> weights, int b, ReadOnlySpan<float> sums)
    {
        float share = 0;
        for (int g = 0; g < group; g++) share += TensorPrimitives.Sum(weights.Slice(g * b, b)) / sums[g];
        return share / group;
    }
}
