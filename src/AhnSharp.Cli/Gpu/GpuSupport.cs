using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Model;
using AhnSharp.Model;

namespace AhnSharp.Cli.Gpu;

/// <summary>Models on GPUs, in the builds that compile while they run.</summary>
internal static class GpuSupport
{
    /// <summary>Loads a model to the devices that a name means; null where the name is auto and there is none.</summary>
    internal static ILanguageModel? Load(
        DeviceChoice choice, string path, string? ahnPath, ModelOptions options, IProgress<(long Done, long Total)> progress, CancellationToken cancellation)
    {
        IReadOnlyList<GpuDevice> devices = GpuDevices.Select(choice.Device);
        return devices.Count == 0 ? null : GpuLoader.Load(path, ahnPath, options, devices, choice.Layers, choice.Session, new Narrowed(progress), cancellation);
    }

    /// <summary>The devices of this machine.</summary>
    internal static IReadOnlyList<GpuFacts> Find() =>
        [.. GpuDevices.All.Select(device => new GpuFacts(device.Id, device.Name, device.MemoryBytes, device.FreeBytes(), device.Multiprocessors, device.Driver))];

    /// <summary>Bytes on a device that a model takes with a session when it is fullest.</summary>
    internal static long BytesOf(ModelPlan plan, SessionPlan session) => GpuModel.BytesOf(plan, session);

    /// <summary>GB/s at which the device of a model copies its memory, reading and writing both counted.</summary>
    internal static double ReadRate(ILanguageModel model) => (model as GpuModel ?? ((SplitModel)model).Front).MeasureCopyRate();

    private sealed class Narrowed(IProgress<(long Done, long Total)> to) : IProgress<LoadedBytes>
    {
        public void Report(LoadedBytes value) => to.Report((value.Done, value.Total));
    }
}
