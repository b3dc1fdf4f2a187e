using System;
using System.IO;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class ConvertCommandTests
{
    [Fact]
    public async Task Folders_convert_to_a_file_that_inspect_explains()
    {
        using TemporaryFolder folder = new();
        TinyFolder model = TinyFolder.Base(folder).Write(), memory = TinyFolder.Ahn(folder, "gated_deltanet");
        memory.Config.Remove("num_attn_sinks");
        string output = folder.PathOf("out.gguf");
        AhnProcess convert = await AhnProcess.RunAsync(
            ["convert", model.Path, "--ahn", memory.Write().Path, "--type", "bf16", "--sinks", "4", "-o", output, "--json"]);
        Assert.True(convert.ExitCode == 0, convert.Errors);
        Assert.Contains("window of 32640", convert.Errors, StringComparison.Ordinal);
        using (JsonDocument json = JsonDocument.Parse(convert.Output))
        {
            Assert.Equal(("merged", 32640, 4), (json.RootElement.GetProperty("form")
                .GetString(), json.RootElement.GetProperty("window").GetInt32(), json.RootElement.GetProperty("sinks").GetInt32()));
        }

        (await AhnProcess.RunAsync(["inspect", output, "--kv", "q8_0"])).AssertFailed(1, "multiple of 32"); // heads of 8 entries
        AhnProcess inspect = await AhnProcess.RunAsync(["inspect", output, "--window", "100", "--sinks", "10", "--kv", "f32", "--json"]);
        Assert.True(inspect.ExitCode == 0, inspect.Errors);
        using (JsonDocument json = JsonDocument.Parse(inspect.Output))
        {
            JsonElement session = json.RootElement.GetProperty("session");
            Assert.Equal((100, 10, "f32"),
                (session.GetProperty("window").GetInt32(), session.GetProperty("sinks").GetInt32(), session.GetProperty("kv").GetString()));
            Assert.Equal(2 * 4 * 8 * 8 * 4, session.GetProperty("modes").GetProperty("ahn").GetProperty("memory_bytes").GetInt64());
            Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("tokenizer").ValueKind);
            Assert.True(json.RootElement.GetProperty("ahn").GetProperty("base_matches").GetBoolean());
        }
        AhnProcess text = await AhnProcess.RunAsync(["inspect", output]);
        Assert.Equal("", text.Errors);
        Assert.Contains("gated_deltanet", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_options_are_exit_code_2_and_broken_folders_1()
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("x.gguf");
        (await AhnProcess.RunAsync(["convert", "-o", output])).AssertFailed(2, "--ahn");
        (await AhnProcess.RunAsync(["convert", folder.Path])).AssertFailed(2, "-o");
        (await AhnProcess.RunAsync(["convert", folder.Path, "--type", "q3_k_m", "-o", output])).AssertFailed(2, "q8_0, q4_0");
        (await AhnProcess.RunAsync(["convert", folder.Path, "--window", "7", "-o", output])).AssertFailed(2, "--ahn");
        (await AhnProcess.RunAsync(["convert", folder.Path, "-o", output])).AssertFailed(1, "config.json");
        (await AhnProcess.RunAsync(["convert", folder.PathOf("nothing"), "-o", output])).AssertFailed(1, "nothing");
        (await AhnProcess.RunAsync(["synth", "4B", "q8_0", "-o", output])).AssertFailed(2, "0.5B");
        (await AhnProcess.RunAsync(["synth", "3B", "q9", "-o", output])).AssertFailed(2, "q4_k_m");
        (await AhnProcess.RunAsync(["synth", "3B", "q8_0", "--format", "hf", "-o", output])).AssertFailed(2, "bf16");
        (await AhnProcess.RunAsync(["inspect", folder.Path])).AssertFailed(2, "folder");
        (await AhnProcess.RunAsync(["inspect", folder.PathOf("nothing")])).AssertFailed(1, "nothing");
        File.WriteAllText(output, "not a model");
        (await AhnProcess.RunAsync(["inspect", output])).AssertFailed(1, "GGUF");
    }
}
