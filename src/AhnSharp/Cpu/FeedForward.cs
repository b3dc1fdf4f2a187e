using System;
using AhnSharp.Kernels;

namespace AhnSharp.Cpu;

/// <summary>SwiGLU feed-forward: x += W_down( SiLU(W_gate n) ⊙ W_up n ).</summary>
/// <remarks>n, x: [rows, E]; gate, up: [rows, F] (Qwen2.5-3B: 2048, 11008). Source: transformers Qwen2MLP.</remarks>
internal sealed class FeedForward(Linear gate, Linear up, Linear down) : IWork
{
    // Columns that a thread takes at a time: a single token is shared, too.
    private const int Piece = 2048;
    private Scratch? _scratch;

    public void Forward(Activations normed, Activations hidden, Scratch scratch, Workers workers)
    {
        gate.Apply(workers, normed, scratch.FfnGate);
        up.Apply(workers, normed, scratch.FfnUp);
        _scratch = scratch;
        workers.Profile?.Enter(ProfileStage.SwiGlu);
        workers.Run(this, normed.Rows * Pieces(scratch));
        down.Apply(workers, scratch.FfnGate, hidden, accumulate: true);
    }

    void IWork.Run(int item, int worker)
    {
        Scratch scratch = _scratch!;
        (int row, int piece) = Math.DivRem(item, Pieces(scratch));
        Span<float> gates = scratch.FfnGate.Row(row)[(piece * Piece)..];
        gates = gates[..Math.Min(Piece, gates.Length)];
        SwiGlu.InPlace(gates, scratch.FfnUp.Row(row).Slice(piece * Piece, gates.Length));
    }

    private static int Pieces(Scratch scratch) => (scratch.FfnGate.Columns + Piece - 1) / Piece;
}
