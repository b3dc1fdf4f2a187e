using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Cli.Settings;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A model by default, and what else a person says once: the line before the environment before the file.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _file, _first, _second;

    public SettingsTests()
    {
        (_file, _first, _second) = (_folder.PathOf("config"), _folder.PathOf("first.gguf"), _folder.PathOf("second.gguf"));
        File.Copy(DemoText.ModelPath, _first);
        File.Copy(DemoText.ModelPath, _second);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_line_comes_before_the_environment_and_that_before_the_file()
    {
        Assert.Equal("ahn-demo-q8_0.gguf", await ModelOfAsync([]));
        AhnProcess use = await RunAsync(["use", _first, "--as", "one"]);
        Assert.True(use.ExitCode == 0, use.Errors);
        Assert.Contains(_first, use.Output, StringComparison.Ordinal);
        Assert.Equal("first.gguf", await ModelOfAsync([]));
        Assert.Equal("second.gguf", await ModelOfAsync([], ("AHN_MODEL", _second)));
        Assert.Equal("first.gguf", await ModelOfAsync(["--model", "one"], ("AHN_MODEL", _second)));
        AhnProcess config = await RunAsync(["config"], ("AHN_MODEL", _second));
        Assert.Matches(@"(?m)^model +\S+second\.gguf +environment", config.Output);
        Assert.Matches(@"(?m)^alias\.one +\S+first\.gguf +file", config.Output);

        Assert.Equal(0, (await RunAsync(["use", "--none"])).ExitCode);
        Assert.Equal("ahn-demo-q8_0.gguf", await ModelOfAsync([]));
        Assert.Equal("first.gguf", await ModelOfAsync(["-m", "one"]));
    }

    [Fact]
    public async Task The_model_stands_on_the_line_and_no_question_is_taken_for_one()
    {
        Assert.Equal(0, (await RunAsync(["use", _first, "--as", "one"])).ExitCode);
        Assert.Equal("second.gguf", Model(await RunAsync(["run", _second, "Hello there", "--max-tokens", "1", "--json"])));
        Assert.Equal("first.gguf", Model(await RunAsync(["run", "one", "Hello", "there", "--max-tokens", "1", "--json"])));
        Assert.Equal("first.gguf", Model(await RunAsync(["run", "Hello", "--max-tokens", "1", "--json"])));
        (await RunAsync(["run", "qwen2.5:7b", "Hello there"])).AssertFailed(2, "Qwen/Qwen2.5-7B-Instruct-GGUF:q4_k_m", "--prompt");
        (await RunAsync(["run", "qwen2.5:7b"])).AssertFailed(2, "there is no model qwen2.5:7b here");
        (await RunAsync(["run", "on", "Hello there"])).AssertFailed(2, "did you mean 'one'");
        (await RunAsync(["run", "one"])).AssertFailed(2, "ahn chat one");
        (await RunAsync(["run", "some/thing"])).AssertFailed(2, "ahn pull some/thing");
        (await RunAsync(["run", _first, "x", "--model", _second, "--prompt", "y"])).AssertFailed(2, "--prompt");
        string text = _folder.PathOf("text.txt");
        await File.WriteAllTextAsync(text, DemoText.Prose(20));
        (await RunAsync(["run", text])).AssertFailed(2, $"-f {text}");
        AhnProcess chat = await RunAsync(["chat", "one", "--max-tokens", "1", "--verbose"]);
        Assert.Contains("first.gguf", chat.Errors, StringComparison.Ordinal);
        AhnProcess perplexity = await RunAsync(["perplexity", "one", "-f", text, "--verbose", "--tokens", "8"]);
        Assert.Contains("first.gguf", perplexity.Errors, StringComparison.Ordinal);
        (await RunAsync(["chat", "one", "--model", _second])).AssertFailed(2, "give one model");
    }

    [Fact]
    public async Task Keys_and_values_that_cannot_be_meant_are_refused_and_comments_stay()
    {
        await File.WriteAllTextAsync(_file, "# mine\nthreads = 1\n");
        (await RunAsync(["config", "set", "modle", "x"])).AssertFailed(2, "did you mean 'model'");
        (await RunAsync(["config", "set", "threads", "0"])).AssertFailed(2, "from 1 to 1024");
        Assert.Equal("1", (await RunAsync(["config", "get", "threads"])).Output.TrimEnd());
        Assert.Equal(0, (await RunAsync(["config", "set", "max-tokens", "3"])).ExitCode);
        Assert.Equal("# mine\nthreads = 1\nmax-tokens = 3\n", await File.ReadAllTextAsync(_file));
        using JsonDocument answer = JsonDocument.Parse((await RunAsync(["run", "Hello there", "--json"])).Output);
        Assert.Equal(3, answer.RootElement.GetProperty("generated_tokens").GetInt32());
        Assert.Equal(1, answer.RootElement.GetProperty("format").GetInt32());
        (await RunAsync(["run", "x"], ("AHN_THREADS", "many"))).AssertFailed(2, "AHN_THREADS", "many");
        Assert.Equal(0, (await RunAsync(["config", "unset", "threads"])).ExitCode);
        Assert.Equal(1, (await RunAsync(["config", "get", "threads"])).ExitCode);

        await File.AppendAllTextAsync(_file, "tempature = 1\n");
        (await RunAsync(["run", "x"])).AssertFailed(2, "line 3", "did you mean 'temperature'");
        Assert.Equal(0, (await RunAsync(["config", "unset", "tempature"])).ExitCode);
        Assert.Equal("# mine\nmax-tokens = 3\n", await File.ReadAllTextAsync(_file));
        Assert.Equal(["config", "first.gguf", "second.gguf"],
            Directory.GetFiles(Path.GetDirectoryName(_file)!).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task What_was_read_stays_with_the_model_that_read_it()
    {
        string text = _folder.PathOf("text.txt"), demo = _folder.PathOf("demo.ahn"), one = _folder.PathOf("one.ahn");
        await File.WriteAllTextAsync(text, DemoText.Prose(20));
        string[] ask = ["x", "--max-tokens", "1", "--verbose"];
        Assert.Equal(0, (await RunAsync(["read", text, "-o", demo])).ExitCode);
        Assert.Equal(0, (await RunAsync(["read", text, "-o", one], ("AHN_MODEL", _first))).ExitCode);
        AhnProcess demoAsk = await RunAsync(["ask", demo, .. ask], ("AHN_MODEL", _second));
        Assert.Contains("ahn-demo-q8_0.gguf:", demoAsk.Errors, StringComparison.Ordinal);
        Assert.Contains("first.gguf:", (await RunAsync(["ask", one, .. ask], ("AHN_MODEL", _second))).Errors, StringComparison.Ordinal);
        Assert.Contains("first.gguf:", (await RunAsync(["ask", one, .. ask])).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_memory_is_remembered_with_its_model_and_with_no_other()
    {
        File.WriteAllText(_file, "model = q7\nalias.q7 = O/R:q4\nalias.q7.adapter = memory.gguf\nalias.q8 = O/S:q8\n");
        UserSettings settings = Settings();
        Assert.Equal(new ChosenModel("O/R:q4", "memory.gguf", _file), ChosenModel.Of(null, null, "--model", settings));
        Assert.Equal(new ChosenModel("O/R:q4", "memory.gguf", "--model"), ChosenModel.Of("q7", null, "--model", settings));
        Assert.Equal(new ChosenModel("O/R:q4", null, "--model"), ChosenModel.Of("q7", "none", "--model", settings));
        Assert.Equal(new ChosenModel("O/R:q4", "other.gguf", "--model"), ChosenModel.Of("q7", "other.gguf", "--model", settings));
        Assert.Equal(new ChosenModel("O/S:q8", null, "--model"), ChosenModel.Of("q8", null, "--model", settings));
        Assert.Equal(new ChosenModel("O/T:q8", null, "--model"), ChosenModel.Of("O/T:q8", null, "--model", settings));

        File.WriteAllText(_file, "model = O/R:q4\nadapter = memory.gguf\n");
        Assert.Equal("memory.gguf", ChosenModel.Of(null, null, "--model", Settings()).Adapter);
        Assert.Null(ChosenModel.Of("O/T:q8", null, "--model", Settings()).Adapter);
        // The environment names another model: the file's memory is not for it.
        Assert.Null(ChosenModel.Of(null, null, "--model", Settings(("AHN_MODEL", "O/T:q8"))).Adapter);
        Assert.Equal("a.gguf", ChosenModel.Of(null, null, "--model", Settings(("AHN_MODEL", "O/T:q8"), ("AHN_ADAPTER", "a.gguf"))).Adapter);
        Assert.True(ChosenModel.Of(null, null, "--model", null).IsDemo);
    }

    [Fact]
    public void The_file_lies_where_XDG_has_it()
    {
        Dictionary<string, string?> said = new() { ["XDG_CONFIG_HOME"] = _folder.PathOf("xdg") };
        if (!OperatingSystem.IsWindows())
            Assert.Equal(_folder.PathOf("xdg/ahn/config"), SettingsFile.PathOf(said.GetValueOrDefault));
        said["AHN_CONFIG"] = _file;
        Assert.Equal(_file, SettingsFile.PathOf(said.GetValueOrDefault));
    }

    [Theory]
    [InlineData(64_000_000_000, "7b")]
    [InlineData(6_000_000_000, "1.5b")]
    [InlineData(2_000_000_000, "0.5b")]
    [InlineData(600_000_000, null)]
    public void A_model_is_offered_that_fits_with_its_size_and_licence(long free, string? size)
    {
        KnownModel? model = KnownModel.For(free);
        Assert.Equal(size, model?.Size);
        if (model is null) return;
        string question = ModelOffer.Question(model, free);
        Assert.Contains("Apache 2.0", question, StringComparison.Ordinal);
        Assert.Contains(model.Reference, question, StringComparison.Ordinal);
        Assert.Matches(@"\d B", question.Replace("GB", " B", StringComparison.Ordinal).Replace("MB", " B", StringComparison.Ordinal)
            .Replace("  ", " ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("Yes", true)]
    [InlineData("", false)]
    [InlineData("sure", false)]
    [InlineData("v", null)]
    public void Nothing_is_fetched_without_a_yes(string answer, bool? meaning) => Assert.Equal(meaning, ModelOffer.Meaning(answer));

    private UserSettings Settings(params (string Name, string Value)[] environment)
    {
        Dictionary<string, string?> said = environment.ToDictionary(one => one.Name, one => (string?)one.Value);
        said["AHN_CONFIG"] = _file;
        return new UserSettings(said.GetValueOrDefault);
    }

    private async Task<string?> ModelOfAsync(string[] options, params (string Name, string Value)[] environment) =>
        Model(await RunAsync(["run", "--prompt", "x", "--max-tokens", "1", "--json", .. options], environment));

    private static string? Model(AhnProcess run)
    {
        Assert.True(run.ExitCode == 0, run.Errors);
        using JsonDocument answer = JsonDocument.Parse(run.Output);
        return answer.RootElement.GetProperty("model").GetString();
    }

    private Task<AhnProcess> RunAsync(string[] command, params (string Name, string Value)[] environment)
    {
        Dictionary<string, string?> said = environment.ToDictionary(one => one.Name, one => (string?)one.Value);
        said["AHN_CONFIG"] = _file;
        said["HF_HUB_CACHE"] = _folder.PathOf("cache");
        return AhnProcess.RunAsync(command, environment: said);
    }
}
