using System;
using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Network;

namespace AhnSharp.Model;

/// <summary>What a session holds, looked at from outside: how many tokens in which form, and of every memory how full it is and how it writes and forgets.</summary>
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

    /// <summary>Tokens seen.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Tokens whose keys and values are held.</summary>
    public required long TokensExact { get; init; }

    /// <summary>Tokens that live on in the compressed memory alone.</summary>
    public required long TokensCompressed { get; init; }

    /// <summary>Tokens that left the window of a session without a memory.</summary>
    public required long TokensDropped { get; init; }

    /// <summary>Bytes of keys, values and gates.</summary>
    public required long ExactBytes { get; init; }

    /// <summary>Bytes of compressed memory.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Tokens that the means of the gates are taken over: those in the window, which will be folded with them. The gates of tokens that left are gone.</summary>
    public required long GateTokens { get; init; }

    /// <summary>Every layer, in order.</summary>
    public required IReadOnlyList<LayerDescription> Layers { get; init; }

    internal static SessionDescription Of(Session session)
    {
        SessionPlan plan = session.Plan;
        ModelConfig config = session.Model.Config;
        long end = session.Position, start = Math.Min(end, Math.Max(plan.Sinks, end - plan.Window));
        List<LayerDescription> layers = new(config.LayerCount);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            KvRing ring = session.Ring(layer);
            bool hasMemory = session.Memory is not null && ring.Geometry.GatesPerToken > 0;
            layers.Add(new LayerDescription
            {
                Layer = layer,
                KeepsEverything = ring.Geometry.Grows,
                ExactBytes = ring.ByteLength,
                Heads = hasMemory ? HeadsOf(session.Memory!, config.MemoryIndex(layer), config, session.Model.DecayRatesOf(layer), ring, start, end) : [],
            });
        }
        return new SessionDescription
        {
            Mode = session.Mode,
            Rule = session.Memory is null ? null : config.Ahn!.Rule,
            Window = session.Window,
            Sinks = session.Sinks,
            Kv = session.Kv,
            TokensSeen = end,
            TokensExact = session.TokensExact,
            TokensCompressed = session.TokensCompressed,
            TokensDropped = session.TokensDropped,
            MemoryBytes = session.Memory?.ByteLength ?? 0,
            ExactBytes = session.StateBytes - (session.Memory?.ByteLength ?? 0),
            GateTokens = session.Memory is null ? 0 : end - start,
            Layers = layers,
        };
    }

    // Strength and log decay are linear in what is kept of a token, so the mean of the gates has the means of both.
    private static MemoryHeadDescription[] HeadsOf(MemoryState memory, int memoryLayer, ModelConfig config, ReadOnlySpan<double> decayRates, KvRing ring, long start, long end)
    {
        double[] sums = new double[ring.Geometry.GatesPerToken];
        for (long position = start; position < end; position++) Add(ring.Gates(position), sums);
        MemoryHeadDescription[] heads = new MemoryHeadDescription[config.HeadCount];
        for (int head = 0; head < heads.Length; head++)
        {
            heads[head] = MemoryHeadDescription.Of(config.Ahn!.Rule, heads.Length, head, Norm(memory.Of(memoryLayer, head)), sums, end - start, decayRates);
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
