using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using AhnSharp.Gpu.Devices;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>Every check on ILGPU's simulation, and on the first OpenCL and CUDA device where there are such.</summary>
public sealed class DeviceTests
{
    // Groups of 1 run passes fast; groups of 4 and 16 meet barriers, and tiles of several threads.
    private static readonly Dictionary<string, Check> s_simulated = Named(
        [.. GpuChecks.Of(CheckedDevice.Simulation(1), 4), .. MemoryChecks.Of(CheckedDevice.Simulation(4)).Skip(1).Take(1),
            .. ProductChecks.Of(CheckedDevice.Simulation(16), 16).Take(2)]);

    // A driver that compiles for a processor takes ten seconds for the kernels of one weight format: a few checks that reach every
    // kernel, all with AHN_LONG_TESTS=1.
    private static readonly string[] s_short = ["products of Q4_K", "RMSNorm", "GatedDeltaNet, pieces", "golden mamba2"];

    // Warps of the simulation are threads that wait for each other at every shuffle: products are quick, attention and
    // memories wait for AHN_LONG_TESTS=1.
    private static readonly Dictionary<string, Check> s_cudaSimulated = Named(
        [.. CudaKernelChecks.All, .. RunsLongTests ? CudaAttentionChecks.All : []]);

    private static readonly Dictionary<string, Check> s_openCl = Named(
        (CheckedDevice.First(GpuKind.OpenCl) is { } device ? GpuChecks.Of(device, 16).Append(DemoCheck.Of(device)) : [])
            .Where(
                check => RunsLongTests || check.Name.StartsWith("demo", StringComparison.Ordinal) || s_short.Any(check.Name.StartsWith)));

    private static readonly Dictionary<string, Check> s_cuda = Named(
        CheckedDevice.First(GpuKind.Cuda) is { } device ? GpuChecks.Of(device, 64) : []);

    public static TheoryData<string> Simulated => [.. s_simulated.Keys];

    public static TheoryData<string> CudaSimulated => [.. s_cudaSimulated.Keys];

    public static TheoryData<string> OpenCl => [.. s_openCl.Keys.DefaultIfEmpty("none")];

    public static TheoryData<string> Cuda => [.. s_cuda.Keys.DefaultIfEmpty("none")];

    [Theory]
    [MemberData(nameof(Simulated))]
    public void On_the_simulation(string check) => s_simulated[check].Run();

    [Theory]
    [MemberData(nameof(CudaSimulated))]
    public void CUDA_kernels_on_the_simulation(string check) => s_cudaSimulated[check].Run();

    [DeviceTheory(GpuKind.OpenCl)]
    [MemberData(nameof(OpenCl))]
    public void On_OpenCL(string check) => s_openCl[check].Run();

    [DeviceTheory(GpuKind.Cuda)]
    [MemberData(nameof(Cuda))]
    public void On_CUDA(string check) => s_cuda[check].Run();

    private static bool RunsLongTests => Environment.GetEnvironmentVariable("AHN_LONG_TESTS") == "1";

    private static Dictionary<string, Check> Named(IEnumerable<Check> checks) =>
        checks.ToDictionary(check => check.Name, StringComparer.Ordinal);
}
