using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Kernels;
using Xunit;

namespace AhnSharp.Tests.Kernels;

/// <summary>
/// All kernel checks of a tier, in a process of its own that could run no wider one and says which it ran. Long texts and a layer at its
/// real shape are for the widest tier here: plain C# takes minutes for them.
/// </summary>
public sealed class TierTests
{
    [TierFact(Isa.Avx512)]
    public Task Avx512() => RunAsync("avx512");

    [TierFact(Isa.Avx2)]
    public Task Avx2() => RunAsync("avx2", ("DOTNET_EnableAVX512", "0"));

    [TierFact(Isa.Sse)]
    public Task Sse() => RunAsync("sse", ("DOTNET_EnableAVX2", "0"), ("DOTNET_EnableAVX", "0"));

    [TierFact(Isa.NeonDot)]
    public Task NeonDot() => RunAsync("neon-dot");

    [TierFact(Isa.Neon)]
    public Task Neon() => RunAsync("neon", ("DOTNET_EnableArm64Dp", "0"));

    [TierFact(Isa.Scalar)]
    public Task Scalar() => RunAsync("scalar", ("DOTNET_EnableHWIntrinsic", "0"));

    [TierFact(Isa.Sse)]
    public Task Sse_forced_on_a_wider_processor() => RunAsync("sse", ("AHN_ISA", "sse"));

    [TierFact(Isa.Neon)]
    public Task Neon_forced_on_a_wider_processor() => RunAsync("neon", ("AHN_ISA", "neon"));

    [TierFact(Isa.Scalar)]
    public async Task An_unknown_tier_is_refused_in_one_sentence()
    {
        (int exitCode, string output, string error) = await StartAsync([], ("AHN_ISA", "avx9"));
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.Equal("AHN_ISA must be one of scalar, sse, avx2, avx512, neon and neon-dot, found 'avx9'.", error.Trim());
    }

    [TierFact(Isa.Scalar)]
    public async Task A_tier_that_the_processor_lacks_is_refused_in_one_sentence()
    {
        string lacking = KernelTable.IsSupported(Isa.Sse) ? "neon" : "sse";
        (int exitCode, _, string error) = await StartAsync([], ("AHN_ISA", lacking));
        Assert.Equal(2, exitCode);
        Assert.StartsWith(
            $"AHN_ISA={lacking} asks for instructions that this processor lacks; it can run scalar, ", error, StringComparison.Ordinal);
    }

    private static async Task RunAsync(string tier, params (string Name, string Value)[] variables)
    {
        (int exitCode, string output, string error) = await StartAsync(
            ["--tier", tier, .. tier == KernelTable.NameOf(KernelTable.Detected) ? [] : (string[])["--short"]], variables);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.True(
            exitCode == 0, string.Join('\n', lines.Where(line => !line.StartsWith("passed", StringComparison.Ordinal)).Append(error)));
        Assert.EndsWith($"active {tier}", lines[0], StringComparison.Ordinal);
        Assert.Matches("^[1-9][0-9]+ passed, 0 failed, [0-9]+ skipped$", lines[^1]);
    }

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(
        string[] arguments, params (string Name, string Value)[] variables)
    {
        string checks = Path.Combine(AppContext.BaseDirectory, "AhnSharp.Checks.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet", ["exec", checks, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Tests run under the dotnet host or under a host of the test platform; the checks always run under dotnet.
        if (Path.GetFileNameWithoutExtension(start.FileName) != "dotnet") start.FileName = "dotnet";
        start.Environment.Remove(KernelTable.Variable);
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
