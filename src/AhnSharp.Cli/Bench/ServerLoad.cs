using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace AhnSharp.Cli.Bench;

/// <summary>How long clients of a server wait: any server that speaks OpenAI's interface, ours or another.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Model">The model that was asked.</param>
/// <param name="Words">Words of each prompt, which begins like no other.</param>
/// <param name="Tokens">Tokens of each answer.</param>
/// <param name="Requests">Requests of each client, one after the other.</param>
/// <param name="Levels">By the number of clients.</param>
internal sealed record ServerLoad(string Server, string Model, int Words, int Tokens, int Requests, ServerLoadLevel[] Levels)
{
    private static readonly string[] s_words =

        [
            "wind", "ship", "castle", "night", "captain", "letter", "road", "wolf", "window", "box", "doctor", "train",
            "sea", "count", "light", "storm",
        ];

    /// <summary>Runs it, one number of clients after the other.</summary>
    /// <exception cref="IOException">The server cannot be reached, or is none of its kind.</exception>
    public static async Task<ServerLoad> RunAsync(
        Uri server, string? key, string? model, int[] clients, int words, int tokens, int requests,
        Action<string>? report, CancellationToken cancellation)
    {
        using HttpClient http = new() { BaseAddress = new Uri(server.ToString().TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        // Where a server takes a grammar, every token is letters, so that each is a text at once: bytes of no whole
        // character are held back, and white space until what follows it.
        bool holdsLetters = true;
        try
        {
            model ??= await FirstModelAsync(http, cancellation).ConfigureAwait(false);
            // Loads the model, and warms it up.
            try
            {
                await AskAsync(http, model, 0, words, tokens, holdsLetters, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException)
            {
                holdsLetters = false;
                await AskAsync(http, model, 0, words, tokens, holdsLetters, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception none) when (none is HttpRequestException or JsonException or KeyNotFoundException)
        {
            throw new IOException(
                $"{server}: expected a server with OpenAI's interface, such as http://localhost:8080/v1, found: {none.Message}");
        }
        List<ServerLoadLevel> levels = [];
        int seed = 1;
        foreach (int count in clients)
        {
            report?.Invoke($"{count} clients");
            ConcurrentBag<Answer> answers = [];
            int failures = 0, first = seed;
            seed += count * requests;
            long started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, count).Select(client => Task.Run(async () =>
            {
                for (int i = 0; i < requests; i++)
                {
                    try
                    {
                        answers.Add(
                            await AskAsync(http, model, first + client * requests + i, words, tokens, holdsLetters, cancellation)
                                .ConfigureAwait(false));
                    }
                    catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
                    {
                        Interlocked.Increment(ref failures);
                    }
                }
            }, cancellation))).ConfigureAwait(false);
            levels.Add(Level(count, [.. answers], failures, Stopwatch.GetElapsedTime(started).TotalSeconds));
        }
        return new ServerLoad(server.ToString(), model, words, tokens, requests, [.. levels]);
    }

    private static ServerLoadLevel Level(int clients, Answer[] answers, int failures, double seconds)
    {
        double[] firsts = [.. answers.Select(static answer => answer.FirstMs)],
            gaps = [.. answers.SelectMany(static answer => answer.GapsMs)];
        return new ServerLoadLevel(clients, answers.Length, failures, At(firsts, 0.5), At(firsts, 0.99), At(gaps, 0.5), At(gaps, 0.99),
            gaps.DefaultIfEmpty(0).Max(), answers.Sum(static answer => answer.Tokens) / seconds);
    }

    // The smallest that at least this share does not exceed.
    private static double At(double[] values, double share)
    {
        if (values.Length == 0) return 0;
        double[] sorted = [.. values.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    private static async Task<string> FirstModelAsync(HttpClient http, CancellationToken cancellation)
    {
        using JsonDocument models = JsonDocument.Parse(await http.GetStringAsync("models", cancellation).ConfigureAwait(false));
        return models.RootElement.GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    private static async Task<Answer> AskAsync(
        HttpClient http, string model, int seed, int words, int tokens, bool holdsLetters, CancellationToken cancellation)
    {
        Random random = new(seed);
        string prompt = $"Story {seed}: " + string.Join(' ', Enumerable.Range(0, words).Select(_ => s_words[random.Next(s_words.Length)]));
        using HttpRequestMessage request = new(HttpMethod.Post, "chat/completions") { Content = Body(model, prompt, tokens, holdsLetters) };
        long started = Stopwatch.GetTimestamp(), last = 0;
        using HttpResponseMessage response =
            await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(
                $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)}");
        }
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        double first = 0;
        List<double> gaps = [];
        int written = 0;
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            long now = Stopwatch.GetTimestamp();
            using JsonDocument chunk = JsonDocument.Parse(line["data: ".Length..]);
            if (chunk.RootElement.TryGetProperty("error", out JsonElement error)) throw new HttpRequestException(error.ToString());
            if (chunk.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
                written = usage.GetProperty("completion_tokens").GetInt32();
            JsonElement choices = chunk.RootElement.GetProperty("choices");
            if (choices.GetArrayLength() == 0 || !choices[0].GetProperty("delta").TryGetProperty("content", out JsonElement text)
                || text.GetString() is not { Length: > 0 }) continue;
            if (last == 0) first = Stopwatch.GetElapsedTime(started, now).TotalMilliseconds;
            else gaps.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        }
        return new Answer(first, gaps, written);
    }

    private static ByteArrayContent Body(string model, string prompt, int tokens, bool holdsLetters)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteNumber("max_tokens", tokens);
            json.WriteNumber("temperature", 1);
            json.WriteNumber("seed", 1);
            json.WriteBoolean("stream", true);
            if (holdsLetters) json.WriteString("grammar", "root ::= [a-z]+");
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            json.WriteStartArray("messages");
            json.WriteStartObject();
            json.WriteString("role", "user");
            json.WriteString("content", prompt);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        ByteArrayContent content = new(buffer.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json", Encoding.UTF8.WebName);
        return content;
    }

    private sealed record Answer(double FirstMs, List<double> GapsMs, int Tokens);
}
