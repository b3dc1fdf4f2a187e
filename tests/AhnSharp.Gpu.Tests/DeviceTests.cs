using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using AhnSharp.Gpu.Devices;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>Every check on the first OpenCL and CUDA device where there are such.</summary>
public sealed class DeviceTests
{
    // A driver that compiles for a processor takes ten seconds for the kernels of one weight format: a few checks that reach every
    // kernel, all with AHN_LONG_TESTS=1.
    private static readonly string[] s_short = ["demo", "products of Q4_K", "RMSNorm", "GatedDeltaNet, pieces", "golden mamba2"];

    private static readonly Dictionary<string, Check> s_openCl = NamedChecks.Of(
        (CheckedDevice.First(GpuKind.OpenCl) is { } device ? GpuChecks.Of(device, 16).Append(DemoCheck.Of(device)) : [])
            .Where(static check => NamedChecks.RunsLong || s_short.Any(begin => check.Name.StartsWith(begin, StringComparison.Ordinal))));

    private static readonly Dictionary<string, Check> s_cuda = NamedChecks.Of(
        CheckedDevice.First(GpuKind.Cuda) is { } device ? GpuChecks.Of(device, 64) : []);

    public static TheoryData<string> OpenCl => NamedChecks.Names(s_openCl);

    public static TheoryData<string> Cuda => NamedChecks.Names(s_cuda);

    [DeviceTheory(GpuKind.OpenCl)]
    [MemberData(nameof(OpenCl))]
    public void On_OpenCL(string check) => s_openCl[check].Run();

    [DeviceTheory(GpuKind.Cuda)]
    [MemberData(nameof(Cuda))]
    public void On_CUDA(string check) => s_cuda[check].Run();
}
