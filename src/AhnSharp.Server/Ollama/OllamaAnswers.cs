using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.Models;
using AhnSharp.Server.OpenAI;
using AhnSharp.Server.Security;
using AhnSharp.Tokenizer;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.Ollama;

/// <summary><c>POST /api/chat</c> and <c>/api/generate</c>: an object per line, or one where nothing is streamed.</summary>
internal static class OllamaAnswers
{
    public static async Task ChatAsync(HttpContext context)
    {
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        RequestFields fields = OllamaOptions.FieldsOf(body);
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        AnswerRequest request = Common(fields, service.Defaults) with
        {
            Turns = OllamaMessages.Read(fields),
            Tools = ToolFields.Tools(fields),
        };
        fields.RefuseTheRest();
        await AnswerAsync(context, service, request, isChat: true).ConfigureAwait(false);
    }

    public static async Task GenerateAsync(HttpContext context)
    {
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        RequestFields fields = OllamaOptions.FieldsOf(body);
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        AnswerRequest request = Common(fields, service.Defaults);
        string prompt = fields.Text("prompt") ?? "", system = fields.Text("system") ?? "";
        bool raw = fields.Flag("raw") ?? false;
        if (fields.Text("suffix") is { Length: > 0 })
            throw ApiException.Unsupported("suffix", "write the model's own marks for filling in, with raw.");
        if (fields.Text("template") is { Length: > 0 })
            throw ApiException.Unsupported("template", "the model's own is in force; raw leaves it out.");
        if (fields.Array("images", 64) is { Count: > 0 }) throw ApiException.Unsupported("images", "the models here only read text.");
        if (fields.Array("context", int.MaxValue) is { Count: > 0 })
            throw ApiException.Unsupported("context", "send the conversation to /api/chat; what it begins with is not read again.");
        fields.RefuseTheRest();
        if (prompt.Length > 0)
        {
            ChatMessage[] turns = system.Length > 0 ? [new("system", system), new("user", prompt)] : [new("user", prompt)];
            request = raw ? request with { Text = prompt } : request with { Turns = turns };
        }
        await AnswerAsync(context, service, request, isChat: false).ConfigureAwait(false);
    }

    private static AnswerRequest Common(RequestFields fields, GenerationOptions defaults) => new()
    {
        Model = fields.RequiredText("model"),
        Generation = OllamaOptions.Read(fields, defaults),
        KeepAlive = OllamaOptions.KeepAlive(fields),
        Thinking = OllamaOptions.Thinking(fields),
        Streams = fields.Flag("stream") ?? true,
    };

    private static async Task AnswerAsync(HttpContext context, AnswerService service, AnswerRequest request, bool isChat)
    {
        CancellationToken cancellation = context.RequestAborted;
        long started = Stopwatch.GetTimestamp();
        if (request.Turns.Count == 0 && request.Text is null)
        {
            await LoadAsync(context, request, isChat).ConfigureAwait(false);
            return;
        }
        Client client = Client.Of(context);
        AnswerRun run = await service.StartAsync(request, client, cancellation).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            long loaded = Stopwatch.GetTimestamp();
            if (request.Streams) await StreamAsync(context, run, isChat, started, loaded).ConfigureAwait(false);
            else
            {
                WholeAnswer answer = (await WholeAnswer.AllAsync(run, 1, cancellation).ConfigureAwait(false))[0];
                await JsonReply.WriteAsync(context.Response, json => Write(json, request.Model!, isChat, answer.Text, answer.Thoughts,
                    [.. answer.Calls], answer.End, started, loaded, tokens: answer.Tokens, tokenizer: run.Tokenizer), cancellation)
                    .ConfigureAwait(false);
            }
            service.Log(client, context.Request.Method, context.Request.Path, run);
        }
    }

    // A request without a word loads the model, or unloads it where it is not to be kept.
    private static async Task LoadAsync(HttpContext context, AnswerRequest request, bool isChat)
    {
        ModelRegistry models = context.RequestServices.GetRequiredService<ModelRegistry>();
        string reason = "load";
        if (request.KeepAlive == TimeSpan.Zero)
        {
            await models.UnloadAsync(models.Catalog.Find(request.Model).Id).ConfigureAwait(false);
            reason = "unload";
        }
        else
        {
            using ModelLease lease = await models.AcquireAsync(request.Model, context.RequestAborted).ConfigureAwait(false);
            if (request.KeepAlive is { } keep) lease.Keep(keep);
        }
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            WriteHead(json, request.Model!);
            WriteSaid(json, isChat, "", "", []);
            json.WriteBoolean("done", true);
            json.WriteString("done_reason", reason);
            json.WriteEndObject();
        }, context.RequestAborted).ConfigureAwait(false);
    }

    private static async Task StreamAsync(HttpContext context, AnswerRun run, bool isChat, long started, long loaded)
    {
        CancellationToken cancellation = context.RequestAborted;
        await run.SettleAsync(context.RequestServices.GetRequiredService<AhnServerOptions>().StreamPatience, cancellation)
            .ConfigureAwait(false);
        context.Response.ContentType = "application/x-ndjson";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        string name = "";
        StringBuilder arguments = new();
#pragma warning disable CA1031 // The head is on its way: a failure can only be told in the stream.
        try
        {
            await foreach (AnswerEvent next in run.EventsAsync(cancellation).ConfigureAwait(false))
            {
                AnswerEvent told = next;
                foreach (AnswerPart part in next.Parts)
                {
                    switch (part.Kind)
                    {
                        case AnswerPartKind.Text or AnswerPartKind.CallBreaks:
                            await LineAsync(
                                json => Write(json, run.ModelId, isChat, part.Text, "", [], null, tokens: Once(), tokenizer: run.Tokenizer))
                                .ConfigureAwait(false);
                            break;
                        case AnswerPartKind.Thought:
                            await LineAsync(json => Write(json, run.ModelId, isChat, "", part.Text, [], null)).ConfigureAwait(false);
                            break;
                        case AnswerPartKind.CallBegins:
                            name = part.Text;
                            arguments.Clear();
                            break;
                        case AnswerPartKind.CallArguments:
                            arguments.Append(part.Text);
                            break;
                        case AnswerPartKind.CallEnds:
                            await LineAsync(json => Write(json, run.ModelId, isChat, "", "", [(name, arguments.ToString())], null))
                                .ConfigureAwait(false);
                            break;
                    }
                }
                if (next.End is { } end)
                    await LineAsync(json => Write(json, run.ModelId, isChat, "", "", [], end, started, loaded)).ConfigureAwait(false);

                IReadOnlyList<GeneratedToken> Once()
                {
                    IReadOnlyList<GeneratedToken> tokens = told.Tokens;
                    told = told with { Tokens = [] };
                    return tokens;
                }
            }
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            ApiException told = ApiErrors.ToldOf(context, failure);
            await LineAsync(json => ApiErrors.WriteBody(json, ApiStyle.Ollama, told)).ConfigureAwait(false);
        }
#pragma warning restore CA1031

        async Task LineAsync(Action<Utf8JsonWriter> write)
        {
            await context.Response.Body.WriteAsync((byte[])[.. JsonReply.BytesOf(write), (byte)'\n'], cancellation).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static void Write(Utf8JsonWriter json, string model, bool isChat, string text, string thoughts,
        (string Name, string Arguments)[] calls, AnswerEnd? end, long started = 0, long loaded = 0,
        IReadOnlyList<GeneratedToken>? tokens = null, QwenTokenizer? tokenizer = null)
    {
        json.WriteStartObject();
        WriteHead(json, model);
        WriteSaid(json, isChat, text, thoughts, calls);
        if (tokens is { Count: > 0 })
        {
            json.WriteStartArray("logprobs");
            foreach (GeneratedToken token in tokens) OpenAIJson.WriteToken(json, token, tokenizer!);
            json.WriteEndArray();
        }
        json.WriteBoolean("done", end is not null);
        if (end is not null)
        {
            json.WriteString("done_reason", end.Reason == FinishReason.Length ? "length" : "stop");
            json.WriteNumber("total_duration", Nanoseconds(Stopwatch.GetElapsedTime(started)));
            json.WriteNumber("load_duration", Nanoseconds(Stopwatch.GetElapsedTime(started, loaded)));
            json.WriteNumber("prompt_eval_count", end.PromptTokens);
            json.WriteNumber("prompt_eval_duration", Nanoseconds(end.Took.PromptTime));
            json.WriteNumber("eval_count", end.Took.GeneratedTokens);
            json.WriteNumber("eval_duration", Nanoseconds(end.Took.GenerationTime));
        }
        json.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter json, string model)
    {
        json.WriteString("model", model);
        json.WriteString("created_at", DateTimeOffset.UtcNow);
    }

    private static void WriteSaid(Utf8JsonWriter json, bool isChat, string text, string thoughts, (string Name, string Arguments)[] calls)
    {
        if (!isChat)
        {
            json.WriteString("response", text);
            if (thoughts.Length > 0) json.WriteString("thinking", thoughts);
            return;
        }
        json.WriteStartObject("message");
        json.WriteString("role", "assistant");
        json.WriteString("content", text);
        if (thoughts.Length > 0) json.WriteString("thinking", thoughts);
        if (calls.Length > 0)
        {
            json.WriteStartArray("tool_calls");
            foreach ((string name, string arguments) in calls)
            {
                json.WriteStartObject();
                json.WriteStartObject("function");
                json.WriteString("name", name);
                json.WritePropertyName("arguments");
                json.WriteRawValue(arguments);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
