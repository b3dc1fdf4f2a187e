using AhnSharp.Kernels;

namespace AhnSharp.Model;

/// <summary>SwiGLU feed-forward: x += W_down( SiLU(W_gate n) ⊙ W_up n ).</summary>
/// <remarks>n, x: [rows, E]; gate, up: [rows, F] (Qwen2.5-3B: 2048, 11008). Source: transformers Qwen2MLP.</remarks>
internal sealed class FeedForward(Linear gate, Linear up, Linear down) : IWork
{
    private Scratch? _scratch;

    public void Forward(Activations normed, Activations hidden, Scratch scratch, Workers workers)
    {
        gate.Apply(workers, normed, scratch.FfnGate);
        up.Apply(workers, normed, scratch.FfnUp);
        _scratch = scratch;
        workers.Profile?.Enter(ProfileStage.SwiGlu);
        workers.Run(this, normed.Rows);
        down.Apply(workers, scratch.FfnGate, hidden, accumulate: true);
    }

    void IWork.Run(int item, int worker) => SwiGlu.InPlace(_scratch!.FfnGate.Row(item), _scratch.FfnUp.Row(item));
}
