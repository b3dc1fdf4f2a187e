using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cluster.Tests;

/// <summary>What a client does with documents, over HTTP.</summary>
internal sealed class DocumentClient(Uri address) : IDisposable
{
    public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Some pages of the book that the demo model knows.</summary>
    public static string Book(int characters, int from) =>
        File.ReadAllText(Path.Combine(Fixture.Repository, "gguf", "dracula.txt"))[from..(from + characters)];

    public void Dispose() => Http.Dispose();

    public async Task<JsonElement> GetAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<JsonElement> DeleteAsync(string id) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Delete, $"/v1/documents/{id}"));

    public async Task<string> AddAsync(string name, string text, string? key = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/documents")
        {
            Content = Json(new JsonObject { ["name"] = name, ["text"] = text }),
        };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return (await SendAsync(request)).GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> PostAsync(string path, JsonObject body) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) });

    /// <summary>The greedy answer to a question about a document.</summary>
    public async Task<string> AskAsync(string id, string question, int tokens = 24)
    {
        JsonElement answer = await PostAsync("/v1/chat/completions", Question(id, question, tokens));
        return answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    public static JsonObject Question(string id, string question, int tokens) => new()
    {
        ["documents"] = new JsonArray(id),
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }),
        ["temperature"] = 0,
        ["repeat_penalty"] = 1,
        ["max_tokens"] = tokens,
    };

    /// <summary>Waits until a document is ready, three minutes at most.</summary>
    public async Task<JsonElement> ReadyAsync(string id)
    {
        for (int tries = 0; tries < 1_800; tries++)
        {
            JsonElement document = await GetAsync($"/v1/documents/{id}");
            string status = document.GetProperty("status").GetString()!;
            if (status == "ready") return document;
            Assert.True(status != "failed", document.GetRawText());
            await Task.Delay(100);
        }
        throw new TimeoutException((await GetAsync($"/v1/documents/{id}")).GetRawText());
    }

    public async Task<List<string>> IdsAsync() =>
        [.. (await GetAsync("/v1/documents?limit=100&order=asc")).GetProperty("data").EnumerateArray()
            .Select(static one => one.GetProperty("id").GetString()!)];

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    private async Task<JsonElement> SendAsync(HttpRequestMessage request)
    {
        using HttpResponseMessage response = await Http.SendAsync(request);
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new HttpRequestException(body, null, response.StatusCode);
        return JsonDocument.Parse(body).RootElement;
    }
}
