using System;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Extensions.AI;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using AhnSharp.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Operation;

/// <summary><c>GET /props</c>: what the server answers with where a request does not say, and what is loaded.</summary>
internal static class PropsEndpoint
{
    public static Task GetAsync(HttpContext context)
    {
        AhnServerOptions options = context.RequestServices.GetRequiredService<AhnServerOptions>();
        ModelRegistry models = context.RequestServices.GetRequiredService<ModelRegistry>();
        return JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("version", ServerVersion.Version);
            json.WriteNumber("total_slots", options.MaxAnswers);
            json.WriteNumber("max_waiting", options.MaxWaiting);
            json.WriteNumber("max_body_bytes", options.MaxBodyBytes);
            json.WriteNumber("max_upload_bytes", options.MaxUploadBytes);
            json.WriteStartObject("default_generation_settings");
            SamplingOptions sampling = options.Generation.Sampling;
            json.WriteNumber("temperature", Math.Round(sampling.Temperature, 4));
            json.WriteNumber("top_p", Math.Round(sampling.TopP, 4));
            json.WriteNumber("top_k", sampling.TopK);
            json.WriteNumber("min_p", Math.Round(sampling.MinP, 4));
            json.WriteNumber("repeat_penalty", Math.Round(sampling.RepeatPenalty, 4));
            json.WriteNumber("max_tokens", options.Generation.MaxTokens);
            json.WriteEndObject();
            json.WriteStartArray("models");
            foreach (LoadedModel model in models.Loaded) Write(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        }, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, LoadedModel loaded)
    {
        AhnSharpOptions options = loaded.Host.Options;
        json.WriteStartObject();
        json.WriteString("id", loaded.Served.Id);
        json.WriteString("state", loaded.Host.Status.State.ToString());
        if (loaded.Host.Model is { } model)
        {
            SessionPlan plan = model.Model.Plan(options.ToSessionOptions());
            json.WriteString("runs_on", model.Model.RunsOn);
            json.WriteNumber("weight_bytes", model.Model.WeightBytes);
            json.WriteString("memory", plan.Mode.ToString());
            json.WriteNumber("window", plan.Window);
            json.WriteNumber("sinks", plan.Sinks);
            if (plan.Mode == MemoryMode.Full) json.WriteNumber("n_ctx", plan.ContextTokens);
            json.WriteBoolean("archive", plan.Archive is not null);
            json.WriteNumber("session_bytes", plan.MaxBytes);
            json.WriteNumber("piece_tokens", options.PieceTokens ?? model.Model.ChunkTokens);
            json.WriteNumber("vocabulary", model.Tokenizer.VocabularySize);
            json.WriteBoolean("thinks", model.Template is { KnowsThinking: true });
        }
        json.WriteNumber("running", loaded.Admission.Running);
        json.WriteNumber("waiting", loaded.Admission.Waiting);
        json.WriteNumber("idle_seconds", Math.Round(loaded.Idle.TotalSeconds, 1));
        json.WriteEndObject();
    }
}
