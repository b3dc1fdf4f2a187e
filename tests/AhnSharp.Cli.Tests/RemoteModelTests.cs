using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Gguf;
using AhnSharp.Hub;
using AhnSharp.Planning;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A model is judged by its header, before anything large of it is fetched.</summary>
public sealed class RemoteModelTests : IDisposable
{
    private const string ModelName = "Tiny-Q8_0.gguf", Reference = $"{FakeHub.Repo}:q8_0";
    private readonly PullRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Fit_plans_a_model_that_was_not_fetched()
    {
        _run.Hub.Files[ModelName] = await File.ReadAllBytesAsync(DemoText.ModelPath);
        string[] options = ["--free", "6GB", "--json"];
        AhnProcess there = await RunAsync(["fit", Reference, .. options]), here = await RunAsync(["fit", DemoText.ModelPath, .. options]);
        Assert.True(there.ExitCode == 0, there.Errors);
        Assert.Equal(here.Output, there.Output);
        Assert.Contains($"ahn pull {Reference}", there.Errors, StringComparison.Ordinal);
        Assert.All(_run.Hub.FileCalls, call => Assert.Matches(@"^bytes=\d+-\d+$", call.Range));
        Assert.False(Directory.Exists(_run.RepoFolder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_header_comes_also_from_servers_that_know_no_ranges(bool ranges)
    {
        // Weights behind it that nobody may ask for: 40 MB of them.
        byte[] model = await File.ReadAllBytesAsync(DemoText.ModelPath);
        long header;
        using (GgufFile file = GgufFile.Open(DemoText.ModelPath)) header = file.Tensors.Min(tensor => tensor.ByteOffset);
        _run.Hub.Files[ModelName] = [.. model, .. new byte[40 << 20]];
        if (!ranges)
        {
            _run.Hub.OnFile = async (call, content) =>
            {
                await call.HeadAsync(200, content.Length);
                try
                {
                    await call.Line.WriteAsync(content);
                }
                catch (IOException)
                {
                    // Left in the middle, as it should be.
                }
            };
        }
        Assert.True(ModelReference.TryParse(Reference, out ModelReference? reference));
        using ModelPeek peek = await ModelPeek.RunAsync(_run.Hub.Settings(_run.Cache), reference, "main", default);
        Assert.InRange(peek.FetchedBytes, header, 8 << 20);
        Assert.Equal(ModelPlan.Read(DemoText.ModelPath).WeightBytes,
            ModelPlan.Read(peek.Path, null, new ModelOptions { MemoryMap = false }).WeightBytes);
        string folder = Path.GetDirectoryName(peek.Path)!;
        peek.Dispose();
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task A_model_that_would_not_run_is_refused_before_it_is_fetched()
    {
        string other = Path.Combine(_run.Cache, "..", "other.gguf");
        GgufWriter writer = new();
        writer.Add("general.architecture", "mamba");
        writer.AddTensor("token_embd.weight", GgmlType.F32, [4, 2], static to => to.Write(new byte[32]));
        writer.Write(other);
        _run.Hub.Files[ModelName] = await File.ReadAllBytesAsync(other);
        Assert.True(ModelReference.TryParse(Reference, out ModelReference? reference));
        HubSettings settings = _run.Hub.Settings(_run.Cache);
        using HubConnection connection = new(settings);
        RemoteRepo repo = await ModelPull.ListAsync(connection, settings, reference, "main", default);
        ModelChoice<RemoteFile> choice = FileChoice.Of(reference, repo.Files);
        UsageException refused = await Assert.ThrowsAsync<UsageException>(
            () => RemoteModel.JudgeAsync(settings, connection, repo, choice, default, least: 0));
        Assert.Contains("mamba", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--any", refused.Message, StringComparison.Ordinal);
        // Small ones are not worth a question.
        await RemoteModel.JudgeAsync(settings, connection, repo, choice, default);
        File.Delete(other);
    }

    [Fact]
    public async Task What_is_no_GGUF_is_said_after_its_first_bytes()
    {
        _run.Hub.Files[ModelName] = FakeHub.Noise(30 << 20, 3);
        AhnProcess fit = await RunAsync(["fit", Reference]);
        fit.AssertFailed(1, ModelName, "no GGUF file that is read here");
        Assert.Single(_run.Hub.FileCalls);
    }

    [Fact]
    public async Task Pull_says_what_else_there_is_where_nobody_named_a_type()
    {
        byte[] model = await File.ReadAllBytesAsync(DemoText.ModelPath);
        (_run.Hub.Files["Tiny-Q4_K_M.gguf"], _run.Hub.Files[ModelName]) = (model, model);
        AhnProcess pull = await RunAsync(["pull", FakeHub.Repo]);
        Assert.True(pull.ExitCode == 0, pull.Errors);
        Assert.Contains("Q4_K_M (", pull.Errors, StringComparison.Ordinal);
        Assert.Contains("Q8_0 (", pull.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Q8_0 (", (await RunAsync(["pull", $"{FakeHub.Repo}:q4_k_m"])).Errors, StringComparison.Ordinal);
    }

    private Task<AhnProcess> RunAsync(string[] command) => AhnProcess.RunAsync(command, environment: new Dictionary<string, string?>
    {
        ["HF_ENDPOINT"] = _run.Hub.Address.ToString(),
        ["HF_HUB_CACHE"] = _run.Cache,
        ["HF_TOKEN"] = null,
        ["http_proxy"] = null,
        ["HTTP_PROXY"] = null,
        ["all_proxy"] = null,
        ["ALL_PROXY"] = null,
    });
}
