using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>The golden models on ILGPU's simulation: of Qwen3's four the two that meet every choice, all with AHN_LONG_TESTS=1.</summary>
public sealed class GoldenSimulationTests
{
    private static readonly Dictionary<string, Check> s_checks = NamedChecks.Of(GpuGoldenChecks.Of(CheckedDevice.Simulation(1)).Where(
        static check => NamedChecks.RunsLong || !(check.Name.Contains("Qwen3 tied window", StringComparison.Ordinal)
            || check.Name.Contains("Qwen3 untied full", StringComparison.Ordinal))));

    public static TheoryData<string> Checks => NamedChecks.Names(s_checks);

    [Theory]
    [MemberData(nameof(Checks))]
    public void The_logits_are_those_of_the_mathematics(string check) => s_checks[check].Run();
}
