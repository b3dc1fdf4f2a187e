using System.Collections.Generic;
using AhnSharp.Checks;

namespace AhnSharp.Gpu.Checks;

/// <summary>Everything that is checked of a device, fast enough for every run of the tests.</summary>
public static class GpuChecks
{
    /// <param name="device">The device, with the kernels that models run with on it.</param>
    /// <param name="groupSize">Threads of a group for the checks of single portable kernels.</param>
    public static IEnumerable<Check> Of(CheckedDevice device, int groupSize) =>
    [
        .. ProductChecks.Of(device, groupSize), .. ElementChecks.Of(device, groupSize), .. MemoryChecks.Of(device),
        .. SessionChecks.Of(device), .. SplitChecks.Of(device), .. TextEngineChecks.Of(device),
        .. GpuGoldenChecks.Of(device), .. CudaLayerChecks.Of(device), .. ManyRowsChecks.Of(device),
    ];
}
