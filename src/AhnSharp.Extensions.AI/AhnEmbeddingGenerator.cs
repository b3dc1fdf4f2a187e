using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Embeddings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AhnSharp.Extensions.AI;

/// <summary>Vectors of texts behind the interface of Microsoft.Extensions.AI: several texts in one pass, and their tokens.</summary>
/// <remarks>
/// Of a request's options it follows <c>Dimensions</c>, <c>ModelId</c> (that of the model), an <see cref="EmbeddingOptions"/> from
/// <c>RawRepresentationFactory</c>, and the additional properties <c>pooling</c> ("last", "mean"), <c>normalize</c> and
/// <c>instruction</c>; any other is an exception that names it. For any number of threads; the host stays its owner's.
/// </remarks>
public sealed class AhnEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private const string OperationName = "embeddings";
    private readonly AhnModelHost _host;
    private readonly ILogger _logger;

    /// <summary>Embeds with the host's model, which is loaded with the first request where it is not.</summary>
    public AhnEmbeddingGenerator(AhnModelHost host, ILogger<AhnEmbeddingGenerator>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        (_host, _logger) = (host, logger ?? NullLogger<AhnEmbeddingGenerator>.Instance);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The options ask for what the model cannot do; the sentence names it.</exception>
    /// <exception cref="Sessions.ContextOverflowException">A text is longer than the context: no text is ever cut.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        EmbeddingOptions defaults = _host.Options.Embedding;
        EmbeddingOptions request = EmbeddingRequest.Read(
            defaults with { Session = defaults.Session ?? _host.Options.ToSessionOptions() }, options, _host.ModelId, this);
        string[] texts = [.. values];
        using AhnOperation operation = AhnTelemetry.Start(OperationName, _host);
        try
        {
            TextModel model = await _host.LoadAsync(cancellationToken).ConfigureAwait(false);
            IReadOnlyList<TextEmbedding> found = await model.EmbedAsync(texts, request, cancellationToken).ConfigureAwait(false);
            long tokens = found.Sum(one => (long)one.Tokens);
            operation.Tag("gen_ai.embeddings.dimension.count", request.Dimensions ?? model.Model.Config.HiddenSize);
            operation.Succeed(tokens);
            Log.Embedded(_logger, _host.ModelId, texts.Length, tokens, operation.Seconds);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            return new GeneratedEmbeddings<Embedding<float>>(
                found.Select(one => new Embedding<float>(one.Vector) { CreatedAt = now, ModelId = _host.ModelId }))
            {
                Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens },
            };
        }
        catch (Exception failure)
        {
            operation.Fail(failure);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Gives itself, <see cref="EmbeddingGeneratorMetadata"/>, the host, and the model once it is loaded.</remarks>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        if (serviceType == typeof(EmbeddingGeneratorMetadata))
        {
            return new EmbeddingGeneratorMetadata(
                AhnTelemetry.Provider, defaultModelId: _host.ModelId,
                defaultModelDimensions: _host.Options.Embedding.Dimensions ?? _host.Model?.Model.Config.HiddenSize);
        }
        if (serviceType.IsInstanceOfType(this)) return this;
        if (serviceType.IsInstanceOfType(_host)) return _host;
        return _host.Model is { } model && serviceType.IsInstanceOfType(model) ? model : null;
    }

    /// <summary>Nothing: the model is the host's.</summary>
    public void Dispose()
    {
    }
}
