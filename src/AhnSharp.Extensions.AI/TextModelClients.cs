using System;
using AhnSharp.Embeddings;
using AhnSharp.Generation;
using Microsoft.Extensions.AI;

namespace AhnSharp.Extensions.AI;

/// <summary>A model that an application has loaded itself, behind the interfaces of Microsoft.Extensions.AI.</summary>
public static class TextModelClients
{
    /// <summary>Embeds with a loaded model, which stays its owner's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How texts become vectors where a request does not say.</param>
    /// <param name="modelId">The name under which it is known; null: that of its file.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsIEmbeddingGenerator(
        this TextModel model, EmbeddingOptions? options = null, string? modelId = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        AhnSharpOptions host = new() { ModelId = modelId, Embedding = options ?? new EmbeddingOptions() };
        return new AhnEmbeddingGenerator(HostOf(model, host));
    }

    /// <summary>Answers with a loaded model, which stays its owner's.</summary>
    /// <param name="model">The model; nothing else computes with it while it answers.</param>
    /// <param name="options">How answers are drawn where a request does not say.</param>
    /// <param name="modelId">The name under which it is known; null: that of its file.</param>
    public static AhnChatClient AsIChatClient(this TextModel model, CompletionOptions? options = null, string? modelId = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        AhnSharpOptions host = new() { ModelId = modelId, Completion = options ?? new CompletionOptions() };
        return new AhnChatClient(HostOf(model, host), ownsHost: true);
    }

    // Lives as long as the client; there is nothing of it to free.
    private static AhnModelHost HostOf(TextModel model, AhnSharpOptions options)
    {
        options.ModelId ??= model.Model.Metadata.GetStringOrNull("general.name");
        return new AhnModelHost(model, options);
    }
}
