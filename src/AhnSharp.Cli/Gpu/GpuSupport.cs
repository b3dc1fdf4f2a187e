using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Model;
using AhnSharp.Gpu.Training;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using AhnSharp.Training;

namespace AhnSharp.Cli.Gpu;

/// <summary>Models on GPUs, in the builds that compile while they run.</summary>
internal static class GpuSupport
{
    // Weights become halves once a chunk. On an H200 a 7B model reads 24,200 tokens/s in chunks of 1,024 and 27,200 in chunks of 2,048,
    // which take 0.23 and 0.47 GB of activations.
    private const int CudaChunkTokens = 1024, LargeCudaChunkTokens = 2048;

    private const long LargeDeviceBytes = 40_000_000_000;

    /// <summary>Loads a model to the devices that a name means; null where the name is auto and there is none.</summary>
    internal static LanguageModel? Load(
        DeviceChoice choice, string path, string? ahnPath, ModelOptions options, IProgress<(long Done, long Total)> progress,
        CancellationToken cancellation)
    {
        IReadOnlyList<GpuDevice> devices = GpuDevices.Select(choice.Device);
        return devices.Count == 0 ? null : GpuLoader.Load(path, ahnPath, OptionsFor(devices[0].Id, options), devices, choice.Layers,
            choice.Session, new Narrowed(progress), cancellation);
    }

    /// <summary>What this build can do with GPUs, for 'ahn doctor'.</summary>
    internal static string Ability => "CUDA and OpenCL kernels are compiled for the device that is found";

    /// <summary>Whether this build has kernels for GPUs.</summary>
    internal static bool IsBuiltIn => true;

    /// <summary>Says what is wrong with the name of a device, before anything is planned for it.</summary>
    internal static void Check(string device) => GpuDevices.Select(device);

    /// <summary>Where a memory is trained; null where the name is auto and there is no device.</summary>
    internal static DistillationPass? Train(string device, FrozenBase frozen, MemoryRule rule)
    {
        IReadOnlyList<GpuDevice> devices = GpuDevices.Select(device);
        if (devices.Count > 1) throw new UsageException($"--device {device}: a memory is trained on one device, found {devices.Count}.");
        return devices.Count == 0 ? null : GpuDistillation.Create(devices[0], frozen, rule);
    }

    /// <summary>How a model is loaded on a device of this name.</summary>
    internal static ModelOptions OptionsFor(string device, ModelOptions options)
    {
        if (!device.StartsWith("cuda", StringComparison.Ordinal)) return options;
        bool isLarge = GpuDevices.All.FirstOrDefault(
            each => each.Kind == GpuKind.Cuda && (device == "cuda" || each.Id == device))?.MemoryBytes >= LargeDeviceBytes;
        return options with { ChunkTokens = Math.Max(options.ChunkTokens, isLarge ? LargeCudaChunkTokens : CudaChunkTokens) };
    }

    /// <summary>The devices of this machine.</summary>
    internal static IReadOnlyList<GpuFacts> Find() =>
        [.. GpuDevices.All.Select(
            device => new GpuFacts(device.Id, device.Name, device.MemoryBytes, device.FreeBytes(), device.Multiprocessors, device.Driver))];

    /// <summary>Bytes on a device that a model takes with a session when it is fullest.</summary>
    internal static long BytesOf(ModelPlan plan, SessionPlan session) => GpuModel.BytesOf(plan, session);

    private sealed class Narrowed(IProgress<(long Done, long Total)> to) : IProgress<LoadedBytes>
    {
        public void Report(LoadedBytes value) => to.Report((value.Done, value.Total));
    }
}
