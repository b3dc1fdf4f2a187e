using System.Linq;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;
using AhnSharp.Network;

namespace AhnSharp.Cpu;

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
        if (config.Ahn?.Rule is not { } rule) return;
        Memory = [.. Enumerable.Range(0, workers).Select(_ => new HippocampusScratch(config.HeadDim))];
        Evicted = [.. Enumerable.Range(0, workers).Select(
            _ => new EvictedTokens(chunk, config.HeadDim, rule.WriteGatesPerHead * config.HeadCount))];
    }

    /// <summary>
    /// Bytes once whole chunks have passed: the arrays below, and the int8 forms of what goes into matrices (at most 2.2 bytes a number).
    /// </summary>
    public static long BytesOf(ModelConfig config, int chunk, int workers)
    {
        long e = config.HiddenSize, q = (long)config.HeadCount * config.HeadDim, kv = (long)config.KvHeadCount * config.HeadDim,
            f = config.FfnSize;
        int group = config.HeadCount / config.KvHeadCount;
        int kept = (config.Ahn?.Rule.WriteGatesPerHead ?? 0) * config.HeadCount,
            gates = (config.Ahn?.Rule.GatesPerHead ?? 0) * config.HeadCount;
        long floatsARow = 2 * e + 3 * q + 2 * kv + 2 * f + gates + config.HeadDim;
        long floatsAWorker = AttentionScratch.FloatsOf(group, config.HeadDim)
            + (config.Ahn is null ? 0 : EvictedTokens.FloatsOf(chunk, config.HeadDim, kept));
        return sizeof(float) * (chunk * floatsARow + workers * floatsAWorker + e + config.VocabularySize)
            + (long)(2.2 * chunk * (e + q + f));
    }

    /// <summary>Bytes held now.</summary>
    public long ByteLength
    {
        get
        {
            long bytes = sizeof(float) * (Cos.Length + Sin.Length);
            foreach (Activations grown in new[]
            {
                Hidden, Normed, Query, Key, Value, Attended, AttendedSpans, LogSums, ArchiveShares, FarTurns, Gates, Remembered,
                FfnGate, FfnUp, HeadInput, Logits,
            }) bytes += grown.ByteLength;
            foreach (AttentionScratch one in Attention) bytes += one.ByteLength;
            foreach (EvictedTokens one in Evicted) bytes += one.ByteLength;
            return bytes;
        }
    }

    public Activations Hidden { get; } = new(); // [rows, E], the residual stream
    public Activations Normed { get; } = new(); // [rows, E]
    public Activations Query { get; } = new(); // [rows, H·D]
    public Activations Key { get; } = new(); // [rows, K·D]
    public Activations Value { get; } = new(); // [rows, K·D]
    public Activations Attended { get; } = new(); // [rows, H·D]
    public Activations AttendedSpans { get; } = new(); // [1, floats of all spans' partials]
    public Activations LogSums { get; } = new(); // [rows, H], log of the exact part's sum, of rows that ask an archive
    public Activations ArchiveShares { get; } = new(); // [rows, H], ρ, likewise
    public Activations FarTurns { get; } = new(); // [rows, D], cos then sin of the turn to reach, of rows beyond it
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
    public EvictedTokens[] Evicted { get; } = []; // one a worker
}
