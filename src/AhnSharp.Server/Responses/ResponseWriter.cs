using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.OpenAI;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Responses;

/// <summary>A response as it grows: its items, and the events that tell of them where it is streamed.</summary>
/// <param name="run">The answer.</param>
/// <param name="request">What was asked.</param>
internal sealed class ResponseWriter(AnswerRun run, ResponseRequest request)
{
    private readonly List<ResponseItem> _items = [];
    private EventStream? _events;
    private AnswerEnd? _end;
    private ResponseItem? _open;
    private int _number;

    /// <summary>The response's name.</summary>
    public string Id { get; } = OpenAIJson.NewId("resp_");

    /// <summary>Tells that it begins.</summary>
    public async Task BeginAsync(EventStream events)
    {
        _events = events;
        await TellWholeAsync("response.created").ConfigureAwait(false);
        await TellWholeAsync("response.in_progress").ConfigureAwait(false);
    }

    /// <summary>Takes the next of the answer.</summary>
    public async Task AddAsync(AnswerEvent next)
    {
        IReadOnlyList<GeneratedToken> tokens = next.Tokens;
        foreach (AnswerPart part in next.Parts)
        {
            switch (part.Kind)
            {
                case AnswerPartKind.Text or AnswerPartKind.CallBreaks:
                    await OpenAsync(ResponseItemKind.Message, "msg_").ConfigureAwait(false);
                    _open!.Tokens.AddRange(tokens);
                    await SayAsync("response.output_text.delta", part.Text, tokens).ConfigureAwait(false);
                    tokens = [];
                    break;
                case AnswerPartKind.Thought:
                    await OpenAsync(ResponseItemKind.Thoughts, "rs_").ConfigureAwait(false);
                    await SayAsync("response.reasoning_text.delta", part.Text, []).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallBegins:
                    await CloseAsync().ConfigureAwait(false);
                    await OpenAsync(ResponseItemKind.Call, "fc_", part.Text).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallArguments:
                    await SayAsync("response.function_call_arguments.delta", part.Text, []).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallEnds:
                    await CloseAsync().ConfigureAwait(false);
                    break;
            }
        }
        if (_open is { Kind: ResponseItemKind.Message } message) message.Tokens.AddRange(tokens);
        if (next.End is not { } end) return;
        await CloseAsync().ConfigureAwait(false);
        _end = end;
    }

    /// <summary>Tells that it is whole.</summary>
    public Task EndAsync() => TellWholeAsync(IsCut ? "response.incomplete" : "response.completed");

    /// <summary>The turn that it adds to the conversation.</summary>
    public ChatMessage Turn()
    {
        ChatToolCall[] calls = [.. _items.Where(static item => item.Kind == ResponseItemKind.Call).Select(
            static item => new ChatToolCall(item.Name, item.Text.ToString()))];
        string text = string.Concat(_items.Where(static item => item.Kind == ResponseItemKind.Message).Select(static item => item.Text));
        return new ChatMessage("assistant", text, calls.Length > 0 ? calls : null);
    }

    /// <summary>The whole response, as far as it is.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", run.Created);
        json.WriteString("status", _end is null ? "in_progress" : IsCut ? "incomplete" : "completed");
        json.WriteNull("error");
        if (IsCut)
        {
            json.WriteStartObject("incomplete_details");
            json.WriteString("reason", "max_output_tokens");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("incomplete_details");
        }
        json.WriteString("instructions", request.Instructions);
        json.WriteString("model", run.ModelId);
        json.WriteStartArray("output");
        foreach (ResponseItem item in _items) item.Write(json, run.Tokenizer);
        json.WriteEndArray();
        json.WriteString("previous_response_id", request.PreviousId);
        json.WriteBoolean("store", request.IsKept);
        json.WriteString("truncation", "disabled");
        WriteEchoed(json);
        if (_end is { } end)
        {
            OpenAIJson.WriteSources(json, end.Sources);
            WriteUsage(json, end);
        }
        else
        {
            json.WriteNull("usage");
        }
        json.WriteEndObject();
    }

    private bool IsCut => _end?.Reason == FinishReason.Length;

    private void WriteEchoed(Utf8JsonWriter json)
    {
        SamplingOptions sampling = request.Answer.Generation.Sampling;
        Echo("metadata", static json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        });
        Echo("parallel_tool_calls", json => json.WriteBooleanValue(request.Answer.ParallelCalls));
        Echo("temperature", json => json.WriteNumberValue(Math.Round(sampling.Temperature, 4)));
        Echo("top_p", json => json.WriteNumberValue(Math.Round(sampling.TopP, 4)));
        Echo("tool_choice", static json => json.WriteStringValue("auto"));
        Echo("tools", static json =>
        {
            json.WriteStartArray();
            json.WriteEndArray();
        });
        Echo("text", static json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("format");
            json.WriteString("type", "text");
            json.WriteEndObject();
            json.WriteEndObject();
        });
        Echo("reasoning", static json =>
        {
            json.WriteStartObject();
            json.WriteNull("effort");
            json.WriteNull("summary");
            json.WriteEndObject();
        });
        Echo("max_output_tokens", static json => json.WriteNullValue());
        Echo("user", static json => json.WriteNullValue());

        void Echo(string name, Action<Utf8JsonWriter> otherwise)
        {
            json.WritePropertyName(name);
            if (request.Echoed.TryGetValue(name, out JsonElement given)) given.WriteTo(json);
            else otherwise(json);
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, AnswerEnd end)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", end.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", end.Took.ReusedTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", end.Took.GeneratedTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", end.Took.ThoughtTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", end.PromptTokens + end.Took.GeneratedTokens);
        json.WriteEndObject();
    }

    private async Task OpenAsync(ResponseItemKind kind, string prefix, string name = "")
    {
        if (_open is { } open && open.Kind == kind) return;
        await CloseAsync().ConfigureAwait(false);
        ResponseItem item = _open = new ResponseItem(kind, OpenAIJson.NewId(prefix)) { Name = name, CallId = OpenAIJson.NewId("call_") };
        _items.Add(item);
        await TellAsync("response.output_item.added", json => WriteItem(json, item)).ConfigureAwait(false);
        if (kind != ResponseItemKind.Call) await TellPartAsync("response.content_part.added", item).ConfigureAwait(false);
    }

    private async Task SayAsync(string name, string text, IReadOnlyList<GeneratedToken> tokens)
    {
        ResponseItem item = _open!;
        item.Text.Append(text);
        await TellAsync(name, json =>
        {
            WritePlace(json, item);
            json.WriteString("delta", text);
            if (item.Kind != ResponseItemKind.Message) return;
            json.WriteStartArray("logprobs");
            foreach (GeneratedToken token in tokens) OpenAIJson.WriteToken(json, token, run.Tokenizer);
            json.WriteEndArray();
        }).ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        if (_open is not { } item) return;
        _open = null;
        item.IsDone = true;
        (string name, string field) = item.Kind switch
        {
            ResponseItemKind.Call => ("response.function_call_arguments.done", "arguments"),
            ResponseItemKind.Thoughts => ("response.reasoning_text.done", "text"),
            _ => ("response.output_text.done", "text"),
        };
        await TellAsync(name, json =>
        {
            WritePlace(json, item);
            json.WriteString(field, item.Text.ToString());
            if (item.Kind == ResponseItemKind.Call) json.WriteString("name", item.Name);
            if (item.Kind != ResponseItemKind.Message) return;
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }).ConfigureAwait(false);
        if (item.Kind != ResponseItemKind.Call) await TellPartAsync("response.content_part.done", item).ConfigureAwait(false);
        await TellAsync("response.output_item.done", json => WriteItem(json, item)).ConfigureAwait(false);
    }

    private void WriteItem(Utf8JsonWriter json, ResponseItem item)
    {
        json.WriteNumber("output_index", _items.IndexOf(item));
        json.WritePropertyName("item");
        item.Write(json, run.Tokenizer);
    }

    private void WritePlace(Utf8JsonWriter json, ResponseItem item)
    {
        json.WriteString("item_id", item.Id);
        json.WriteNumber("output_index", _items.IndexOf(item));
        if (item.Kind != ResponseItemKind.Call) json.WriteNumber("content_index", 0);
    }

    private Task TellPartAsync(string name, ResponseItem item) => TellAsync(name, json =>
    {
        WritePlace(json, item);
        json.WritePropertyName("part");
        item.WritePart(json, run.Tokenizer);
    });

    private Task TellWholeAsync(string name) => TellAsync(name, json =>
    {
        json.WritePropertyName("response");
        Write(json);
    });

    private Task TellAsync(string name, Action<Utf8JsonWriter> write) => _events is null ? Task.CompletedTask : _events.SendAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", name);
        json.WriteNumber("sequence_number", _number++);
        write(json);
        json.WriteEndObject();
    }, name);
}
