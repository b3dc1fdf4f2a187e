using System;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using AhnSharp.Cli.Options;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class FitAndDoctorTests
{
    [Fact]
    public async Task Fit_names_what_the_demo_model_takes_and_chooses_its_window()
    {
        AhnProcess text = await AhnProcess.RunAsync(["fit", "--free", "6GB"]);
        Assert.Equal(0, text.ExitCode);
        Assert.Contains("Choose a window of 480 (--window 480)", text.Output, StringComparison.Ordinal);
        Assert.Contains("6.0 GB", text.Output, StringComparison.Ordinal);

        JsonNode report = JsonNode.Parse((await AhnProcess.RunAsync(["fit", "--free", "6GB", "--json"])).Output)!;
        Assert.True((bool)report["choice"]!["fits"]!);
        Assert.Equal(480, (int)report["choice"]!["window"]!);
        Assert.Equal(6_000_000_000, (long)report["memory_free_bytes"]!);
        long model = (long)report["weight_bytes"]! + (long)report["scratch_bytes"]! + (long)report["program_bytes"]!;
        foreach (JsonNode? session in report["sessions"]!.AsArray())
        {
            long state = (long)session!["exact_bytes"]! + (long)session["memory_bytes"]!;
            Assert.InRange((long)session["total_bytes"]!, model + state, model + 2 * state + 1_000_000);
        }
    }

    [Fact]
    public async Task Fit_says_what_does_not_fit_and_what_would()
    {
        AhnProcess text = await AhnProcess.RunAsync(["fit", "--free", "106MB", "--kv", "f32"]);
        Assert.Contains("Choose a window of 256", text.Output, StringComparison.Ordinal);
        AhnProcess none = await AhnProcess.RunAsync(["fit", "--free", "20MB"]);
        Assert.Equal(0, none.ExitCode);
        Assert.Contains("Does not fit", none.Output, StringComparison.Ordinal);
        (await AhnProcess.RunAsync(["fit", "--free", "lots"])).AssertFailed(2, "--free", "lots");
        (await AhnProcess.RunAsync(["fit", "no-such.gguf"])).AssertFailed(1, "no-such.gguf");
    }

    [Fact]
    public async Task Doctor_reports_the_machine_in_text_and_json()
    {
        AhnProcess text = await AhnProcess.RunAsync(["doctor", "--no-measure"]);
        Assert.Equal(0, text.ExitCode);
        foreach (string label in new[] { "Program", "Processor", "kernels used", "Memory", "GPU" })
            Assert.Contains(label, text.Output, StringComparison.Ordinal);

        JsonNode report = JsonNode.Parse((await AhnProcess.RunAsync(["doctor", "--json"])).Output)!;
        Assert.InRange((int)report["processor"]!["threads"]!, 1, Environment.ProcessorCount);
        Assert.NotEmpty(report["processor"]!["instruction_sets"]!.AsObject());
        Assert.InRange((double)report["speed"]!["read_gigabytes_per_second"]!["all_threads"]!, 0.1, 10_000);
        Assert.True((bool)report["gpu_build"]!);
        Assert.DoesNotContain("computes on the processor alone", text.Output, StringComparison.Ordinal);
        Assert.Matches("looked for (libcuda|nvcuda)|cuda:0|libcuda", text.Output);
        Assert.Equal(["CUDA", "OpenCL"], report["gpu_runtimes"]!.AsArray().Select(gpu => (string)gpu!["name"]!));
    }

    [Fact]
    public async Task Doctor_says_what_a_process_that_reads_documents_cannot_do()
    {
        AhnProcess text = await AhnProcess.RunAsync(["doctor", "--no-measure"]);
        Assert.Contains("read in a process of their own", text.Output, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux()) Assert.Matches(@"without network, writing,\s+other\s+programs|does not let it give up", text.Output);
    }

    [Theory]
    [InlineData("120s", 120)]
    [InlineData("1.5 min", 90)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    [InlineData("500ms", 0.5)]
    public void Times_are_read_with_their_unit(string text, double seconds)
    {
        Assert.True(DurationOption.TryParse(text, out TimeSpan parsed));
        Assert.Equal(seconds, parsed.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("120")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("0s")]
    [InlineData("9999999h")]
    public void Times_without_sense_are_refused(string text) => Assert.False(DurationOption.TryParse(text, out _));

    [Theory]
    [InlineData("6GB", 6_000_000_000)]
    [InlineData("1.5gib", 1_610_612_736)]
    [InlineData("512 MB", 512_000_000)]
    [InlineData("7B", 7)]
    public void Sizes_are_read_with_their_unit(string text, long bytes)
    {
        Assert.True(ByteOption.TryParse(text, out long parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("6")]
    [InlineData("GB")]
    [InlineData("-1GB")]
    [InlineData("0B")]
    [InlineData("9999999999TB")]
    [InlineData("1e3GB")]
    public void Sizes_without_sense_are_refused(string text) => Assert.False(ByteOption.TryParse(text, out _));
}
