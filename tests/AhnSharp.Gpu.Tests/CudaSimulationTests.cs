using System.Collections.Generic;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Gpu.Checks;
using Xunit;

namespace AhnSharp.Gpu.Tests;

/// <summary>
/// The CUDA kernels on ILGPU's simulation. Its warps are threads that wait for each other at every shuffle: products are quick, attention
/// and memories wait for AHN_LONG_TESTS=1.
/// </summary>
public sealed class CudaSimulationTests
{
    private static readonly Dictionary<string, Check> s_checks = NamedChecks.Of(
        [
            .. CudaKernelChecks.All, .. CudaBatchChecks.Small,
            TrainProductChecks.Small("simulation", () => CudaSimulation.Create(8)),
            .. RecurrenceChecks.Of("simulation", () => CudaSimulation.Create(1)).Take(NamedChecks.RunsLong ? 2 : 1),
            .. NamedChecks.RunsLong ? CudaBatchChecks.All : [], .. NamedChecks.RunsLong ? CudaAttentionChecks.All : [],
        ]);

    public static TheoryData<string> Checks => NamedChecks.Names(s_checks);

    [Theory]
    [MemberData(nameof(Checks))]
    public void A_check_passes(string check) => s_checks[check].Run();
}
