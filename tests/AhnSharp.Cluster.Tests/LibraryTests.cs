using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cluster.Grains;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Xunit;

namespace AhnSharp.Cluster.Tests;

/// <summary>A library of one silo, as the clients of any server see it.</summary>
public sealed class LibraryTests
{
    private const string Question = "Who is in the castle?";

    [Fact]
    public async Task Documents_are_read_asked_forked_listed_and_deleted_as_on_a_server_of_its_own()
    {
        using TemporaryFolder library = new();
        await using LibraryServer plain = await LibraryServer.StartAsync(null);
        string text = DocumentClient.Book(3_000, 2_000), expected;
        string there = await plain.Client.AddAsync("a.txt", text);
        await plain.Client.ReadyAsync(there);
        expected = await plain.Client.AskAsync(there, Question);
        Assert.NotEmpty(expected);

        string id, fork;
        await using (LibraryServer server = await LibraryServer.StartAsync(library.Path))
        {
            DocumentClient client = server.Client;
            id = await client.AddAsync("a.txt", text, key: "first");
            Assert.Equal(id, await client.AddAsync("a.txt", text, key: "first")); // the same request, sent again
            Assert.NotEqual(id, await client.AddAsync("b.txt", text + " More.", key: "first"));
            await client.ReadyAsync(id);
            Assert.Equal(expected, await client.AskAsync(id, Question));

            JsonElement forked = await client.PostAsync($"/v1/documents/{id}/fork", new JsonObject { ["name"] = "c.txt" });
            fork = forked.GetProperty("id").GetString()!;
            Assert.Equal("ready", (await client.GetAsync($"/v1/documents/{fork}")).GetProperty("status").GetString());
            List<string> ids = await client.IdsAsync();
            Assert.Equal(3, ids.Count);
            Assert.Equal((id, fork), (ids[0], ids[2]));

            await client.DeleteAsync(id);
            Assert.Equal(expected, await client.AskAsync(fork, Question)); // what it shares stays
            await IsNotFoundAsync(() => client.GetAsync($"/v1/documents/{id}"));
            await IsNotFoundAsync(() => client.DeleteAsync(id));
            await IsNotFoundAsync(() => client.GetAsync("/v1/documents/doc_0123"));
            Assert.Equal(2, (await client.IdsAsync()).Count);
        }
        // A server that comes later finds all of it, and nothing of what was deleted.
        await using (LibraryServer server = await LibraryServer.StartAsync(library.Path))
        {
            Assert.Equal(fork, (await server.Client.IdsAsync())[^1]);
            Assert.Equal(2, (await server.Client.IdsAsync()).Count);
            Assert.Equal(expected, await server.Client.AskAsync(fork, Question));
        }
    }

    [Fact]
    public async Task A_grain_answers_in_pieces_the_same()
    {
        using TemporaryFolder library = new();
        await using LibraryServer server = await LibraryServer.StartAsync(library.Path);
        string id = await server.Client.AddAsync("a.txt", DocumentClient.Book(3_000, 5_000));
        await server.Client.ReadyAsync(id);
        IDocumentGrain grain = server.App.Services.GetRequiredService<IGrainFactory>().GetGrain<IDocumentGrain>(id);
        List<AnswerPiece> pieces = [];
        await foreach (AnswerPiece piece in grain.AskAsync(new DocumentQuestion { Text = Question, MaxTokens = 24, Client = "test" }))
            pieces.Add(piece);
        Assert.Equal(1, pieces.Count(static piece => piece.End is not null));
        Assert.NotNull(pieces[^1].End);
        Assert.Equal(await server.Client.AskAsync(id, Question), string.Concat(pieces.Select(static piece => piece.Text)));

        using CancellationTokenSource leaves = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            DocumentQuestion question = new() { Text = Question, MaxTokens = 4_000, Client = "test" };
            await foreach (AnswerPiece _ in grain.AskAsync(question, leaves.Token).WithCancellation(leaves.Token))
                await leaves.CancelAsync();
        });

        LibraryStanding standing = await server.App.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<ILibraryGrain>(ILibraryGrain.Only).DescribeAsync();
        Assert.Equal((1, 1, 0), (standing.Documents, standing.Ready, standing.Failed));
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_fails_alone_and_by_sentence()
    {
        using TemporaryFolder library = new();
        await using LibraryServer server = await LibraryServer.StartAsync(library.Path);
        using ByteArrayContent bytes = new("%PDF-1.7 and nothing that follows"u8.ToArray());
        using HttpResponseMessage response = await server.Client.Http.PostAsync("/v1/documents?name=poison.pdf", bytes);
        string poison = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["id"]!.GetValue<string>();
        string good = await server.Client.AddAsync("a.txt", DocumentClient.Book(1_000, 9_000));
        await server.Client.ReadyAsync(good);
        string status = "";
        for (int tries = 0; tries < 600 && status != "failed"; tries++)
        {
            status = (await server.Client.GetAsync($"/v1/documents/{poison}")).GetProperty("status").GetString()!;
            await Task.Delay(50);
        }
        Assert.Equal("failed", status);
        HttpRequestException refused =
            await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.AskAsync(poison, Question));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("document_failed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_alone_has_its_library_to_itself()
    {
        using TemporaryFolder library = new();
        await using LibraryServer server = await LibraryServer.StartAsync(library.Path);
        System.IO.IOException refused = await Assert.ThrowsAsync<System.IO.IOException>(() => LibraryServer.StartAsync(library.Path));
        Assert.Contains("--cluster", refused.Message, StringComparison.Ordinal);
    }

    private static async Task IsNotFoundAsync(Func<Task> call) =>
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<HttpRequestException>(call)).StatusCode);
}
