using System;
using System.IO;
using System.IO.Compression;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>What a model is given of documents: printed by 'text', and taken by 'run -f' as by 'read'.</summary>
public sealed class TextCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Text_is_printed_exactly_and_what_is_left_out_on_standard_error()
    {
        string page = Write("page.html", "<title>P</title><nav>home</nav><p>caf&eacute;"u8.ToArray()),
            notes = Write("notes.txt", "o\u0308l"u8.ToArray());
        AhnProcess text = await AhnProcess.RunAsync(["text", page, notes]);
        Assert.Equal((0, "Document: page.html\nTitle: P\n\ncaf\u00E9\n\nDocument: notes.txt\n\n\u00F6l"), (text.ExitCode, text.Output));
        foreach (string part in new[] { "4 characters", "composed in 1 place" })
            Assert.Contains(part, text.Errors, StringComparison.Ordinal);
        Assert.EndsWith("o\u0308l", (await AhnProcess.RunAsync(["text", notes, "--no-normalize"])).Output, StringComparison.Ordinal);
        Assert.EndsWith("\n\nx", (await AhnProcess.RunAsync(["text", "-"], "x\n")).Output, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse((await AhnProcess.RunAsync(["text", page, "--json"])).Output);
        Assert.Equal("Document: page.html\nTitle: P\n\ncaf\u00E9", json.RootElement.GetProperty("text").GetString());
        Assert.Equal("html", json.RootElement.GetProperty("documents")[0].GetProperty("kind").GetString());
        (await AhnProcess.RunAsync(["text", _folder.PathOf("none")])).AssertFailed(1, "none");
        (await AhnProcess.RunAsync(["text", "-", "-"], "x")).AssertFailed(2, "once");
    }

    [Fact]
    public async Task Run_takes_the_documents_that_read_takes()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest)) gzip.Write("<title>P</title><p>The tower is high."u8);
        string page = Write("page.html.gz", packed.ToArray());
        AhnProcess run = await AhnProcess.RunAsync(["run", "-f", page, "--prompt", "Q?", "--max-tokens", "1", "--json"]),
            raw = await AhnProcess.RunAsync(
                ["run", "--prompt", "Document: page.html.gz\nTitle: P\n\nThe tower is high.\n\nQ?", "--max-tokens", "1", "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Equal(TokensOf(raw), TokensOf(run));
    }

    private static long TokensOf(AhnProcess run)
    {
        using JsonDocument json = JsonDocument.Parse(run.Output);
        return json.RootElement.GetProperty("prompt_tokens").GetInt64();
    }

    private string Write(string name, byte[] bytes)
    {
        string path = _folder.PathOf(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
