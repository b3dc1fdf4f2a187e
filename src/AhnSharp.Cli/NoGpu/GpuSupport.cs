using System;
using System.Collections.Generic;
using System.Threading;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using AhnSharp.Training;

namespace AhnSharp.Cli.Gpu;

/// <summary>What builds that were compiled ahead of time say when they are asked for a GPU.</summary>
internal static class GpuSupport
{
    private const string Sentence =
        "This build was compiled ahead of time and cannot run GPU kernels, which are compiled for the device that is found: "
        + "use the single file of the JIT build, or the dotnet tool.";

    internal static string Ability => "none: this build was compiled ahead of time, and GPU kernels are compiled for the device that is "
        + "found; the JIT build and the dotnet tool have them";

    internal static bool IsBuiltIn => false;

    internal static void Check(string device)
    {
        if (device != "auto") throw new UsageException(Sentence);
    }

    internal static LanguageModel? Load(
        DeviceChoice choice, string path, string? ahnPath, ModelOptions options, IProgress<(long Done, long Total)> progress,
        CancellationToken cancellation) =>
        choice.Device == "auto" ? null : throw new UsageException(Sentence);

    internal static DistillationPass? Train(string device, FrozenBase frozen, MemoryRule rule) =>
        device == "auto" ? null : throw new UsageException(Sentence);

    internal static ModelOptions OptionsFor(string device, ModelOptions options) => options;

    internal static IReadOnlyList<GpuFacts> Find() => throw new UsageException(Sentence);

    internal static long BytesOf(ModelPlan plan, SessionPlan session) => throw new UsageException(Sentence);
}
