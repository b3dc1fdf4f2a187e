using System;
using System.Globalization;
using AhnSharp.Attention;
using AhnSharp.Sessions;

namespace AhnSharp.Planning;

/// <summary>What a session should keep so that it fits into a given memory, and why.</summary>
/// <param name="Options">The session; <see cref="SessionOptions.Window"/>, or <see cref="SessionOptions.ContextTokens"/> in the mode
/// full, is what was chosen.</param>
/// <param name="Bytes">All that model and session then take.</param>
/// <param name="Fits">False where not even the smallest one fits.</param>
/// <param name="Reason">One clause.</param>
public sealed record WindowChoice(SessionOptions Options, long Bytes, bool Fits, string Reason)
{
    /// <summary>Windows and contexts are whole multiples of this.</summary>
    public const int Step = 256;

    /// <summary>The share of the free memory that is used at most: the rest is for what else the machine does meanwhile.</summary>
    public const double UsableShare = 0.9;

    /// <summary>What may be used of <paramref name="availableBytes"/>.</summary>
    public static long UsableBytes(long availableBytes) => (long)(availableBytes * UsableShare);

    /// <summary>
    /// The trained window where it fits, with F16 entries or else with Q8_0; else the largest that fits. Without a memory:
    /// the longest context that fits.
    /// </summary>
    /// <param name="plan">The model.</param>
    /// <param name="sinks">S; null for the file's.</param>
    /// <param name="kv">Entries; null lets the choice fall back to Q8_0 before it shortens the window (8.5 bits for 16: half the bytes at
    /// less than 1 % of perplexity).</param>
    /// <param name="availableBytes">Memory that is free.</param>
    public static WindowChoice For(ModelPlan plan, int? sinks, KvType? kv, long availableBytes)
    {
        bool hasMemory = plan.Config.Ahn is not null;
        SessionOptions wanted = new() { Mode = hasMemory ? MemoryMode.Ahn : MemoryMode.Full, Sinks = sinks, Kv = kv ?? KvType.F16 };
        long usable = UsableBytes(availableBytes);
        int trained = hasMemory ? plan.Config.Ahn!.Window : plan.Config.ContextLength;
        string noun =
            hasMemory ? "window its memory was trained for" : "whole context of the model: without a memory, what leaves a window is lost";
        WindowChoice first = Of(plan, wanted, trained, $"the {noun}, and it fits", usable);
        if (first.Fits) return first;
        if (kv is null && plan.Config.HeadDim % 32 == 0)
        {
            wanted = wanted with { Kv = KvType.Q8_0 };
            WindowChoice compressed = Of(plan, wanted, trained, $"the {noun}; it fits with Q8_0 entries, not with F16", usable);
            if (compressed.Fits) return compressed;
        }
        int low = 0, high = trained / Step;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Of(plan, wanted, middle * Step, "", usable).Fits) low = middle;
            else high = middle - 1;
        }
        string most = trained.ToString("N0", CultureInfo.InvariantCulture);
        return low == 0
            ? Of(plan, wanted, Math.Min(Step, trained), "not even the smallest window fits", usable)
            : Of(plan, wanted, low * Step, hasMemory ? $"the largest window that fits (its memory was trained for {most})"
                : $"the longest context that fits (the model was made for {most})", usable);
    }

    private static WindowChoice Of(ModelPlan plan, SessionOptions options, int tokens, string reason, long usable)
    {
        options = options.Mode == MemoryMode.Full ? options with { ContextTokens = tokens } : options with { Window = tokens };
        SessionPlan session = plan.Session(options);
        long bytes = plan.MaxBytes(session);
        return new WindowChoice(options, bytes, bytes <= usable, reason);
    }
}
