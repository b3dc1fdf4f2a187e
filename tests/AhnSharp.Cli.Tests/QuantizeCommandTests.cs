using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Conversion;
using AhnSharp.Network;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class QuantizeCommandTests
{
    [Fact]
    public async Task The_demo_model_becomes_smaller_and_the_table_says_how()
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("small.gguf");
        AhnProcess dry = await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "q4_k_m", "--dry-run"]);
        Assert.True(dry.ExitCode == 0, dry.Errors);
        Assert.Contains("nothing is written", dry.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));

        AhnProcess json = await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "Q4_K_M", "--threads", "1", "--json"]);
        Assert.True(json.ExitCode == 0, json.Errors);
        Assert.Contains("Rows of 384 weights are no multiple of 256", json.Errors, StringComparison.Ordinal);
        using (JsonDocument document = JsonDocument.Parse(json.Output))
        {
            JsonElement root = document.RootElement;
            Assert.Equal(("q4_k_m", true), (root.GetProperty("type").GetString(), root.GetProperty("written").GetBoolean()));
            Assert.Equal(new FileInfo(output).Length, root.GetProperty("bytes_after").GetInt64());
            Assert.Equal(new FileInfo(DemoQ8.Path).Length, root.GetProperty("bytes_before").GetInt64());
            Assert.Equal(8.0 * root.GetProperty("tensor_bytes_after").GetInt64() / root.GetProperty("weights").GetInt64(),
                root.GetProperty("bits_per_weight").GetDouble(), 1e-9);
            Assert.Equal(130, root.GetProperty("types").EnumerateObject().Sum(type => type.Value.GetProperty("tensors").GetInt32()));
            Assert.Equal(root.GetProperty("tensor_bytes_after").GetInt64(), root.GetProperty("types").EnumerateObject().Sum(
                type => type.Value.GetProperty("bytes").GetInt64()));
            Assert.NotEmpty(root.GetProperty("notes").EnumerateArray());
        }
        byte[] first = File.ReadAllBytes(output);
        AhnProcess text = await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "q4_k_m", "--threads", "3", "--overwrite"]);
        Assert.True(text.ExitCode == 0, text.Errors);
        Assert.Contains("bits per weight", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", text.Output, StringComparison.Ordinal);
        Assert.True(first.AsSpan().SequenceEqual(File.ReadAllBytes(output)));
    }

    [Fact]
    public async Task Wrong_words_are_exit_code_2_and_wrong_files_1()
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("x.gguf"), broken = folder.PathOf("broken.gguf");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "q9"])).AssertFailed(2, "q9", "q4_k_m");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "q2_k"])).AssertFailed(2, "q2_k", "q4_k_m");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output])).AssertFailed(2, "quantize");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, output, "q4_0", "--threads", "0"])).AssertFailed(2, "--threads");
        (await AhnProcess.RunAsync(["quantize", folder.PathOf("nothing.gguf"), output, "q4_0"])).AssertFailed(1, "nothing.gguf");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, DemoQ8.Path, "q4_0"])).AssertFailed(1, "another file to write");
        (await AhnProcess.RunAsync(["quantize", DemoQ8.Path, folder.PathOf("no/such/x.gguf"), "q4_0"])).AssertFailed(1, "folder");
        File.WriteAllBytes(broken, File.ReadAllBytes(DemoQ8.Path)[..5_000_000]);
        (await AhnProcess.RunAsync(["quantize", broken, output, "q4_0"])).AssertFailed(1, "broken.gguf");
        Assert.Equal(["broken.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [UnixFact]
    public async Task Ctrl_C_leaves_no_file()
    {
        using TemporaryFolder folder = new();
        string input = folder.PathOf("in.gguf");
        // 78 million weights, a second or more on one thread.
        ModelConfig small =
            QwenShape.Get("0.5B") with { HiddenSize = 512, FfnSize = 256, LayerCount = 1, HeadCount = 4, KvHeadCount = 2, HeadDim = 128 };
        new SyntheticModel("small", small, null, 1).WriteGguf(input, QuantizationMixture.Get("q8_0"));
        using Process process = AhnProcess.Start(["quantize", input, folder.PathOf("out.gguf"), "q4_k_m", "--threads", "1"]);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using System.Threading.CancellationTokenSource timeout = new(TimeSpan.FromSeconds(60));
        while (Directory.GetFiles(folder.Path).Length < 2) await Task.Delay(1, timeout.Token);
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(timeout.Token);
        await process.WaitForExitAsync(timeout.Token);
        Assert.Equal("", await output);
        Assert.Equal("ahn: interrupted.\n", await errors);
        Assert.Equal(130, process.ExitCode);
        Assert.Equal(["in.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }
}
