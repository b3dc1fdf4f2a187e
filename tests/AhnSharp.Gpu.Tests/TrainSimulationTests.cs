using System.Collections.Generic;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>Training on ILGPU's simulation; the golden gradients with AHN_LONG_TESTS=1.</summary>
public sealed class TrainSimulationTests
{
    private static readonly CheckedDevice s_device = CheckedDevice.Simulation(1);
    private static readonly Dictionary<string, Check> s_checks = NamedChecks.Of(
        [.. TrainChecks.Small(s_device, 1), .. NamedChecks.RunsLong ? TrainChecks.Golden(s_device, 1) : []]);

    public static TheoryData<string> Checks => NamedChecks.Names(s_checks);

    [Theory]
    [MemberData(nameof(Checks))]
    public void A_check_passes(string check) => s_checks[check].Run();
}
