using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AhnSharp.Server.OpenAI;

/// <summary><c>POST /v1/completions</c>: texts gone on with, without the chat template.</summary>
internal static class TextCompletions
{
    private const int MostPrompts = 64;

    public static async Task AnswerAsync(HttpContext context)
    {
        CancellationToken cancellation = context.RequestAborted;
        AnswerService service = context.RequestServices.GetRequiredService<AnswerService>();
        using JsonDocument body = await RequestBody.ReadAsync(context.Request, cancellation).ConfigureAwait(false);
        RequestFields fields = new(body.RootElement);
        IReadOnlyList<string> prompts = fields.Texts("prompt", MostPrompts) ?? throw fields.Missing("prompt");
        if (prompts.Count == 0 || prompts.Any(static prompt => prompt.Length == 0))
            throw ApiException.Invalid("prompt", "expected one character at least, found an empty text.");
        GenerationOptions generation = GenerationFields.Read(fields, service.Defaults);
        if (fields.WholeNumber("logprobs", 0, GenerationOptions.MaxTopLogProbabilities) is { } top)
            generation = generation with { TopLogProbabilities = top };
        AnswerRequest request = new()
        {
            Model = fields.Text("model"),
            Text = prompts[0],
            Generation = generation,
            Count = fields.WholeNumber("n", 1, ChatRequestReader.MostAnswers) ?? 1,
            ReusesPrefix = fields.Flag("cache_prompt") ?? true,
            Streams = fields.Flag("stream") ?? false,
        };
        bool echoes = fields.Flag("echo") ?? false, wantsUsage = ChatRequestReader.WantsUsage(fields);
        int? best = fields.WholeNumber("best_of", 1, ChatRequestReader.MostAnswers);
        if (best is not null && best != request.Count)
            throw ApiException.Unsupported("best_of", "expected as many as n: answers are not ranked here.");
        if (fields.Text("suffix") is { Length: > 0 })
            throw ApiException.Unsupported("suffix", "write the model's own marks for filling in into a chat or prompt.");
        fields.Ignore("user");
        fields.RefuseTheRest();
        if (request.Streams && prompts.Count > 1)
            throw ApiException.Unsupported("prompt", "expected one text in a stream, found several: ask for each by itself.");
        if (echoes && request.Generation.TopLogProbabilities is not null)
            throw ApiException.Unsupported("echo", "expected without logprobs: the prompt's own are not told.");
        Client client = Client.Of(context);
        string id = OpenAIJson.NewId("cmpl-");
        if (request.Streams)
        {
            AnswerRun run = await service.StartAsync(request, client, cancellation).ConfigureAwait(false);
            await using (run.ConfigureAwait(false))
            {
                await StreamAsync(context, run, id, echoes ? prompts[0] : "", wantsUsage).ConfigureAwait(false);
                service.Log(client, context.Request.Method, context.Request.Path, run);
            }
            return;
        }
        List<(WholeAnswer Answer, string Echo)> answers = [];
        Tokenizer.QwenTokenizer tokenizer = null!;
        string model = "";
        foreach (string prompt in prompts)
        {
            AnswerRun run = await service.StartAsync(request with { Text = prompt }, client, cancellation).ConfigureAwait(false);
            await using (run.ConfigureAwait(false))
            {
                foreach (WholeAnswer answer in await WholeAnswer.AllAsync(run, request.Count, cancellation).ConfigureAwait(false))
                    answers.Add((answer, echoes ? prompt : ""));
                service.Log(client, context.Request.Method, context.Request.Path, run);
                (tokenizer, model) = (run.Tokenizer, run.ModelId);
            }
        }
        await JsonReply.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            WriteHead(json, id, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), model);
            json.WriteStartArray("choices");
            for (int i = 0; i < answers.Count; i++)
            {
                (WholeAnswer answer, string echo) = answers[i];
                bool tells = request.Generation.TopLogProbabilities is not null;
                WriteChoice(json, i, echo + answer.Text, tells ? answer.Tokens : null, tokenizer, answer.End.Reason);
            }
            json.WriteEndArray();
            OpenAIJson.WriteUsage(json, [.. answers.Select(static one => one.Answer.End)]);
            OpenAIJson.WriteTimings(json, answers[0].Answer.End.Took);
            json.WriteEndObject();
        }, cancellation).ConfigureAwait(false);
    }

    private static Task StreamAsync(HttpContext context, AnswerRun run, string id, string echo, bool wantsUsage)
    {
        List<AnswerEnd> ends = [];
        return AnswerStream.SendAsync(context, run, async (events, next) =>
        {
            string text = string.Concat(next.Parts.Select(static part => part.Text));
            if (text.Length > 0 || next.Tokens.Count > 0)
                await SendAsync(events, next.Index, text, next.Tokens, null).ConfigureAwait(false);
            if (next.End is not { } end) return;
            ends.Add(end);
            await SendAsync(events, next.Index, "", [], end.Reason).ConfigureAwait(false);
        }, async events =>
        {
            if (wantsUsage)
            {
                await events.SendAsync(json =>
                {
                    json.WriteStartObject();
                    WriteHead(json, id, run.Created, run.ModelId);
                    json.WriteStartArray("choices");
                    json.WriteEndArray();
                    OpenAIJson.WriteUsage(json, ends);
                    json.WriteEndObject();
                }).ConfigureAwait(false);
            }
            await events.SendAsync("[DONE]").ConfigureAwait(false);
        }, async events =>
        {
            if (echo.Length > 0) await SendAsync(events, 0, echo, [], null).ConfigureAwait(false);
        });

        Task SendAsync(EventStream events, int index, string text, IReadOnlyList<GeneratedToken> tokens, FinishReason? reason) =>
            events.SendAsync(json =>
            {
                json.WriteStartObject();
                WriteHead(json, id, run.Created, run.ModelId);
                json.WriteStartArray("choices");
                WriteChoice(json, index, text, tokens.Count > 0 ? tokens : null, run.Tokenizer, reason);
                json.WriteEndArray();
                json.WriteEndObject();
            });
    }

    private static void WriteHead(Utf8JsonWriter json, string id, long created, string model)
    {
        json.WriteString("id", id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", created);
        json.WriteString("model", model);
        json.WriteString("system_fingerprint", ServerVersion.Fingerprint);
    }

    private static void WriteChoice(Utf8JsonWriter json, int index, string text, IReadOnlyList<GeneratedToken>? tokens,
        Tokenizer.QwenTokenizer tokenizer, FinishReason? reason)
    {
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteString("text", text);
        if (tokens is null) json.WriteNull("logprobs");
        else WriteProbabilities(json, tokens, tokenizer);
        json.WriteString("finish_reason", reason is { } why ? OpenAIJson.WordOf(why) : null);
        json.WriteEndObject();
    }

    // The older shape, lists beside each other.
    private static void WriteProbabilities(Utf8JsonWriter json, IReadOnlyList<GeneratedToken> tokens, Tokenizer.QwenTokenizer tokenizer)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("tokens");
        foreach (GeneratedToken token in tokens) json.WriteStringValue(tokenizer.Decode([token.Id]));
        json.WriteEndArray();
        json.WriteStartArray("token_logprobs");
        foreach (GeneratedToken token in tokens) json.WriteNumberValue(Finite(token.LogProbability));
        json.WriteEndArray();
        json.WriteStartArray("top_logprobs");
        foreach (GeneratedToken token in tokens)
        {
            json.WriteStartObject();
            HashSet<string> names = new(StringComparer.Ordinal); // two tokens may show the same: parts of a character
            foreach (TokenLogProbability other in token.Top)
            {
                string name = tokenizer.Decode([other.Id]);
                if (names.Add(name)) json.WriteNumber(name, Finite(other.LogProbability));
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("text_offset");
        int offset = 0;
        foreach (GeneratedToken token in tokens)
        {
            json.WriteNumberValue(offset);
            offset += tokenizer.Decode([token.Id]).Length;
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static double Finite(double logProbability) => double.IsFinite(logProbability) ? logProbability : -9999;
}
