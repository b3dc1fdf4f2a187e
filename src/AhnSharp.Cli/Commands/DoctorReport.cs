using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Cli.Gpu;
using AhnSharp.Documents;
using AhnSharp.Kernels;
using AhnSharp.Kernels.Probes;
using AhnSharp.Machine;
using Microsoft.ML.Tokenizers;
using Spectre.Console;

namespace AhnSharp.Cli.Commands;

/// <summary>What <c>ahn doctor</c> finds: the program, the machine, and how fast it reads and multiplies.</summary>
/// <param name="Memory">Before the measurement, which takes half a gigabyte for a moment.</param>
/// <param name="Gpus">What a GPU could be reached through.</param>
/// <param name="Devices">The GPUs that this build computes on; none where it has no kernels for them.</param>
/// <param name="Cache">Where fetched models lie.</param>
/// <param name="Documents">How documents are read here, a sentence.</param>
/// <param name="Speed">Null where it was left out.</param>
internal sealed record DoctorReport(
    MachineMemory Memory, IReadOnlyList<GpuRuntime> Gpus, IReadOnlyList<GpuFacts> Devices, CacheFolder Cache, string Documents,
    DoctorReport.Rates? Speed)
{
    private static readonly TimeSpan s_each = TimeSpan.FromMilliseconds(220);

    /// <summary>G units a second, with one thread and with all; the multiply-adds null on the portable tier.</summary>
    internal sealed record Rates((double One, double All) Read, (double One, double All)? Float, (double One, double All)? Bytes);

    internal static string Runtime => $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}";

    internal static string System => $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}";

    /// <summary>The value of AHN_ISA, or null.</summary>
    internal static string? Forced => Environment.GetEnvironmentVariable(KernelTable.Variable) is { Length: > 0 } forced ? forced : null;

    /// <summary>The libraries that the program is made of, with their versions.</summary>
    internal static IReadOnlyList<(string Name, string Version)> Libraries =>
    [
        .. new[] { typeof(BpeTokenizer), typeof(AnsiConsole), typeof(RootCommand), typeof(TensorPrimitives) }
            .Select(type => (type.Assembly.GetName().Name ?? "?", BuildInfo.InformationalVersion(type.Assembly).Split('+')[0])),
    ];

    internal static DoctorReport Of(bool measures)
    {
        MachineMemory memory = MachineMemory.Read();
        IReadOnlyList<GpuFacts> devices = GpuSupport.IsBuiltIn ? GpuSupport.Find() : [];
        return new DoctorReport(memory, GpuRuntime.Find(), devices, CacheFolder.Find(), Reading(), measures ? Measure() : null);
    }

    // One such process is started, and tries.
    private static string Reading()
    {
        try
        {
            return DocumentHost.Probe().Sentence;
        }
        catch (DocumentException e)
        {
            return $"not at all: {e.Message}";
        }
    }

    private static Rates Measure()
    {
        using Workers workers = new(Workers.DefaultCount);
        MultiplyAddPeak? peak = MultiplyAddPeak.Of(KernelTable.Active);
        return new Rates(ReadBandwidth.Measure(workers, s_each), peak?.Measure(workers, bytes: false, s_each),
            peak?.Measure(workers, bytes: true, s_each));
    }
}
