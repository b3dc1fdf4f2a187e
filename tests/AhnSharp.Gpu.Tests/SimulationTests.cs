using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>The portable kernels, and sessions that run with them, on ILGPU's simulation.</summary>
public sealed class SimulationTests
{
    // Groups of 1 run passes fast; groups of 4 and 16 meet barriers, and tiles of several threads.
    private static readonly Dictionary<string, Check> s_checks = NamedChecks.Of(
        [.. GpuChecks.Of(CheckedDevice.Simulation(1), 4).Where(IsNoGolden), .. MemoryChecks.Of(CheckedDevice.Simulation(4)).Skip(1).Take(1),
            .. ProductChecks.Of(CheckedDevice.Simulation(16), 16).Take(2)]);

    public static TheoryData<string> Checks => NamedChecks.Names(s_checks);

    [Theory]
    [MemberData(nameof(Checks))]
    public void A_check_passes(string check) => s_checks[check].Run();

    private static bool IsNoGolden(Check check) => !check.Name.StartsWith("golden ", StringComparison.Ordinal);
}
