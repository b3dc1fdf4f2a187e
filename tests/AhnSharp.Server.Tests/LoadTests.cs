using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Server.Tests;

/// <summary>
/// Many clients at once, some of whom leave: nothing fails but what was asked to, no turn is lost, and every greedy answer is what its
/// request gets alone. In the suite 12 clients with 10 requests each; with AHN_LONG_TESTS=1, 64 clients for ten minutes.
/// </summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    private const string Chat = "/v1/chat/completions";
    private static readonly string[] s_questions = [.. Enumerable.Range(0, 24).Select(
        static i => $"What is the code of number {i}, and who {string.Concat(Enumerable.Repeat("of the old ship ", i % 7))}knew {i * 7}?")];

    [Fact]
    public async Task Whatever_the_others_do_an_answer_is_what_it_is_alone()
    {
        int clients = LongForm.IsOn ? 64 : 12, requests = LongForm.IsOn ? int.MaxValue : 10;
        TimeSpan time = LongForm.IsOn ? TimeSpan.FromMinutes(10) : TimeSpan.FromMinutes(2);
        DemoServer server = new(static options => (options.MaxAnswers, options.MaxWaiting, options.CacheBytes) = (8, 1000, 64 << 20));
        await server.InitializeAsync();
        try
        {
            server.Http.Timeout = TimeSpan.FromMinutes(10);
            string[] alone = new string[s_questions.Length];
            for (int i = 0; i < alone.Length; i++) alone[i] = await AskAsync(server, i);
            long started = Environment.TickCount64, warm = 0;
            ConcurrentBag<string> wrong = [];
            int done = 0, left = 0, documents = 0;
            await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
            {
                Random random = new(client);
                for (int i = 0; i < requests && Environment.TickCount64 - started < time.TotalMilliseconds; i++)
                {
                    int question = random.Next(s_questions.Length);
                    try
                    {
                        switch (random.Next(6))
                        {
                            case 0:
                                await LeaveAsync(server, question, random.Next(60));
                                Interlocked.Increment(ref left);
                                break;
                            case 1 when random.Next(3) == 0:
                                await DocumentAsync(server, client * 1_000_000 + i);
                                Interlocked.Increment(ref documents);
                                break;
                            case 2:
                                if (await StreamAsync(server, question) is var text && text != alone[question])
                                    wrong.Add($"stream {question}: {text}");
                                break;
                            default:
                                if (await AskAsync(server, question) is var said && said != alone[question])
                                    wrong.Add($"{question}: {said}");
                                break;
                        }
                    }
                    catch (Exception failure)
                    {
                        wrong.Add(failure.ToString());
                    }
                    // After a quarter of the requests or of the time: everything has been met once.
                    if (Interlocked.Increment(ref done) == (LongForm.IsOn ? 2000 : clients * requests / 4)) warm = Held();
                }
            })));
            Assert.True(wrong.IsEmpty, $"{wrong.Count} of {done}: {wrong.FirstOrDefault()}");
            JsonElement model = (await server.GetAsync("/props")).Body.GetProperty("models")[0];
            for (int i = 0; i < 500 && model.GetProperty("running").GetInt32() > 0; i++)
            {
                await Task.Delay(20);
                model = (await server.GetAsync("/props")).Body.GetProperty("models")[0];
            }
            Assert.Equal((0, 0), (model.GetProperty("running").GetInt32(), model.GetProperty("waiting").GetInt32()));
            Assert.Empty((await server.GetAsync("/v1/documents")).Body.GetProperty("data").EnumerateArray());
            long held = Held();
            output.WriteLine($"{clients} clients, {done} requests ({left} left in the middle, {documents} documents) in "
                + $"{(Environment.TickCount64 - started) / 1000.0:F1} s; managed memory {warm / 1e6:F1} MB warm, "
                + $"{held / 1e6:F1} MB at the end, "
                + $"resident {Process.GetCurrentProcess().WorkingSet64 / 1e6:F0} MB");
            if (LongForm.IsOn) Assert.InRange(held / (double)warm, 0.5, 1.01);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static long Held()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static string Body(int question, bool streams) =>
        $"{{\"max_tokens\":10,\"temperature\":0,\"stream\":{(streams ? "true" : "false")},\"messages\":[{{\"role\":\"user\","
        + $"\"content\":\"{s_questions[question]}\"}}]}}";

    private static async Task<string> AskAsync(DemoServer server, int question)
    {
        (HttpStatusCode status, JsonElement body) = await server.PostAsync(Chat, Body(question, false));
        return status == HttpStatusCode.OK
            ? body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!
            : throw new InvalidOperationException(body.ToString());
    }

    private static async Task<string> StreamAsync(DemoServer server, int question)
    {
        string[] events = await server.StreamAsync(Chat, Body(question, true));
        return string.Concat(
            events[..^1].Select(static data => JsonDocument.Parse(data).RootElement.GetProperty("choices")[0].GetProperty("delta")).Select(
                static delta => delta.TryGetProperty("content", out JsonElement text) ? text.GetString() : ""));
    }

    private static async Task LeaveAsync(DemoServer server, int question, int milliseconds)
    {
        using CancellationTokenSource leave = new(milliseconds);
        using StringContent content = new(Body(question, true), Encoding.UTF8, "application/json");
        try
        {
            using HttpResponseMessage response = await server.Http.PostAsync(Chat, content, leave.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static async Task DocumentAsync(DemoServer server, int number)
    {
        (HttpStatusCode status, JsonElement made) = await server.PostAsync(
            "/v1/documents", $"{{\"name\":\"{number}.txt\",\"text\":\"It was a dark night. The code of Rome is {number}.\"}}");
        if (status != HttpStatusCode.Accepted) throw new InvalidOperationException(made.ToString());
        string id = made.GetProperty("id").GetString()!;
        (status, JsonElement answer) = await server.PostAsync(
            Chat, $"{{\"max_tokens\":4,\"documents\":[\"{id}\"],\"messages\":[{{\"role\":\"user\",\"content\":\"What is the code "
                + $"of Rome?\"}}]}}");
        if (status != HttpStatusCode.OK) throw new InvalidOperationException(answer.ToString());
        using HttpResponseMessage deleted = await server.Http.DeleteAsync($"/v1/documents/{id}");
        if (deleted.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException(await deleted.Content.ReadAsStringAsync());
    }
}
