using System;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using AhnSharp.Native.Boundary;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_generation_options.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GenerationSettings
{
    private const nuint MaxStops = 1024;

    public nuint Size;
    public int MaxTokens;
    public float Temperature;
    public int TopK;
    public float TopP, MinP, RepeatPenalty, FrequencyPenalty, PresencePenalty;
    public int PenaltyTokens, HasSeed;
    public ulong Seed;
    public byte** Stop;
    public nuint StopCount;
    public delegate* unmanaged[Cdecl]<ProgressFacts*, void*, int> Progress;
    public void* ProgressUser;

    internal readonly GenerationOptions ToOptions()
    {
        GenerationOptions defaults = new();
        GenerationOptions options = new()
        {
            MaxTokens = Require.AtLeastOneOr(MaxTokens, defaults.MaxTokens, "max_tokens"),
            Sampling = new SamplingOptions
            {
                Temperature = Temperature,
                TopK = TopK,
                TopP = TopP == 0 ? 1 : TopP,
                MinP = MinP,
                RepeatPenalty = RepeatPenalty == 0 ? 1 : RepeatPenalty,
                FrequencyPenalty = FrequencyPenalty,
                PresencePenalty = PresencePenalty,
                PenaltyTokens = PenaltyTokens == 0 ? defaults.Sampling.PenaltyTokens : PenaltyTokens,
                Seed = Require.Flag(HasSeed, "has_seed") ? Seed : null,
            },
            Stop = Stops(),
        };
        options.Validate();
        return options;
    }

    private readonly ImmutableArray<string> Stops()
    {
        if (StopCount == 0) return [];
        if (StopCount > MaxStops) throw new ArgumentException($"stop_count: expected at most {MaxStops}, found {StopCount}.");
        if (Stop is null) throw new ArgumentException($"stop: expected {StopCount} texts, found NULL.");
        string[] stops = new string[(int)StopCount];
        for (int i = 0; i < stops.Length; i++) stops[i] = Utf8Text.Read(Stop[i], Utf8Text.ToNul, $"stop[{i}]");
        return [.. stops];
    }
}
