using System;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Planning;

/// <summary>
/// Multiply-adds of a text, counted from the shapes; 2 FLOPs each. Norms, rotations and the softmax are left out: together below 1 %.
/// </summary>
/// <param name="Matrices">Products of the layers' weights with every token.</param>
/// <param name="Head">The output matrix, for the rows whose logits are asked for.</param>
/// <param name="Attention">Queries with keys and weights with values, of every visible pair.</param>
/// <param name="Memory">Folding, reading and projecting of the compressed memory, token by token, and its gates.</param>
public readonly record struct OperationCount(double Matrices, double Head, double Attention, double Memory)
{
    /// <summary>All of them.</summary>
    public double Total => Matrices + Head + Attention + Memory;

    /// <summary>Of one token's matrices in all layers.</summary>
    public static long MatricesPerToken(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        long e = config.HiddenSize, q = (long)config.HeadCount * config.HeadDim, kv = (long)config.KvHeadCount * config.HeadDim;
        return config.LayerCount * (e * (2 * q + 2 * kv) + 3 * e * config.FfnSize);
    }

    /// <summary>Of one row of logits.</summary>
    public static long HeadPerRow(ModelConfig config) =>
        (long)(config ?? throw new ArgumentNullException(nameof(config))).VocabularySize * config.HiddenSize;

    /// <summary>Of tokens <paramref name="from"/> to <paramref name="end"/> − 1 of a text.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="plan">What is kept of the text.</param>
    /// <param name="from">First position.</param>
    /// <param name="end">Behind the last position.</param>
    /// <param name="logits">Rows of logits that are asked for.</param>
    public static OperationCount Of(ModelConfig config, SessionPlan plan, long from, long end, long logits)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(plan);
        double tokens = end - from, width = (double)config.HeadCount * config.HeadDim, attention = 0, memory = 0;
        int gates = config.Ahn?.Rule.GatesPerHead ?? 0;
        for (int n = 0; n < config.LayerCount; n++)
        {
            bool everything = plan.Mode == MemoryMode.Full || !(config.Ahn?.HasMemory(n) ?? true);
            long span = everything ? long.MaxValue : (long)plan.Window + plan.Sinks;
            attention += 2 * width * Visible(from, end, span);
            if (plan.Mode != MemoryMode.Ahn || everything) continue;
            double evicted = Math.Max(0, end - Math.Max(from, span));
            memory += 4 * width * config.HeadDim * evicted + tokens * gates * config.HeadCount * (double)config.HiddenSize;
        }
        return new OperationCount(tokens * MatricesPerToken(config), (double)logits * HeadPerRow(config), attention, memory);
    }

    /// <summary>Σ min(t + 1, span) over positions t from <paramref name="from"/> to <paramref name="end"/> − 1.</summary>
    internal static double Visible(long from, long end, long span)
    {
        double growing = Math.Max(0, Math.Min(end, span) - from), whole = end - from - growing;
        return growing * (from + 1 + from + growing) / 2 + (whole > 0 ? whole * span : 0);
    }
}
