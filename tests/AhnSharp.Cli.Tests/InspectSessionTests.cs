using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using System.Xml.Linq;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Saved sessions looked at without their model: the file of it is gone before the command runs.</summary>
public sealed class InspectSessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<HippocampusKind?> Kinds => [null, .. Enum.GetValues<HippocampusKind>().Select(kind => (HippocampusKind?)kind)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Says_in_text_and_json_what_the_session_holds(HippocampusKind? kind)
    {
        (string path, SessionDescription expected) = Save(kind, 150);
        AhnProcess text = await AhnProcess.RunAsync(["inspect", "--session", path]);
        Assert.Equal((0, ""), (text.ExitCode, text.Errors));
        foreach (string part in new[] { path, "tokens seen   150", $"compressed    {expected.Tally.Compressed}" })
            Assert.Contains(part, text.Output, StringComparison.Ordinal);
        Assert.Equal(kind is not null, text.Output.Contains("norm", StringComparison.Ordinal));
        Assert.Equal(kind == HippocampusKind.DeltaNet, text.Output.Contains("does not decay", StringComparison.Ordinal));

        AhnProcess json = await AhnProcess.RunAsync(["inspect", "--session", path, "--json"]);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(kind?.ToString(), root.GetProperty("kind").GetString());
        Assert.Equal(
            (150, expected.Tally.Exact), (root.GetProperty("tokens_seen").GetInt64(), root.GetProperty("tokens_exact").GetInt64()));
        JsonElement[] layers = [.. root.GetProperty("layers").EnumerateArray()];
        Assert.Equal(expected.Layers.Count, layers.Length);
        for (int i = 0; i < layers.Length; i++)
        {
            JsonElement[] heads = [.. layers[i].GetProperty("heads").EnumerateArray()];
            Assert.Equal(
                expected.Layers[i].Heads.Select(head => (head.Norm, head.WriteStrength, head.LogDecay, head.EffectiveTokens)),
                heads.Select(head => (head.GetProperty("norm").GetDouble(), Number(head, "write_strength"), Number(head, "log_decay"),
                    Number(head, "effective_tokens"))));
        }
    }

    [Theory]
    [InlineData(HippocampusKind.DeltaNet, 2)]
    [InlineData(HippocampusKind.GatedDeltaNet, 3)]
    [InlineData(HippocampusKind.Mamba2, 3)]
    public async Task Draws_the_memory(HippocampusKind kind, int maps)
    {
        (string path, _) = Save(kind, 100);
        string plot = _folder.PathOf("memory.svg");
        AhnProcess run = await AhnProcess.RunAsync(["inspect", "--session", path, "--plot", plot]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(plot, run.Errors, StringComparison.Ordinal);
        XElement svg = XDocument.Load(plot).Root!;
        string[] texts = [.. svg.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains(texts, text => text.Contains("session.ahn after 100 tokens", StringComparison.Ordinal));
        Assert.Contains(texts, text => text.Contains($"{kind}, window 40, sinks 4", StringComparison.Ordinal));
        Assert.Equal(maps, texts.Count(text => text == "query head"));
        Assert.Equal(maps, texts.Count(text => text == "layer"));
        Assert.Equal(maps == 3, texts.Contains("tokens"));
    }

    [Fact]
    public async Task What_cannot_be_meant_or_read_is_one_sentence()
    {
        (string path, _) = Save(HippocampusKind.DeltaNet, 60);
        (string without, _) = Save(null, 60, "full.ahn");
        string plot = _folder.PathOf("x.svg");
        (await AhnProcess.RunAsync(["inspect"])).AssertFailed(2, "--session");
        Assert.Equal(0, (await AhnProcess.RunAsync(["inspect", path, "--plot", plot])).ExitCode);
        File.Delete(plot);
        (await AhnProcess.RunAsync(["inspect", DemoText.ModelPath, "--plot", plot])).AssertFailed(2, "--plot", "--session");
        (await AhnProcess.RunAsync(["inspect", "--plot", plot])).AssertFailed(2, "--plot", "--session");
        (await AhnProcess.RunAsync(["inspect", "--session", path, "--window", "9"])).AssertFailed(2, "--window");
        (await AhnProcess.RunAsync(["inspect", "model.gguf", "--session", path])).AssertFailed(2, "file");
        (await AhnProcess.RunAsync(["inspect", "--session", without, "--plot", plot])).AssertFailed(2, "--plot", "full");
        (await AhnProcess.RunAsync(["inspect", "--session", path, "--plot", _folder.PathOf("no/x.svg")])).AssertFailed(1, "x.svg");
        (await AhnProcess.RunAsync(["inspect", "--session", _folder.PathOf("none.ahn")])).AssertFailed(1, "none.ahn");
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(path, bytes);
        (await AhnProcess.RunAsync(["inspect", "--session", path, "--plot", plot])).AssertFailed(1, "checksum");
        await File.WriteAllBytesAsync(path, bytes[..(bytes.Length / 2)]);
        (await AhnProcess.RunAsync(["inspect", "--session", path])).AssertFailed(1, "session.ahn");
        Assert.False(File.Exists(plot));
    }

    private (string Path, SessionDescription Description) Save(HippocampusKind? kind, int tokens, string name = "session.ahn")
    {
        using TinyModelFile file = new(new TinyModel { Kind = kind, Layers = 3 });
        using LanguageSession session = file.Model.CreateSession(new SessionOptions { Window = 40, Sinks = 4 });
        file.Model.Forward(session, [.. Enumerable.Range(0, tokens).Select(i => i * 37 % 128)]);
        string path = _folder.PathOf(name);
        session.Save(path);
        return (path, session.Describe());
    }

    private static double? Number(JsonElement head, string name) =>
        head.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
}
