using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>
/// A server that is killed (SIGKILL, no handler runs) and started again: what it told is as it was, what it was reading goes on. The long
/// form, <c>AHN_LONG_TESTS=1</c>, kills it ten times at random moments.
/// </summary>
public sealed class ServeKillTests : IDisposable
{
    // Tokens between checkpoints of a reading.
    private const int Checkpoint = 4_096;

    private static readonly string s_book =
        File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt")).ReplaceLineEndings("\n");

    private readonly TemporaryFolder _folder = new();
    private Process? _process;
    private HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        if (_process is { HasExited: false }) _process.Kill(entireProcessTree: true);
        _process?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Documents_answers_and_responses_are_as_before_and_what_was_half_read_goes_on()
    {
        await StartAsync();
        string letters = await UploadAsync("letters.txt", DemoText.BookWithCode), before = await ReadyAsync(letters);
        string answer = await AskAsync(letters);
        Assert.Contains("4827", answer, StringComparison.Ordinal);
        string response = await RespondAsync(null, DemoText.BookWithCode + "\n\n" + DemoText.Question);
        string kept = await _client.GetStringAsync($"/v1/responses/{IdOf(response)}");
        string next = TextOf(await RespondAsync(IdOf(response), "Again?"));

        string half = s_book[20_000..62_000], document = await UploadAsync("half.txt", half);
        while (ReadTokens(await StatusAsync(document)) <= Checkpoint) await Task.Delay(20);
        Assert.Equal("reading", Text(await StatusAsync(document), "status"));
        await KillAsync();

        await StartAsync();
        Assert.Equal(before, await _client.GetStringAsync($"/v1/documents/{letters}"));
        Assert.Equal(answer, await AskAsync(letters));
        Assert.Equal(kept, await _client.GetStringAsync($"/v1/responses/{IdOf(response)}"));
        Assert.Equal(next, TextOf(await RespondAsync(IdOf(response), "Again?")));
        // It goes on from its checkpoint: fewer tokens are never told.
        JsonElement status;
        do
        {
            status = await StatusAsync(document);
            Assert.False(ReadTokens(status) is > 0 and < Checkpoint, status.ToString());
            await Task.Delay(20);
        } while (Text(status, "status") != "ready");
        Assert.EndsWith(half.Trim(), await DocumentTextAsync(document), StringComparison.Ordinal);
        Assert.Equal(2, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Kills_at_random_moments_lose_nothing_that_was_told()
    {
        Random random = new(9);
        Dictionary<string, string> told = [];
        await StartAsync();
        string letters = await UploadAsync("letters.txt", DemoText.BookWithCode);
        await ReadyAsync(letters);
        string answer = await AskAsync(letters), response = IdOf(await RespondAsync(null, DemoText.Question));
        string kept = await _client.GetStringAsync($"/v1/responses/{response}");
        for (int kill = 0; kill < LongForm.Or(inShort: 1, inLong: 10); kill++)
        {
            // What has an id was taken: it must be there after the kill, and be read.
            int from = random.Next(700_000);
            string text = s_book[from..(from + random.Next(2_000, LongForm.Or(8_000, 30_000)))];
            told.Add(await UploadAsync($"{kill}.txt", text), text);
            await Task.Delay(random.Next(LongForm.Or(1_000, 4_000)));
            await KillAsync();
            await StartAsync();
            Assert.Equal(kept, await _client.GetStringAsync($"/v1/responses/{response}"));
            Assert.Equal(answer, await AskAsync(letters));
            Assert.Equal(told.Keys.Append(letters).Order(), (await ListAsync()).Order());
        }
        foreach ((string id, string text) in told)
        {
            await ReadyAsync(id);
            Assert.EndsWith(text.Trim(), await DocumentTextAsync(id), StringComparison.Ordinal);
        }
    }

    private async Task StartAsync()
    {
        _process = AhnProcess.Start(["serve", "--port", "0", "--data", _folder.PathOf("data")]);
        const string mark = "Listening on ";
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0) continue;
            _client.Dispose();
            _client = new HttpClient { BaseAddress = new Uri(line[(at + mark.Length)..].Split(' ')[0]), Timeout = TimeSpan.FromMinutes(2) };
            // Nobody reads what it logs: a full pipe would stop it.
            _ = _process.StandardError.ReadToEndAsync();
            _ = _process.StandardOutput.ReadToEndAsync();
            return;
        }
        Assert.Fail($"expected the server to listen, found the end: {await _process.StandardOutput.ReadToEndAsync()}");
    }

    private async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        if (!OperatingSystem.IsWindows()) Assert.Equal(128 + 9, _process.ExitCode);
        _process.Dispose();
    }

    private async Task<string> UploadAsync(string name, string text) =>
        Text(await PostAsync("/v1/documents", new { name, text }), "id");

    // The document as it is told once it was read.
    private async Task<string> ReadyAsync(string id)
    {
        while (true)
        {
            string told = await _client.GetStringAsync($"/v1/documents/{id}");
            string status = Text(Parse(told), "status");
            if (status == "ready") return told;
            Assert.NotEqual("failed", status);
            await Task.Delay(50);
        }
    }

    private async Task<JsonElement> StatusAsync(string id) => Parse(await _client.GetStringAsync($"/v1/documents/{id}"));

    private async Task<List<string>> ListAsync() => [.. Parse(await _client.GetStringAsync("/v1/documents?limit=100"))
        .GetProperty("data").EnumerateArray().Select(static one => Text(one, "id"))];

    private async Task<string> DocumentTextAsync(string id) =>
        Text(Parse(await _client.GetStringAsync($"/v1/documents/{id}/text?from=0&count=100000")), "text").TrimEnd();

    private async Task<string> AskAsync(string document)
    {
        JsonElement answer = await PostAsync("/v1/chat/completions", new
        {
            model = "ahn-demo-q8_0",
            temperature = 0,
            max_tokens = 12,
            documents = new[] { document },
            messages = new[] { new { role = "user", content = DemoText.Question } },
        });
        return Text(answer.GetProperty("choices")[0].GetProperty("message"), "content");
    }

    private async Task<string> RespondAsync(string? previous, string input) => (await PostAsync("/v1/responses", new
    {
        model = "ahn-demo-q8_0",
        temperature = 0,
        max_output_tokens = 12,
        previous_response_id = previous,
        input,
    })).ToString();

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using StringContent content = new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PostAsync(path, content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return Parse(text);
    }

    private static string IdOf(string response) => Text(Parse(response), "id");

    private static string TextOf(string response) => string.Concat(Parse(response).GetProperty("output").EnumerateArray()
        .Where(static item => Text(item, "type") == "message")
        .SelectMany(static item => item.GetProperty("content").EnumerateArray()).Select(static part => Text(part, "text")));

    private static long ReadTokens(JsonElement document) => document.GetProperty("progress").GetProperty("tokens_read").GetInt64();

    private static string Text(JsonElement one, string name) => one.GetProperty(name).GetString()!;

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
