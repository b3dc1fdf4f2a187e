using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Server.Tests;

public sealed class SecurityTests
{
    private const string Key = "a-key-of-twenty-char", Chat = "/v1/chat/completions";
    private const string Hello = "{\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";

    private static async Task<DemoServer> StartAsync(Action<AhnServerOptions> configure)
    {
        DemoServer server = new(configure);
        await server.InitializeAsync();
        return server;
    }

    private static HttpRequestMessage Ask(string path = "/v1/models", string? body = null, params (string Name, string Value)[] headers)
    {
        HttpRequestMessage request = new(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    [Fact]
    public async Task With_keys_nobody_asks_without_one()
    {
        DemoServer server = await StartAsync(static options =>
        {
            options.Keys.Add(ApiKey.Of(Key));
            options.Keys.Add(ApiKey.Of("sha256:" + ApiKey.Of("another-key-of-some-length").Hash, "other"));
        });
        try
        {
            foreach ((string, string)[] headers in ((string, string)[][])
                [[], [("Authorization", "Bearer wrong")], [("Authorization", $"Basic {Key}")], [("x-api-key", Key + "x")]])
            {
                using HttpResponseMessage refused = await server.Http.SendAsync(Ask(headers: headers));
                Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
                Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
                Assert.Contains("authentication_error", await refused.Content.ReadAsStringAsync());
            }
            foreach ((string, string) header in ((string, string)[])
                [("Authorization", $"Bearer {Key}"), ("x-api-key", Key), ("Authorization", "bearer another-key-of-some-length")])
            {
                using HttpResponseMessage answered = await server.Http.SendAsync(Ask(headers: header));
                Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
            }
            using HttpResponseMessage health = await server.Http.SendAsync(Ask("/health"));
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.DoesNotContain(server.Log, static line => line.Contains(Key, StringComparison.Ordinal));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("127.0.0.1:9", HttpStatusCode.OK)]
    [InlineData("[::1]:8080", HttpStatusCode.OK)]
    [InlineData("models.example.org", HttpStatusCode.OK)]
    [InlineData("evil.example.org", HttpStatusCode.Forbidden)]
    [InlineData("localhost.evil.org", HttpStatusCode.Forbidden)]
    public async Task A_name_that_is_not_ours_is_refused(string host, HttpStatusCode expected)
    {
        DemoServer server = await StartAsync(static options => options.Hosts.Add("models.example.org"));
        try
        {
            using HttpResponseMessage response = await server.Http.SendAsync(Ask(headers: ("Host", host)));
            Assert.Equal(expected, response.StatusCode);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_page_of_another_origin_asks_only_where_it_may()
    {
        DemoServer server = await StartAsync(static options => options.Origins.Add("https://mine.example.org"));
        try
        {
            using HttpResponseMessage foreign = await server.Http.SendAsync(Ask(Chat, Hello, ("Origin", "https://evil.example.org")));
            Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
            Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
            using HttpResponseMessage mine = await server.Http.SendAsync(Ask(Chat, Hello, ("Origin", "https://mine.example.org")));
            Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
            Assert.Equal("https://mine.example.org", mine.Headers.GetValues("Access-Control-Allow-Origin").Single());
            using HttpResponseMessage own = await server.Http.SendAsync(
                Ask(Chat, Hello, ("Origin", server.Address.ToString().TrimEnd('/'))));
            Assert.Equal(HttpStatusCode.OK, own.StatusCode);
            // A form, which a page may send anywhere without being asked.
            using HttpRequestMessage form = Ask(Chat, Hello, ("Origin", "https://mine.example.org"));
            form.Content!.Headers.ContentType = new("text/plain");
            using HttpResponseMessage refused = await server.Http.SendAsync(form);
            Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
            foreach ((string origin, HttpStatusCode expected) in ((string, HttpStatusCode)[])
                [("https://mine.example.org", HttpStatusCode.NoContent), ("https://evil.example.org", HttpStatusCode.Forbidden)])
            {
                using HttpRequestMessage preflight = new(HttpMethod.Options, Chat);
                preflight.Headers.TryAddWithoutValidation("Origin", origin);
                using HttpResponseMessage answer = await server.Http.SendAsync(preflight);
                Assert.Equal(expected, answer.StatusCode);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Bodies_that_are_too_long_or_too_deep_or_bombs_are_refused()
    {
        DemoServer server = await StartAsync(static options => options.MaxBodyBytes = 1 << 20);
        try
        {
            (HttpStatusCode status, JsonElement body) = await server.PostAsync(Chat, "{\"messages\":\"" + new string('x', 2 << 20) + "\"}");
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Equal("request_too_large", body.GetProperty("error").GetProperty("code").GetString());
            string[] bombs =
            [
                "{\"messages\":" + new string('[', 100_000) + new string(']', 100_000) + "}",
                Hello[..^1] + ",\"regex\":\"(?=a)*(\"}",
                Hello[..^1] + ",\"grammar\":\"root ::= root root\"}",
                Hello[..^1] + ",\"n\":2147483647}",
                Hello[..^1] + ",\"stop\":[" + string.Join(',', Enumerable.Repeat("\"x\"", 1000)) + "]}",
                Hello[..^1] + ",\"max_tokens\":1e300}",
                Hello[..^1] + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"$ref\":\"#\"}}}}",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/pdf;"
                    + "base64,AAAA\"}}]}]}",
            ];
            foreach (string bomb in bombs)
            {
                (status, body) = await server.PostAsync(Chat, bomb);
                Assert.True(status == HttpStatusCode.BadRequest, $"{status}: {bomb[..Math.Min(bomb.Length, 120)]}");
                Assert.NotEmpty(body.GetProperty("error").GetProperty("message").GetString()!);
            }
            // What can be followed is, in no time.
            (status, _) = await server.PostAsync(Chat, Hello[..^1] + ",\"regex\":\"(a{0,9}b{0,9}c{0,9}){1000000000}\"}");
            Assert.Equal(HttpStatusCode.OK, status);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task No_path_of_the_machine_is_told()
    {
        DemoServer server = await StartAsync(static options => options.Models.Add(new ServedModel("gone", "/secret/place/gone.gguf")));
        try
        {
            (HttpStatusCode status, JsonElement body) = await server.PostAsync(Chat, "{\"model\":\"gone\"," + Hello[1..]);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.DoesNotContain("/secret", body.ToString());
            foreach (string path in (string[])["/v1/models", "/props", "/api/tags", "/api/ps"])
            {
                string text = await server.Http.GetStringAsync(path);
                Assert.DoesNotContain("/secret", text);
                Assert.DoesNotContain(System.IO.Path.GetDirectoryName(DemoText.ModelPath)!, text);
            }
            using HttpResponseMessage traversal = await server.Http.GetAsync("/v1/models/..%2f..%2fetc%2fpasswd");
            Assert.Equal(HttpStatusCode.NotFound, traversal.StatusCode);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Connections_that_say_nothing_take_no_place()
    {
        DemoServer server = await StartAsync(static _ => { });
        TcpClient[] silent = [.. Enumerable.Range(0, 500).Select(_ => new TcpClient("127.0.0.1", server.Address.Port))];
        try
        {
            foreach (TcpClient client in silent.Take(100)) await client.GetStream().WriteAsync("POST /v1/chat/compl"u8.ToArray());
            (HttpStatusCode status, _) = await server.PostAsync(Chat, Hello);
            Assert.Equal(HttpStatusCode.OK, status);
        }
        finally
        {
            foreach (TcpClient client in silent) client.Dispose();
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task Whoever_leaves_frees_the_turn_and_those_beyond_the_queue_are_told_when_to_come_back()
    {
        DemoServer server = await StartAsync(static options => (options.MaxAnswers, options.MaxWaiting) = (1, 1));
        try
        {
            const string endless =
                "{\"stream\":true,\"max_tokens\":1000000,\"regex\":\"(a|b){200000}\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
            using CancellationTokenSource leave = new();
            using HttpRequestMessage request = Ask(Chat, endless);
            HttpResponseMessage running = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
            Assert.Equal(HttpStatusCode.OK, running.StatusCode);
            Task<(HttpStatusCode Status, JsonElement Body)> waits = server.PostAsync(Chat, Hello);
            while ((await server.GetAsync("/props")).Body.GetProperty("models")[0].GetProperty("waiting").GetInt32() == 0)
                await Task.Delay(20);
            using HttpResponseMessage refused = await server.Http.SendAsync(Ask(Chat, Hello));
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
            running.Dispose();
            await leave.CancelAsync();
            Assert.Equal(HttpStatusCode.OK, (await waits).Status);
            JsonElement idle = (await server.GetAsync("/props")).Body.GetProperty("models")[0];
            Assert.Equal((0, 0), (idle.GetProperty("running").GetInt32(), idle.GetProperty("waiting").GetInt32()));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_ends_tells_its_streams_and_ends_in_time()
    {
        DemoServer server = await StartAsync(static _ => { });
        const string endless =
            "{\"stream\":true,\"max_tokens\":1000000,\"regex\":\"(a|b){200000}\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        using HttpRequestMessage request = Ask(Chat, endless);
        using HttpResponseMessage running = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Task<string> text = running.Content.ReadAsStringAsync();
        long started = Environment.TickCount64;
        await server.App.StopAsync();
        Assert.InRange(Environment.TickCount64 - started, 0, 10_000);
        Assert.Contains("shutting_down", (await text).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1]);
        await server.DisposeAsync();
    }
}
