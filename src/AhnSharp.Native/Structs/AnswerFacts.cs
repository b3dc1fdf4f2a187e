using System;
using System.Runtime.InteropServices;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_answer_facts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AnswerFacts
{
    // In the order of the header's AHN_STOP_….
    private static readonly StopReason[] s_reasons =
        [StopReason.None, StopReason.EndToken, StopReason.StopString, StopReason.MaxTokens, StopReason.Cancelled, StopReason.Failed];

    public nuint Size;
    public long ReusedTokens, PromptTokens, GeneratedTokens;
    public double PromptSeconds, FirstTokenSeconds, GenerationSeconds;
    public int Stop, HasSeed;
    public ulong Seed;

    /// <summary>All zero where there was no answer.</summary>
    internal static AnswerFacts Of(GenerationStatistics? statistics) => statistics is null ? default : new AnswerFacts
    {
        ReusedTokens = statistics.ReusedTokens,
        PromptTokens = statistics.PromptTokens,
        GeneratedTokens = statistics.GeneratedTokens,
        PromptSeconds = statistics.PromptTime.TotalSeconds,
        FirstTokenSeconds = statistics.TimeToFirstToken.TotalSeconds,
        GenerationSeconds = statistics.GenerationTime.TotalSeconds,
        Stop = Array.IndexOf(s_reasons, statistics.StopReason),
        HasSeed = statistics.Seed is null ? 0 : 1,
        Seed = statistics.Seed ?? 0,
    };
}
