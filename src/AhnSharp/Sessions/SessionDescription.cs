using System;
using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Network;

namespace AhnSharp.Sessions;

/// <summary>
/// What a session holds, looked at from outside: how many tokens in which form, and of every memory how full it is
/// and how it writes and forgets.
/// </summary>
public sealed record SessionDescription
{
    /// <summary>What the session keeps.</summary>
    public required MemoryMode Mode { get; init; }

    /// <summary>The rule of the compressed memory; null without one.</summary>
    public required MemoryRule? Rule { get; init; }

    /// <summary>W, tokens; 0 in the mode full.</summary>
    public required int Window { get; init; }

    /// <summary>S, tokens; 0 in the mode full.</summary>
    public required int Sinks { get; init; }

    /// <summary>How keys and values are held.</summary>
    public required KvType Kv { get; init; }

    /// <summary>Where the tokens that were seen are.</summary>
    public required Tally Tally { get; init; }

    /// <summary>Bytes of keys, values and gates.</summary>
    public required long ExactBytes { get; init; }

    /// <summary>Bytes of compressed memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>
    /// Tokens that the means of the gates are taken over: those in the window, which will be folded with them. The
    /// gates of tokens that left are gone.
    /// </summary>
    public required long GateTokens { get; init; }

    /// <summary>Every layer, in order.</summary>
    public required IReadOnlyList<LayerDescription> Layers { get; init; }

    internal static SessionDescription Of(LanguageSession session, HostLayer[] host)
    {
        SessionPlan plan = session.Plan;
        ModelConfig config = session.Model.Config;
        long end = session.Position, start = Math.Min(end, Math.Max(plan.Sinks, end - plan.Window)), exactBytes = 0, memoryBytes = 0;
        List<LayerDescription> layers = new(host.Length);
        for (int layer = 0; layer < host.Length; layer++)
        {
            HostLayer state = host[layer];
            exactBytes += state.ExactBytes;
            memoryBytes += state.MemoryBytes;
            layers.Add(new LayerDescription
            {
                Layer = layer,
                KeepsEverything = state.Geometry.Grows,
                ExactBytes = state.ExactBytes,
                Heads = state.HasMemory ? HeadsOf(state, config, session.Model.DecayRatesOf(layer), start, end) : [],
            });
        }
        return new SessionDescription
        {
            Mode = session.Mode,
            Rule = plan.HasMemory ? config.Ahn!.Rule : null,
            Window = session.Window,
            Sinks = session.Sinks,
            Kv = session.Kv,
            Tally = session.Tally,
            MemoryBytes = memoryBytes,
            ExactBytes = exactBytes,
            GateTokens = plan.HasMemory ? end - start : 0,
            Layers = layers,
        };
    }

    // Strength and log decay are linear in what is kept of a token, so the mean of the gates has the means of both.
    private static MemoryHeadDescription[] HeadsOf(
        HostLayer layer, ModelConfig config, ReadOnlySpan<double> decayRates, long start, long end)
    {
        double[] sums = new double[layer.Geometry.GatesPerToken];
        for (long position = start; position < end; position++) Add(layer.Ring.Gates(position), sums);
        MemoryHeadDescription[] heads = new MemoryHeadDescription[config.HeadCount];
        for (int head = 0; head < heads.Length; head++)
        {
            heads[head] = MemoryHeadDescription.Of(
                config.Ahn!.Rule, heads.Length, head, Norm(layer.Memory!.Of(head)), sums, end - start, decayRates);
        }
        return heads;
    }

    internal static void Add(ReadOnlySpan<float> gates, Span<double> sums)
    {
        for (int i = 0; i < sums.Length; i++) sums[i] += gates[i];
    }

    internal static double Norm(ReadOnlySpan<float> state)
    {
        double squares = 0;
        foreach (float entry in state) squares += (double)entry * entry;
        return Math.Sqrt(squares);
    }
}
