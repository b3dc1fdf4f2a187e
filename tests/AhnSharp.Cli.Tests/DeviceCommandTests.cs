using System;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class DeviceCommandTests
{
    [Theory]
    [InlineData("cuda:99", "There is no device cuda:99 here: found ")]
    [InlineData("cuda:x", "Expected numbers of devices behind cuda:, such as cuda:0, found 'cuda:x'.")]
    [InlineData("gpu", "Expected the device cpu, cuda, cuda:N, cuda:N,M, opencl, opencl:N or auto, found 'gpu'.")]
    public async Task A_device_that_is_not_there_is_a_sentence_and_not_another_device(string device, string sentence)
    {
        AhnProcess run = await AhnProcess.RunAsync(["run", "--prompt", "x", "--device", device]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(sentence, run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        // Before anything is said of sizes on a device that is not there, and without offering one of none.
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        if (run.Errors.Contains("found no GPU", StringComparison.Ordinal))
            Assert.Contains("leave the device out", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Layers_on_a_GPU_need_a_GPU()
    {
        AhnProcess run = await AhnProcess.RunAsync(["run", "--prompt", "x", "--gpu-layers", "2"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--gpu-layers needs a GPU: name it with --device.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_are_listed_with_what_fits()
    {
        AhnProcess run = await AhnProcess.RunAsync(["devices", "--json"]);
        Assert.Equal(0, run.ExitCode);
        JsonNode report = JsonNode.Parse(run.Output)!;
        Assert.True(report["bytes"]!.GetValue<long>() > 16_000_000);
        foreach (JsonNode? device in report["devices"]!.AsArray())
        {
            Assert.Matches("^(cuda|opencl):[0-9]+$", device!["id"]!.GetValue<string>());
            Assert.True(device["memory_bytes"]!.GetValue<long>() > 0);
        }
    }
}
