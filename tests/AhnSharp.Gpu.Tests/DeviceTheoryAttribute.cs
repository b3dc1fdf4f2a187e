using System;
using System.Linq;
using AhnSharp.Gpu.Devices;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>A theory that needs a device of a kind, and is skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeviceTheoryAttribute : TheoryAttribute
{
    public DeviceTheoryAttribute(GpuKind kind)
    {
        if (GpuDevices.All.All(device => device.Kind != kind)) Skip = Reason(kind);
    }

    internal static string Reason(GpuKind kind) =>
        kind == GpuKind.OpenCl ? "needs an OpenCL device: apt-get install pocl-opencl-icd" : "needs an NVIDIA GPU";
}
