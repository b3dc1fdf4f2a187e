using System;
using System.Linq;
using AhnSharp.Gpu.Devices;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>A test that needs a device of a kind, and is skipped by name where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DeviceFactAttribute : FactAttribute
{
    public DeviceFactAttribute(GpuKind kind)
    {
        if (GpuDevices.All.All(device => device.Kind != kind)) Skip = DeviceTheoryAttribute.Reason(kind);
    }
}
