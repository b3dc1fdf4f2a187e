using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Embeddings;
using AhnSharp.Sessions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace AhnSharp.Extensions.AI.Tests;

public sealed class EmbeddingGeneratorTests(DemoText demo) : IClassFixture<DemoText>
{
    private static readonly string[] s_texts = ["The garden was green.", "A ship in the harbour.", DemoText.Prose(20), "x"];

    [Fact]
    public async Task Texts_come_back_in_their_order_with_the_tokens_of_all()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(modelId: "demo");
        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync(s_texts);
        IReadOnlyList<TextEmbedding> expected = await demo.Model.EmbedAsync(s_texts);
        Assert.Equal(s_texts.Length, found.Count);
        for (int i = 0; i < found.Count; i++)
        {
            Assert.Equal(expected[i].Vector.ToArray(), found[i].Vector.ToArray());
            Assert.Equal("demo", found[i].ModelId);
        }
        long tokens = s_texts.Sum(text => (long)demo.Tokenizer.Encode(text).Length);
        Assert.Equal((tokens, tokens), (found.Usage!.InputTokenCount, found.Usage.TotalTokenCount));
        Assert.Empty(await generator.GenerateAsync([]));
    }

    [Fact]
    public async Task Options_are_followed()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(modelId: "demo");
        EmbeddingGenerationOptions asked = new()
        {
            ModelId = "demo",
            Dimensions = 7,
            AdditionalProperties = new()
            {
                ["pooling"] = "Mean",
                ["normalize"] = JsonSerializer.SerializeToElement(false),
                ["instruction"] = "Find gardens",
            },
        };
        EmbeddingOptions own = new() { Dimensions = 7, Pooling = Pooling.Mean, Normalize = false, Instruction = "Find gardens" };
        float[] expected = (await demo.Model.EmbedAsync(["x"], own))[0].Vector.ToArray();
        Assert.Equal(expected, (await generator.GenerateAsync(["x"], asked))[0].Vector.ToArray());
        EmbeddingGenerationOptions raw = new() { RawRepresentationFactory = _ => own with { Dimensions = 9 }, Dimensions = 7 };
        Assert.Equal(expected, (await generator.GenerateAsync(["x"], raw))[0].Vector.ToArray());
        Assert.NotEqual(expected, (await generator.GenerateAsync(["x"], new() { Dimensions = 7 }))[0].Vector.ToArray());
    }

    [Theory]
    [InlineData("dimension", 7, "AdditionalProperties 'dimension': expected pooling, normalize or instruction")]
    [InlineData("pooling", "cls", "AdditionalProperties 'pooling': expected last or mean, found 'cls'")]
    [InlineData("normalize", "yes", "AdditionalProperties 'normalize': expected true or false, found yes (String)")]
    [InlineData("instruction", 3, "AdditionalProperties 'instruction': expected a text, found 3 (Int32)")]
    public Task A_property_that_cannot_be_followed_is_refused_by_name(string name, object value, string sentence) =>
        IsRefused(new EmbeddingGenerationOptions { AdditionalProperties = new() { [name] = value } }, sentence);

    [Fact]
    public async Task Another_model_and_options_of_another_kind_are_refused_by_name()
    {
        await IsRefused(new EmbeddingGenerationOptions { ModelId = "other" }, "ModelId: expected 'demo', the model that is here, found");
        await IsRefused(
            new EmbeddingGenerationOptions { RawRepresentationFactory = _ => new object() },
            "RawRepresentationFactory: expected AhnSharp.Embeddings.EmbeddingOptions, found System.Object");
    }

    private async Task IsRefused(EmbeddingGenerationOptions options, string sentence)
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(modelId: "demo");
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["x"], options));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dimensions_out_of_range_too_long_texts_and_cancellation_are_told()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(
            new EmbeddingOptions { Session = new SessionOptions { Mode = MemoryMode.Full, ContextTokens = 10 } });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["x"], new() { Dimensions = 1_000_000 }));
        await Assert.ThrowsAsync<ContextOverflowException>(() => generator.GenerateAsync([DemoText.Prose(5)]));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(["x"], cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Services_and_metadata_are_given()
    {
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(modelId: "demo");
        EmbeddingGeneratorMetadata metadata = generator.GetService<EmbeddingGeneratorMetadata>()!;
        Assert.Equal(
            ("ahnsharp", "demo", demo.Model.Model.Config.HiddenSize),
            (metadata.ProviderName, metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(demo.Model, generator.GetService<TextModel>());
        Assert.Same(generator, generator.GetService<AhnEmbeddingGenerator>());
        Assert.Null(generator.GetService<AhnModelHost>("key"));
        Assert.Null(generator.GetService<string>());
    }

    [Fact]
    public async Task It_composes_with_logging_telemetry_and_a_cache()
    {
        using Recorder recorder = new("composed");
        MemoryDistributedCache cache = new(Options.Create(new MemoryDistributedCacheOptions()));
        using IEmbeddingGenerator<string, Embedding<float>> generator = demo.Model.AsIEmbeddingGenerator(modelId: "composed").AsBuilder()
            .UseDistributedCache(cache).UseOpenTelemetry(sourceName: "outer").UseLogging(NullLoggerFactory.Instance).Build();
        GeneratedEmbeddings<Embedding<float>> first = await generator.GenerateAsync(s_texts),
            again = await generator.GenerateAsync(s_texts);
        Assert.Equal(first.Select(one => one.Vector.ToArray()), again.Select(one => one.Vector.ToArray()));
        Assert.Equal("embeddings composed", Assert.Single(recorder.Spans).DisplayName); // the second came from the cache
        Assert.Same(demo.Model, generator.GetService<TextModel>());
    }
}
