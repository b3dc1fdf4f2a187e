using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace AhnSharp.Cluster.Tests;

/// <summary>Silos that are killed while they read and while they answer. Once in the suite; with AHN_LONG_TESTS=1 20 times.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const string Question = "Who is in the castle?";
    private static readonly TimeSpan s_longestAway = TimeSpan.FromSeconds(30);

    [RedisFact]
    public async Task No_document_is_lost_and_every_answer_is_that_of_one_machine()
    {
        int kills = LongForm.Or(1, 20), silos = LongForm.Or(2, 4), each = LongForm.Or(2, 4);
        using TemporaryFolder library = new();
        using RedisServer redis = await RedisServer.StartAsync();
        await using LibraryServer plain = await LibraryServer.StartAsync(null);
        List<SiloProcess> running = [.. await Task.WhenAll(
            Enumerable.Range(0, silos).Select(_ => SiloProcess.StartAsync(library.Path, redis)))];
        Random random = new(1);
        Dictionary<string, string> texts = [];
        TimeSpan longest = TimeSpan.Zero;
        try
        {
            for (int kill = 0; kill < kills; kill++)
            {
                List<string> added = [];
                for (int i = 0; i < each; i++)
                {
                    string text = DocumentClient.Book(LongForm.Or(2_000, 24_000), 1_000 + (texts.Count * 997));
                    string id = await running[i % silos].Client.AddAsync($"{texts.Count}.txt", text, key: $"{texts.Count}");
                    texts.Add(id, text);
                    added.Add(id);
                }
                int victim = random.Next(silos);
                DocumentClient other = running[(victim + 1) % silos].Client;
                // In the middle of reading, and in the middle of an answer where something is ready already.
                while (!await IsAnyReadAsync(other, added)) await Task.Delay(20);
                Task? answering = texts.Count > each ? BreaksAsync(running[victim].Client, texts.Keys.First()) : null;
                await Task.Delay(random.Next(0, 400));
                running[victim].Kill();
                long killed = Stopwatch.GetTimestamp();
                if (answering is not null) await answering;
                // What was ready is answered about at once.
                if (texts.Count > each) Assert.NotEmpty(await other.AskAsync(texts.Keys.First(), Question, 8));
                // A new document is taken in, by the library, which the killed one may have held; and what that was reading goes on.
                string late = await other.AddAsync("late.txt", $"Late {kill}. {DocumentClient.Book(500, 50_000 + kill)}", $"late {kill}");
                TimeSpan away = Stopwatch.GetElapsedTime(killed);
                longest = away > longest ? away : longest;
                foreach (string id in added) await other.ReadyAsync(id);
                await other.ReadyAsync(late);
                await other.DeleteAsync(late);
                output.WriteLine($"kill {kill + 1}: a document is taken in after {away.TotalSeconds:0.0} s, all ready after "
                    + $"{Stopwatch.GetElapsedTime(killed).TotalSeconds:0.0} s");
                running[victim].Dispose();
                running[victim] = await SiloProcess.StartAsync(library.Path, redis);
            }
            Assert.Equal(texts.Keys.Order(StringComparer.Ordinal), (await running[0].Client.IdsAsync()).Order(StringComparer.Ordinal));
            foreach ((string id, string text) in texts.Take(LongForm.Or(1, 100)))
            {
                string name = (await running[0].Client.GetAsync($"/v1/documents/{id}")).GetProperty("name").GetString()!;
                string same = await plain.Client.AddAsync(name, text);
                await plain.Client.ReadyAsync(same);
                string expected = await plain.Client.AskAsync(same, Question);
                foreach (SiloProcess silo in running) Assert.Equal(expected, await silo.Client.AskAsync(id, Question));
            }
            // What else the machine does in a suite is no part of it.
            Assert.True(!LongForm.IsOn || longest < s_longestAway,
                $"expected documents to be taken in within {s_longestAway}, found {longest}");
        }
        finally
        {
            foreach (SiloProcess silo in running)
            {
                output.WriteLine(silo.Log);
                silo.Dispose();
            }
        }
    }

    private static async Task<bool> IsAnyReadAsync(DocumentClient client, List<string> ids)
    {
        foreach (string id in ids)
        {
            if ((await client.GetAsync($"/v1/documents/{id}")).GetProperty("status").GetString() is "reading" or "ready") return true;
        }
        return false;
    }

    // An answer of a silo that is killed meanwhile: it breaks off, or has ended just before.
    private static async Task BreaksAsync(DocumentClient client, string id)
    {
        JsonObject question = DocumentClient.Question(id, Question, 2_000);
        question["stream"] = true;
        try
        {
            using StringContent content = new(question.ToJsonString(), Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await client.Http.PostAsync("/v1/chat/completions", content);
            await response.Content.ReadAsStringAsync();
        }
        catch (Exception broken) when (broken is HttpRequestException or System.IO.IOException)
        {
            // As it must be.
        }
    }
}
