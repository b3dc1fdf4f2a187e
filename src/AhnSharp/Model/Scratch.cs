using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;

namespace AhnSharp.Model;

/// <summary>Everything a pass writes besides sessions; one a model, since one pass runs at a time.</summary>
/// <remarks>rows = tokens of the pass, at most C. Buffers grow to the largest pass seen and stay.</remarks>
internal sealed class Scratch
{
    public Scratch(ModelConfig config, int chunk, int workers)
    {
        int group = config.HeadCount / config.KvHeadCount;
        Cos = new float[chunk * config.HeadDim / 2];
        Sin = new float[chunk * config.HeadDim / 2];
        Attention = [.. Enumerable.Range(0, workers).Select(_ => new AttentionScratch(group, config.HeadDim))];
        if (config.Ahn is null) return;
        Memory = [.. Enumerable.Range(0, workers).Select(_ => new HippocampusScratch(config.HeadDim))];
        Leaving = [.. Enumerable.Range(0, workers).Select(_ => new LeavingTokens(chunk, config.HeadDim, 2 * config.HeadCount))];
    }

    public Activations Hidden { get; } = new(); // [rows, E], the residual stream
    public Activations Normed { get; } = new(); // [rows, E]
    public Activations Query { get; } = new(); // [rows, H·D]
    public Activations Key { get; } = new(); // [rows, K·D]
    public Activations Value { get; } = new(); // [rows, K·D]
    public Activations Attended { get; } = new(); // [rows, H·D]
    public Activations Gates { get; } = new(); // [rows, g + H], kept gates then read gates
    public Activations Remembered { get; } = new(); // [rows, H·D]
    public Activations FfnGate { get; } = new(); // [rows, F]
    public Activations FfnUp { get; } = new(); // [rows, F]
    public Activations HeadInput { get; } = new(); // [asked rows, E]
    public Activations Logits { get; } = new(); // [asked rows, vocabulary]
    public float[] Cos { get; } // [rows, D/2]
    public float[] Sin { get; } // [rows, D/2]
    public AttentionScratch[] Attention { get; } // one a worker
    public HippocampusScratch[] Memory { get; } = []; // one a worker
    public LeavingTokens[] Leaving { get; } = []; // one a worker
}
