using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Server.Documents;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace AhnSharp.Server.Tests.Documents;

/// <summary><c>/v1/documents</c> and <c>/v1/files</c> over a server that listens.</summary>
public sealed class DocumentEndpointTests : IAsyncLifetime
{
    private readonly DemoServer _server = new(static options => options.MaxUploadBytes = 100_000);

    private DocumentStore Store => _server.App.Services.GetRequiredService<DocumentStore>();

    private string[] Files => StoreOf.Files(_server.Data.PathOf("documents"));

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_form_is_read_in_the_background_and_its_events_end_when_it_is_ready()
    {
        using MultipartFormDataContent form = new();
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(StoreOf.Book(9_000))), "file", "C:\\books\\dracula.txt");
        form.Add(new StringContent("demo"), "model");
        (int status, JsonElement added) = await SendAsync(HttpMethod.Post, "/v1/documents", form);
        Assert.Equal((202, "dracula.txt", "queued"), (status, Text(added, "name"), Text(added, "status")));
        string id = Text(added, "id");

        List<(string Name, JsonElement Data)> events = await EventsAsync($"/v1/documents/{id}/events");
        Assert.Equal("ready", events[^1].Name);
        Assert.All(events, one => Assert.Equal((id, one.Name), (Text(one.Data, "id"), Text(one.Data, "status"))));
        long[] read = [.. events.Select(static one => one.Data.GetProperty("progress").GetProperty("tokens_read").GetInt64())];
        Assert.Equal(read.Order(), read);
        Assert.Contains(events, one => one.Name == "reading" && one.Data.GetProperty("progress").GetProperty("tokens_read").GetInt64() > 0);

        (status, JsonElement ready) = await GetAsync($"/v1/documents/{id}");
        JsonElement progress = ready.GetProperty("progress");
        Assert.Equal((200, "ready"), (status, Text(ready, "status")));
        Assert.Equal(progress.GetProperty("tokens_total").GetInt64(), progress.GetProperty("tokens").GetProperty("seen").GetInt64());
        Assert.Equal("text", Text(ready.GetProperty("files")[0], "kind"));
    }

    [Fact]
    public async Task A_text_a_raw_body_a_collection_and_a_fork_are_documents_too()
    {
        (int status, JsonElement text) = await PostAsync("/v1/documents", """{"name":"a.txt","text":"The first text."}""");
        Assert.Equal(202, status);
        using ByteArrayContent raw = new("<html><title>Second</title><body><p>The second text.</p></body></html>"u8.ToArray());
        (status, JsonElement second) = await SendAsync(HttpMethod.Post, "/v1/documents?name=b.html", raw);
        Assert.Equal(202, status);
        string[] ids = [Text(text, "id"), Text(second, "id")];
        (status, JsonElement both) = await PostAsync("/v1/documents", $$"""{"documents":["{{ids[0]}}","{{ids[1]}}"],"name":"both"}""");
        Assert.Equal(202, status);
        string id = Text(both, "id");
        Assert.Equal(ids, both.GetProperty("documents").EnumerateArray().Select(static one => one.GetString()));
        Assert.Equal("ready", (await EventsAsync($"/v1/documents/{id}/events"))[^1].Name);

        (status, JsonElement window) = await GetAsync($"/v1/documents/{id}/text?from=10&count=5");
        Assert.Equal((200, "a.txt"), (status, Text(window, "text")));
        (_, JsonElement whole) = await GetAsync($"/v1/documents/{id}/text");
        Assert.Equal("Document: a.txt\n\nThe first text.\n\nDocument: b.html\nTitle: Second\n\nThe second text.", Text(whole, "text"));

        (status, JsonElement fork) = await PostAsync($"/v1/documents/{id}/fork", """{"name":"mine"}""");
        Assert.Equal((202, "mine", "ready"), (status, Text(fork, "name"), Text(fork, "status")));
        (status, JsonElement list) = await GetAsync("/v1/documents?limit=3");
        Assert.Equal((200, "list", true), (status, Text(list, "object"), list.GetProperty("has_more").GetBoolean()));
        (_, JsonElement rest) = await GetAsync($"/v1/documents?limit=3&after={Text(list, "last_id")}");
        Assert.Equal(ids[0], Text(rest.GetProperty("data")[0], "id"));
        (status, JsonElement deleted) = await SendAsync(HttpMethod.Delete, $"/v1/documents/{id}");
        Assert.Equal((200, true), (status, deleted.GetProperty("deleted").GetBoolean()));
        Assert.Equal(404, (await GetAsync($"/v1/documents/{id}")).Status);
    }

    [Fact]
    public async Task Files_of_openais_interface_are_documents()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(DemoText.BookWithCode);
        using MultipartFormDataContent form = new();
        form.Add(new StringContent("user_data"), "purpose");
        form.Add(new ByteArrayContent(bytes), "file", "book.txt");
        (int status, JsonElement file) = await SendAsync(HttpMethod.Post, "/v1/files", form);
        Assert.Equal((200, "file", "book.txt", "user_data", "uploaded"),
            (status, Text(file, "object"), Text(file, "filename"), Text(file, "purpose"), Text(file, "status")));
        Assert.Equal(bytes.Length, file.GetProperty("bytes").GetInt32());
        string id = Text(file, "id");
        await Store.ReadyAsync(id);
        Assert.Equal("processed", Text((await GetAsync($"/v1/files/{id}")).Json, "status"));
        Assert.Equal(bytes, await _server.Http.GetByteArrayAsync($"/v1/files/{id}/content"));
        Assert.Equal(id, Text((await GetAsync("/v1/files?purpose=user_data")).Json.GetProperty("data")[0], "id"));
        Assert.Empty((await GetAsync("/v1/files?purpose=assistants")).Json.GetProperty("data").EnumerateArray());
        Assert.True((await SendAsync(HttpMethod.Delete, $"/v1/files/{id}")).Json.GetProperty("deleted").GetBoolean());
        Assert.Empty(Files);

        using MultipartFormDataContent batch = new();
        batch.Add(new ByteArrayContent(bytes), "file", "book.txt");
        batch.Add(new StringContent("batch"), "purpose");
        (status, JsonElement refused) = await SendAsync(HttpMethod.Post, "/v1/files", batch);
        Assert.Equal((400, "purpose"), (status, Text(refused.GetProperty("error"), "param")));
        Assert.Empty(Files);
    }

    [Theory]
    [InlineData("POST", "/v1/documents", """{"name":"a","text":"b","colour":"red"}""", 400, "colour")]
    [InlineData("POST", "/v1/documents", """{"name":"a","text":5}""", 400, "text")]
    [InlineData("POST", "/v1/documents", """{"name":"a"}""", 400, "text")]
    [InlineData("POST", "/v1/documents", """{"documents":"doc_a"}""", 400, "documents")]
    [InlineData("POST", "/v1/documents", """{"documents":[]}""", 400, "documents")]
    [InlineData("POST", "/v1/documents", """{"documents":["doc_a"]}""", 400, "documents[0]")]
    [InlineData("POST", "/v1/documents?colour=red", """{"name":"a","text":"b"}""", 400, "colour")]
    [InlineData("GET", "/v1/documents?limit=0", null, 400, "limit")]
    [InlineData("GET", "/v1/documents?limit=1&limit=2", null, 400, "limit")]
    [InlineData("GET", "/v1/documents?after=doc_a", null, 400, "after")]
    [InlineData("GET", "/v1/documents?colour=red", null, 400, "colour")]
    [InlineData("GET", "/v1/documents/..%2f..%2fstore.lock", null, 404, null)]
    [InlineData("GET", "/v1/documents/doc_a/text", null, 404, null)]
    [InlineData("GET", "/v1/documents/doc_a/events", null, 404, null)]
    [InlineData("GET", "/v1/files/doc_a/content", null, 404, null)]
    [InlineData("DELETE", "/v1/documents/doc_a", null, 404, null)]
    [InlineData("POST", "/v1/documents/doc_a/fork", null, 404, null)]
    public async Task What_is_wrong_is_refused_by_name(string method, string path, string? body, int expected, string? parameter)
    {
        using StringContent? content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        (int status, JsonElement json) = await SendAsync(new HttpMethod(method), path, content);
        Assert.Equal((expected, parameter), (status, json.GetProperty("error").GetProperty("param").GetString()));
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Too_large_and_broken_uploads_are_refused_and_leave_nothing()
    {
        using ByteArrayContent large = new(new byte[100_001]);
        (int status, JsonElement refused) = await SendAsync(HttpMethod.Post, "/v1/documents?name=a.txt", large);
        Assert.Equal((413, "file"), (status, Text(refused.GetProperty("error"), "param")));
        Assert.Contains("100000", Text(refused.GetProperty("error"), "message"), StringComparison.Ordinal);

        foreach ((string part, string body) in new[]
        {
            ("file: expected", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ndemo\r\n--b--\r\n"),
            ("ends early", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nThe beginning of"),
            ("two", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nA\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"b.txt\"\r\n\r\nB\r\n--b--\r\n"),
            ("colour", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nA\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"colour\"\r\n\r\nred\r\n--b--\r\n"),
        })
        {
            using ByteArrayContent form = new(Encoding.UTF8.GetBytes(body));
            form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
            (status, JsonElement wrong) = await SendAsync(HttpMethod.Post, "/v1/documents", form);
            Assert.Equal(400, status);
            Assert.Contains(part, Text(wrong.GetProperty("error"), "message"), StringComparison.Ordinal);
        }

        // One who hangs up in the middle.
        using (TcpClient hangsUp = new())
        {
            await hangsUp.ConnectAsync("127.0.0.1", _server.Http.BaseAddress!.Port);
            await hangsUp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                "POST /v1/documents?name=a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nThe beginning"));
            for (int tries = 0; tries < 500 && Files.Length == 0; tries++) await Task.Delay(10);
        }
        for (int tries = 0; tries < 500 && Files.Length > 0; tries++) await Task.Delay(10);
        Assert.Empty(Files);
        Assert.Empty((await GetAsync("/v1/documents")).Json.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_chat_names_a_file_that_was_just_sent_and_gets_its_sources()
    {
        using MultipartFormDataContent form = new();
        form.Add(new StringContent("user_data"), "purpose");
        form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(DemoText.BookWithCode)), "file", "book.txt");
        string id = Text((await SendAsync(HttpMethod.Post, "/v1/files", form)).Json, "id");
        (int status, JsonElement answer) = await PostAsync("/v1/chat/completions", $$$"""
            {"model":"demo","temperature":0,"max_tokens":24,"messages":[{"role":"user","content":[
            {"type":"file","file":{"file_id":"{{{id}}}"}},{"type":"text","text":"{{{DemoText.Question}}}"}]}]}
            """);
        Assert.Equal((200, true), (status, answer.ToString().Contains(DemoText.Answer, StringComparison.Ordinal)));
        // What was looked up is a range of the document's text.
        JsonElement[] sources = [.. Find(answer, "sources")!.Value.EnumerateArray()];
        Assert.NotEmpty(sources);
        string text = Text((await GetAsync($"/v1/documents/{id}/text?count=100000")).Json, "text");
        foreach (JsonElement source in sources)
        {
            Assert.Equal(id, Text(source, "document"));
            int from = source.GetProperty("first_character").GetInt32(), count = source.GetProperty("characters").GetInt32();
            Assert.EndsWith(text.Substring(from, count), Text(source, "text"), StringComparison.Ordinal);
        }
        // Two files in one message are read together, and what that made goes with them.
        (_, JsonElement second) = await PostAsync("/v1/documents", """{"name":"other.txt","text":"Another text, which is short."}""");
        string other = Text(second, "id");
        (status, answer) = await PostAsync("/v1/chat/completions", $$$"""
            {"temperature":0,"max_tokens":24,"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"{{{other}}}"}},
            {"type":"file","file":{"file_id":"{{{id}}}"}},{"type":"text","text":"{{{DemoText.Question}}}"}]}]}
            """);
        Assert.Equal((200, true), (status, answer.ToString().Contains(DemoText.Answer, StringComparison.Ordinal)));
        Assert.Equal(2, (await GetAsync("/v1/documents")).Json.GetProperty("data").GetArrayLength());
        await SendAsync(HttpMethod.Delete, $"/v1/documents/{other}");
        await SendAsync(HttpMethod.Delete, $"/v1/files/{id}");
        Assert.Empty(Files);
        Assert.Equal(404, (await PostAsync("/v1/chat/completions", $$$"""
            {"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"{{{id}}}"}},{"type":"text","text":"Who?"}]}]}
            """)).Status);
    }

    private static JsonElement? Find(JsonElement json, string name)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in json.EnumerateObject())
            {
                if (property.Name == name) return property.Value;
                if (Find(property.Value, name) is { } found) return found;
            }
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement element in json.EnumerateArray())
            {
                if (Find(element, name) is { } found) return found;
            }
        }
        return null;
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private Task<(int Status, JsonElement Json)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    private async Task<(int Status, JsonElement Json)> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        using HttpResponseMessage response = await _server.Http.SendAsync(request);
        using JsonDocument json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, json.RootElement.Clone());
    }

    private async Task<(int Status, JsonElement Json)> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, "application/json");
        return await SendAsync(HttpMethod.Post, path, content);
    }

    private async Task<List<(string Name, JsonElement Data)>> EventsAsync(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        using HttpResponseMessage response = await _server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        List<(string Name, JsonElement Data)> events = [];
        string name = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            using JsonDocument json = JsonDocument.Parse(line[6..]);
            events.Add((name, json.RootElement.Clone()));
        }
        return events;
    }
}
