using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_request_is_a_span_a_duration_and_its_tokens()
    {
        using Recorder recorder = new("told");
        await using AhnModelHost host = new(new AhnSharpOptions { ModelPath = DemoText.ModelPath, ModelId = "told" });
        using AhnEmbeddingGenerator generator = new(host);
        long tokens = (await generator.GenerateAsync(["The garden.", "A ship."])).Usage!.InputTokenCount!.Value;
        Activity span = Assert.Single(recorder.Spans);
        Assert.Equal(("embeddings told", ActivityStatusCode.Unset), (span.DisplayName, span.Status));
        Assert.Equal(
            ("embeddings", "ahnsharp", (object)tokens, (object)host.Model!.Model.Config.HiddenSize),
            (span.GetTagItem("gen_ai.operation.name"), span.GetTagItem("gen_ai.provider.name"),
                span.GetTagItem("gen_ai.usage.input_tokens"), span.GetTagItem("gen_ai.embeddings.dimension.count")));
        (_, double value, Dictionary<string, object?> tags) = Assert.Single(recorder.Of("gen_ai.client.token.usage"));
        Assert.Equal((tokens, "input"), ((long)value, tags["gen_ai.token.type"]));
        Assert.InRange(Assert.Single(recorder.Of("gen_ai.client.operation.duration")).Value, 1e-6, 60);
        Assert.InRange(Assert.Single(recorder.Of("ahnsharp.tokens_per_second")).Value, 1e-3, 1e9);
    }

    [Fact]
    public async Task A_request_that_fails_tells_why()
    {
        using Recorder recorder = new("fails");
        await using AhnModelHost host = new(
            new AhnSharpOptions { ModelId = "fails", Load = (_, _) => throw new InvalidOperationException("no") });
        using AhnEmbeddingGenerator generator = new(host);
        await Assert.ThrowsAsync<InvalidOperationException>(() => generator.GenerateAsync(["x"]));
        Activity span = Assert.Single(recorder.Spans);
        Assert.Equal((ActivityStatusCode.Error, "no"), (span.Status, span.StatusDescription));
        Assert.Equal(
            "System.InvalidOperationException", Assert.Single(recorder.Of("gen_ai.client.operation.duration")).Tags["error.type"]);
        Assert.Empty(recorder.Of("gen_ai.client.token.usage"));
    }

    [Fact]
    public async Task Gauges_tell_where_the_tokens_of_the_sessions_in_use_are()
    {
        using Recorder recorder = new("watched");
        await using AhnModelHost host = new(new AhnSharpOptions
        {
            ModelPath = DemoText.ModelPath,
            ModelId = "watched",
            Window = 40,
            Sinks = 4,
            ChunkTokens = 32,
        });
        using TextSession session = await host.CreateSessionAsync();
        using (host.Track(session.State))
        {
            await session.ReadAsync(DemoText.Prose(20));
            Tally tally = session.State.Tally;
            Assert.True(tally is { Exact: 44, Compressed: > 0 }, tally.ToString());
            Dictionary<object, double> stores = recorder.Of("ahnsharp.session.tokens").ToDictionary(
                one => one.Tags["ahnsharp.store"]!, one => one.Value);
            Assert.Equal((44, tally.Compressed, 0, 0), (stores["exact"], stores["compressed"], stores["archived"], stores["dropped"]));
            Assert.Equal(session.State.StateBytes, recorder.Of("ahnsharp.session.state")[^1].Value);
            Assert.Equal(1, recorder.Of("ahnsharp.session.count")[^1].Value);
            host.Cache!.Add(session.State);
            Assert.Equal(host.Cache.HeldBytes, recorder.Of("ahnsharp.cache.size")[^1].Value);
        }
        Assert.Equal(0, recorder.Of("ahnsharp.session.count")[^1].Value);
    }
}
