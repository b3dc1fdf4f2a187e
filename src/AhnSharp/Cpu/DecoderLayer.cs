using AhnSharp.Kernels;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>One decoder layer: exact attention, joined by what the memory recalls, then the feed-forward network.</summary>
/// <remarks>
/// h = RMSNorm(x); q, k, v = W h (+ b); q, k normed per head (Qwen3) and rotated; a = softmax over sinks and window;
/// a += memory(t) once tokens have left; x += Wo a; x += FFN(RMSNorm(x)).
/// Source: docs/memory.md (arXiv 2510.07318), transformers Qwen2DecoderLayer, Qwen3Attention.
/// </remarks>
internal sealed class DecoderLayer(int index, LayerWeights weights, LayerWork work)
{
    private readonly FeedForward _feedForward = new(weights.Gate, weights.Up, weights.Down);

    public void Forward(Pass pass, Scratch s, Workers workers)
    {
        Activations x = s.Hidden; // [rows, E]
        work.Norm.Run(x, weights.AttentionNorm, s.Normed, workers);
        weights.Query.Apply(workers, s.Normed, s.Query); // [rows, H·D]
        weights.Key.Apply(workers, s.Normed, s.Key); // [rows, K·D]
        weights.Value.Apply(workers, s.Normed, s.Value); // [rows, K·D]
        if (pass.KeepsGates) weights.Memory?.ComputeGates(workers, s.Normed, s.Gates); // [rows, g + H]

        work.Enter.Run(index, pass, weights, workers); // norms the heads of q and k (Qwen3), rotates q and k; k, v and gates enter the ring
        work.Seal.Run(index, pass, workers); // blocks that are full go into the archive
        work.Attend.Run(index, pass, workers); // a = softmax(q·k/√D) v
        work.Retrieve.Run(index, pass, workers); // … and over archived blocks, of tokens that ask
        if (weights.Memory is { } memory) work.Recall.Run(index, pass, memory, workers); // a += memory(t)

        weights.Output.Apply(workers, s.Attended, x, accumulate: true);
        work.Norm.Run(x, weights.FfnNorm, s.Normed, workers);
        _feedForward.Forward(s.Normed, x, s, workers);
    }
}
