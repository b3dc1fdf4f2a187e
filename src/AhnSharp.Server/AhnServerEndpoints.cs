using System;
using AhnSharp.Server.Anthropic;
using AhnSharp.Server.Documents;
using AhnSharp.Server.Metrics;
using AhnSharp.Server.Ollama;
using AhnSharp.Server.OpenAI;
using AhnSharp.Server.Operation;
using AhnSharp.Server.Page;
using AhnSharp.Server.Responses;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server;

/// <summary>The interfaces under which models are asked.</summary>
public static class AhnServerEndpoints
{
    /// <summary>Maps all of them; <see cref="AhnServerServices.AddAhnSharpServer"/> has added what they need.</summary>
    public static IEndpointRouteBuilder MapAhnSharp(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.ServiceProvider.GetRequiredService<PrometheusText>(); // listens from now on
        Routes routes = new(app, app.ServiceProvider.GetRequiredService<AhnServerOptions>());
        foreach (string path in PageEndpoints.Paths) routes.Get(path, PageEndpoints.GetAsync, isOpen: true);
        routes.Get("/health", HealthEndpoints.HealthAsync, isOpen: true);
        routes.Get("/ready", HealthEndpoints.ReadyAsync, isOpen: true);
        routes.Get("/metrics", MetricsEndpoint.GetAsync);
        routes.Get("/props", PropsEndpoint.GetAsync);
        routes.Post("/tokenize", TokenEndpoints.TokenizeAsync);
        routes.Post("/detokenize", TokenEndpoints.DetokenizeAsync);
        routes.Get("/v1/models", ModelEndpoints.ListAsync);
        routes.Get("/v1/models/{**id}", ModelEndpoints.GetAsync);
        routes.Post("/v1/chat/completions", ChatCompletions.AnswerAsync);
        routes.Post("/v1/completions", TextCompletions.AnswerAsync);
        routes.Post("/v1/responses", ResponseEndpoints.CreateAsync);
        routes.Get("/v1/responses/{id}", ResponseEndpoints.GetAsync);
        routes.Get("/v1/responses/{id}/input_items", ResponseEndpoints.InputAsync);
        routes.Delete("/v1/responses/{id}", ResponseEndpoints.DeleteAsync);
        routes.Post("/v1/embeddings", OpenAI.Embeddings.EmbedAsync);
        routes.Post("/v1/rerank", OpenAI.Embeddings.RerankAsync);
        routes.Post("/v1/messages", Messages.AnswerAsync);
        routes.Post("/v1/messages/count_tokens", Messages.CountAsync);
        routes.Post("/api/chat", OllamaAnswers.ChatAsync);
        routes.Post("/api/generate", OllamaAnswers.GenerateAsync);
        routes.Get("/api/tags", OllamaModels.TagsAsync);
        routes.Post("/api/show", OllamaModels.ShowAsync);
        routes.Get("/api/ps", OllamaModels.RunningAsync);
        routes.Get("/api/version", OllamaModels.VersionAsync);
        routes.Post("/api/embed", OllamaModels.EmbedAsync);
        routes.Post("/api/embeddings", OllamaModels.EmbedOneAsync);
        DocumentEndpoints.Map(routes);
        routes.Fallback();
        return app;
    }
}
