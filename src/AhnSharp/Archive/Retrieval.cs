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
internal sealed class Retrieval(Gemm gemm, Rope rope, int group, int headDim)
{
    /// <summary>c of blocks <paramref name="from"/> … end − 1, from the index alone.</summary>
    public void Estimate(in ArchiveQuery query, int from, Span<float> estimates, RetrievalScratch scratch)
    {
        ArchiveShape shape = query.Store.Shape;
        bool far = false;
        for (int i = 0; i < estimates.Length; i++)
        {
            int block = from + i;
            if (block < query.First)
            {
                estimates[i] = float.NegativeInfinity; // dropped
                continue;
            }
            // Blocks beyond reach see the queries alike, and lie before all others.
            if (!far)
            {
                Turn(query, block, rope.Magnitude, scratch.Queries);
                if (shape.HasIndex) scratch.Index.Set(scratch.Queries, query.Store.Centre(query.Slot));
            }
            far = query.IsFar(block) && i + 1 < estimates.Length && query.IsFar(block + 1);
            if (shape.HasIndex) scratch.Index.Score(query.Store.Index(block, query.Slot), scratch.Best);
            else ScoreFloats(query, block, scratch);
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
        for (int c = 0; c < scratch.Candidates.Count; c++)
        {
            int block = scratch.Candidates.Blocks[c];
            Span<float> scores = ScoresOf(c, scratch);
            ScoreExactly(query, block, scores, scratch);
            for (int g = 0; g < group; g++)
                scratch.Best[g] = TensorPrimitives.Max<float>(scores.Slice(g * query.Store.Shape.Block, query.Store.Shape.Block));
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
        for (int block = query.First; block < query.Blocks; block++) candidates.Offer(estimates.IsEmpty ? 0 : estimates[block], block);
    }

    // u: the queries as a block sees them, over √D.
    private void Turn(in ArchiveQuery query, int block, float magnitude, Span<float> turned)
    {
        ReadOnlySpan<float> turn = query.TurnOf(block);
        TensorPrimitives.Multiply(query.Queries, magnitude / MathF.Sqrt(headDim), turned);
        Rope.Rotate(turned, turn[..(headDim / 2)], turn[(headDim / 2)..]);
    }

    private static float LargestLead(ReadOnlySpan<float> logSums, ReadOnlySpan<float> best)
    {
        float lead = float.NegativeInfinity;
        for (int g = 0; g < best.Length; g++) lead = MathF.Max(lead, best[g] - logSums[g]);
        return lead;
    }

    private void ScoreFloats(in ArchiveQuery query, int block, RetrievalScratch scratch)
    {
        int b = query.Store.Shape.Block;
        Span<float> scores = ScoresOf(0, scratch);
        ArchiveCodes.ReadKeys(query.Store.Shape, query.Store.Head(block, query.Slot), scratch.Keys);
        Multiply(b, scores, scratch);
        for (int g = 0; g < group; g++) scratch.Best[g] = TensorPrimitives.Max<float>(scores.Slice(g * b, b));
    }

    // x = u·RoPE(K̄, offset inside the block): the keys are turned, token by token side by side.
    private void ScoreExactly(in ArchiveQuery query, int block, Span<float> scores, RetrievalScratch scratch)
    {
        int b = query.Store.Shape.Block, half = headDim / 2;
        ArchiveCodes.ReadKeys(query.Store.Shape, query.Store.Head(block, query.Slot), scratch.Keys);
        for (int i = 0; i < half; i++)
        {
            Rope.RotateLanes(
                scratch.Keys.AsSpan(i * b, b), scratch.Keys.AsSpan((i + half) * b, b), scratch.OffsetCos.AsSpan(i * b, b),
                scratch.OffsetSin.AsSpan(i * b, b));
        }
        Turn(query, block, 1, scratch.Queries);
        Multiply(b, scores, scratch);
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
            ArchiveCodes.ReadValues(query.Store.Shape, query.Store.Head(chosen[n], query.Slot), scratch.Keys);
            gemm.Multiply(
                in weights[0], b, in scratch.Keys[0], headDim, ref scratch.Output[0], headDim, group, b, headDim, accumulate: true);
        }
        for (int g = 0; g < group; g++)
        {
            shares[g] /= scratch.Sums[g];
            TensorPrimitives.Divide(scratch.Output.AsSpan(g * headDim, headDim), scratch.Sums[g], output.Slice(g * headDim, headDim));
        }
        for (int n = 0; n < chosen.Length; n++)
            scratch.Shares[n] = MeanShare(ScoresOf(candidates.IndexOf(chosen[n]), scratch), b, scratch.Sums);
    }

    private float MeanShare(ReadOnlySpan<float> weights, int b, ReadOnlySpan<float> sums)
    {
        float share = 0;
        for (int g = 0; g < group; g++) share += TensorPrimitives.Sum(weights.Slice(g * b, b)) / sums[g];
        return share / group;
    }
}
