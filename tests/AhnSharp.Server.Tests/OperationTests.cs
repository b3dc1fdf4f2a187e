using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Server.Models;
using Xunit;

namespace AhnSharp.Server.Tests;

public sealed class OperationTests(DemoServer server) : IClassFixture<DemoServer>
{
    private const string Chat = "/v1/chat/completions";

    private static string Hello(string more = "") =>
        $"{{\"max_tokens\":4,\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]{(more.Length > 0 ? "," + more : "")}}}";

    [Fact]
    public async Task Health_readiness_and_properties_are_told()
    {
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/health")).Status);
        HttpStatusCode status = HttpStatusCode.ServiceUnavailable;
        for (int i = 0; i < 500 && status != HttpStatusCode.OK; i++)
        {
            (status, _) = await server.GetAsync("/ready");
            await Task.Delay(20);
        }
        Assert.Equal(HttpStatusCode.OK, status);
        JsonElement model = (await server.GetAsync("/props")).Body.GetProperty("models")[0];
        Assert.Equal((DemoServer.Model, "Ready"), (model.GetProperty("id").GetString(), model.GetProperty("state").GetString()));
        Assert.True(model.GetProperty("piece_tokens").GetInt32() >= 16);
    }

    [Fact]
    public async Task Tokens_go_there_and_back()
    {
        (_, JsonElement tokens) = await server.PostAsync("/tokenize", "{\"content\":\"Whitby, <|im_end|> by night.\"}");
        Assert.Equal(tokens.GetProperty("count").GetInt32(), tokens.GetProperty("tokens").GetArrayLength());
        (_, JsonElement text) = await server.PostAsync("/detokenize", $"{{\"tokens\":{tokens.GetProperty("tokens")}}}");
        Assert.Equal("Whitby, <|im_end|> by night.", text.GetProperty("content").GetString());
        (HttpStatusCode status, _) = await server.PostAsync("/detokenize", "{\"tokens\":[-1]}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task Documents_are_ranked_with_their_scores()
    {
        (HttpStatusCode status, JsonElement ranked) = await server.PostAsync("/v1/rerank",
            "{\"query\":\"Who?\",\"documents\":[\"The sea.\",{\"text\":\"Vlad.\"},\"A "
                + "ship.\"],\"yes\":\"a\",\"no\":\"b\",\"top_n\":2,\"return_documents\":true}");
        Assert.Equal(HttpStatusCode.OK, status);
        double[] scores =
            [.. ranked.GetProperty("results").EnumerateArray().Select(static one => one.GetProperty("relevance_score").GetDouble())];
        Assert.Equal(2, scores.Length);
        Assert.True(scores[0] >= scores[1]);
    }

    [Fact]
    public async Task Texts_are_gone_on_with()
    {
        (_, JsonElement whole) = await server.PostAsync(
            "/v1/completions", "{\"prompt\":[\"The wind\",\"The sea\"],\"max_tokens\":6,\"echo\":true}");
        string[] texts =
            [.. whole.GetProperty("choices").EnumerateArray().Select(static choice => choice.GetProperty("text").GetString()!)];
        Assert.StartsWith("The wind", texts[0], StringComparison.Ordinal);
        Assert.StartsWith("The sea", texts[1], StringComparison.Ordinal);
        string[] events = await server.StreamAsync(
            "/v1/completions", "{\"prompt\":\"The wind\",\"max_tokens\":6,\"echo\":true,\"stream\":true}");
        Assert.Equal(texts[0], string.Concat(events[..^1].Select(static data =>
            JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("text").GetString())));
    }

    [Fact]
    public async Task What_is_measured_is_told_to_Prometheus()
    {
        await server.PostAsync(Chat, Hello());
        await server.PostAsync(Chat, Hello("\"n\":0"));
        string text = await server.Http.GetStringAsync("/metrics");
        // A turn ends when its answer was sent, which its reader may know first.
        for (int i = 0; i < 250 && !text.Contains("ahnsharp_server_running{model=\"demo\"} 0", StringComparison.Ordinal); i++)
        {
            await Task.Delay(20);
            text = await server.Http.GetStringAsync("/metrics");
        }
        foreach (string expected in (string[])
        [
            "# TYPE ahnsharp_server_requests_total counter",
            "ahnsharp_server_requests_total{path=\"/v1/chat/completions\",status=\"200\"}",
            "ahnsharp_server_requests_total{path=\"/v1/chat/completions\",status=\"400\"}",
            "ahnsharp_server_tokens_total{model=\"demo\",type=\"written\"}",
            "ahnsharp_server_time_to_first_token_seconds_bucket{model=\"demo\",le=\"+Inf\"}",
            "ahnsharp_server_running{model=\"demo\"} 0",
            "ahnsharp_session_state_bytes",
        ]) Assert.Contains(expected, text);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            static line => Assert.Matches(@"^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{.*\})? [-+0-9.eE]+)$", line));
    }

    [Fact]
    public async Task What_there_is_not_is_said_in_the_shape_of_the_interface()
    {
        foreach ((string path, string expected) in ((string, string)[])
            [("/v1/audio/speech", "unknown_url"), ("/v1/messages/batches", "not_found_error"),
                ("/api/pull", "There is no POST /api/pull here.")])
        {
            (HttpStatusCode status, JsonElement body) = await server.PostAsync(path, "{}");
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Contains(expected, body.ToString());
        }
    }

    [Fact]
    public async Task Thirty_two_greedy_streams_say_what_each_says_alone()
    {
        string[] questions = [.. Enumerable.Range(0, 32).Select(static i => $"What is the code of number {i}, and of {i * 7}?")];
        string Body(string question) =>
            $"{{\"max_tokens\":12,\"temperature\":0,\"stream\":true,\"cache_prompt\":false,\"messages\":[{{\"role\":\"user\","
            + $"\"content\":\"{question}\"}}]}}";
        string[][] together = await Task.WhenAll(questions.Select(question => server.StreamAsync(Chat, Body(question))));
        for (int i = 0; i < questions.Length; i++)
            Assert.Equal(Said(await server.StreamAsync(Chat, Body(questions[i]))), Said(together[i]));

        static string Said(string[] events) => string.Concat(events[..^1].Select(static data => JsonDocument.Parse(data).RootElement
            .GetProperty("choices")[0].GetProperty("delta")).Select(
                static delta => delta.TryGetProperty("content", out JsonElement text) ? text.GetString() : ""));
    }

    [Fact]
    public async Task Models_of_a_folder_are_loaded_when_asked_for_and_unloaded_when_nobody_does()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["one", "two"]) File.Copy(DemoText.ModelPath, folder.PathOf(name + ".gguf"));
        await File.WriteAllTextAsync(folder.PathOf("broken.gguf"), "no model");
        DemoServer many = new(options =>
        {
            options.Models.Clear();
            options.ModelsFolder = folder.Path;
            options.Aliases["gpt-4o"] = "two";
            options.KeepAlive = TimeSpan.FromSeconds(1);
            options.LoadAtStart = false;
        });
        await many.InitializeAsync();
        try
        {
            string[] served = [.. (await many.GetAsync("/v1/models")).Body.GetProperty("data").EnumerateArray().Select(
                static model => model.GetProperty("id").GetString()!)];
            Assert.Equal(["one", "two"], served);
            (_, JsonElement answer) = await many.PostAsync(Chat, Hello("\"model\":\"gpt-4o\""));
            Assert.Equal("two", answer.GetProperty("model").GetString());
            Assert.Equal("one", (await many.PostAsync(Chat, Hello("\"model\":\"one:latest\""))).Body.GetProperty("model").GetString());
            ModelRegistry registry = (ModelRegistry)many.App.Services.GetService(typeof(ModelRegistry))!;
            for (int i = 0; i < 1000 && registry.Loaded.Count > 0; i++) await Task.Delay(20);
            Assert.Empty(registry.Loaded);
        }
        finally
        {
            await many.DisposeAsync();
        }
    }

    [Fact]
    public async Task While_a_model_is_loaded_requests_are_told_when_to_come_back()
    {
        using System.Threading.ManualResetEventSlim open = new();
        DemoServer slow = new(options =>
        {
            options.LoadPatience = TimeSpan.FromMilliseconds(50);
            options.Configure = own => own.Load = (asked, token) =>
            {
                open.Wait(token);
                return TextModel.Load(asked.ModelPath!, asked.AdapterPath, asked.ToModelOptions(), token);
            };
        });
        await slow.InitializeAsync();
        try
        {
            (HttpStatusCode status, JsonElement told) = await slow.PostAsync(Chat, Hello());
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, "model_loading"), (status, told.GetProperty("error").GetProperty("code").GetString()));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await slow.GetAsync("/ready")).Status);
            open.Set();
            for (int i = 0; i < 500 && status != HttpStatusCode.OK; i++) (status, _) = await slow.PostAsync(Chat, Hello());
            Assert.Equal(HttpStatusCode.OK, status);
            for (int i = 0; i < 500 && status == HttpStatusCode.OK && (await slow.GetAsync("/ready")).Status != HttpStatusCode.OK; i++)
                await Task.Delay(20);
            Assert.Equal(HttpStatusCode.OK, (await slow.GetAsync("/ready")).Status);
        }
        finally
        {
            await slow.DisposeAsync();
        }
    }

    [Fact]
    public async Task Two_models_never_take_more_than_memory_holds()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["one", "two"]) File.Copy(DemoText.ModelPath, folder.PathOf(name + ".gguf"));
        DemoServer many = new(options =>
        {
            options.Models.Clear();
            options.ModelsFolder = folder.Path;
            options.MemoryBytes = 1; // one is loaded all the same: without it nothing could be served
            options.LoadAtStart = false;
        });
        await many.InitializeAsync();
        try
        {
            ModelRegistry registry = (ModelRegistry)many.App.Services.GetService(typeof(ModelRegistry))!;
            foreach (string name in (string[])["one", "two", "one"])
            {
                Assert.Equal(HttpStatusCode.OK, (await many.PostAsync(Chat, Hello($"\"model\":\"{name}\""))).Status);
                Assert.Equal(name, Assert.Single(registry.Loaded).Served.Id);
            }
            using ModelLease held = await registry.AcquireAsync("one", default);
            (HttpStatusCode status, JsonElement refused) = await many.PostAsync(Chat, Hello("\"model\":\"two\""));
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, "no_memory"), (status, refused.GetProperty("error").GetProperty("code").GetString()));
        }
        finally
        {
            await many.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_context_that_is_too_small_is_refused_with_both_numbers()
    {
        DemoServer small = new(static options => options.Configure =
            static own => (own.Memory, own.ContextTokens) = (AhnSharp.Sessions.MemoryMode.Full, 40));
        await small.InitializeAsync();
        try
        {
            string @long = string.Join(' ', Enumerable.Repeat("word", 200));
            foreach ((string path, string body, string expected) in ((string, string, string)[])
            [
                (Chat, $"{{\"stream\":true,\"messages\":[{{\"role\":\"user\",\"content\":\"{@long}\"}}]}}", "context_length_exceeded"),
                ("/v1/messages", $"{{\"max_tokens\":5,\"messages\":[{{\"role\":\"user\",\"content\":\"{@long}\"}}]}}",
                    "invalid_request_error"),
                ("/api/generate", $"{{\"model\":\"demo\",\"prompt\":\"{@long}\"}}", "maximum context length is 40 tokens"),
            ])
            {
                (HttpStatusCode status, JsonElement refused) = await small.PostAsync(path, body);
                Assert.Equal(HttpStatusCode.BadRequest, status);
                Assert.Contains(expected, refused.ToString());
                Assert.Contains("40 tokens", refused.ToString());
            }
            // An answer that reaches the end of the context is told to be cut.
            (_, JsonElement cut) = await small.PostAsync(Chat,
                "{\"max_tokens\":5000,\"regex\":\"(a|b){5000}\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
            Assert.Equal("length", cut.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        }
        finally
        {
            await small.DisposeAsync();
        }
    }
}
