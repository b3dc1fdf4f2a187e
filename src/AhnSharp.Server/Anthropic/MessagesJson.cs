using System.Text.Json;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.OpenAI;

namespace AhnSharp.Server.Anthropic;

/// <summary>The answer of <c>/v1/messages</c>, as a whole and as events.</summary>
internal sealed class MessagesJson(AnswerRun run)
{
    private readonly string _id = OpenAIJson.NewId("msg_");
    private AnswerPartKind? _open; // what kind of block is being written
    private int _block = -1;

    public void WriteWhole(Utf8JsonWriter json, WholeAnswer answer)
    {
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("content");
        if (answer.Thoughts.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type", "thinking");
            json.WriteString("thinking", answer.Thoughts);
            json.WriteString("signature", "");
            json.WriteEndObject();
        }
        (string Name, string Arguments)[] calls = [.. answer.Calls];
        if (answer.Text.Length > 0 || calls.Length == 0)
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", answer.Text);
            json.WriteEndObject();
        }
        for (int i = 0; i < calls.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("type", "tool_use");
            json.WriteString("id", CallId(i));
            json.WriteString("name", calls[i].Name);
            json.WritePropertyName("input");
            json.WriteRawValue(calls[i].Arguments);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteStop(json, answer.End);
        OpenAIJson.WriteSources(json, answer.End.Sources);
        WriteUsage(json, answer.End);
        json.WriteEndObject();
    }

    public Task BeginAsync(EventStream events) => events.SendAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "message_start");
        json.WriteStartObject("message");
        WriteHead(json);
        json.WriteStartArray("content");
        json.WriteEndArray();
        json.WriteNull("stop_reason");
        json.WriteNull("stop_sequence");
        // What is read is counted where it is known: with the first token at the latest.
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", run.ReadTokens);
        json.WriteNumber("cache_read_input_tokens", run.ReusedTokens);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("output_tokens", 0);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }, "message_start");

    public async Task SendAsync(EventStream events, AnswerEvent next)
    {
        foreach (AnswerPart part in next.Parts)
        {
            switch (part.Kind)
            {
                case AnswerPartKind.Text or AnswerPartKind.CallBreaks:
                    await OpenAsync(events, AnswerPartKind.Text).ConfigureAwait(false);
                    await DeltaAsync(events, "text_delta", "text", part.Text).ConfigureAwait(false);
                    break;
                case AnswerPartKind.Thought:
                    await OpenAsync(events, AnswerPartKind.Thought).ConfigureAwait(false);
                    await DeltaAsync(events, "thinking_delta", "thinking", part.Text).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallBegins:
                    await CloseAsync(events).ConfigureAwait(false);
                    await OpenAsync(events, AnswerPartKind.CallBegins, part).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallArguments:
                    await DeltaAsync(events, "input_json_delta", "partial_json", part.Text).ConfigureAwait(false);
                    break;
                case AnswerPartKind.CallEnds:
                    await CloseAsync(events).ConfigureAwait(false);
                    break;
            }
        }
        if (next.End is not { } end) return;
        if (_block < 0) await OpenAsync(events, AnswerPartKind.Text).ConfigureAwait(false); // an answer has one block at least
        await CloseAsync(events).ConfigureAwait(false);
        await events.SendAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "message_delta");
            json.WriteStartObject("delta");
            WriteStop(json, end);
            json.WriteEndObject();
            OpenAIJson.WriteSources(json, end.Sources);
            WriteUsage(json, end);
            json.WriteEndObject();
        }, "message_delta").ConfigureAwait(false);
    }

    public static Task EndAsync(EventStream events) => events.SendAsync(static json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "message_stop");
        json.WriteEndObject();
    }, "message_stop");

    private async Task OpenAsync(EventStream events, AnswerPartKind kind, AnswerPart call = default)
    {
        if (_open == kind) return;
        await CloseAsync(events).ConfigureAwait(false);
        (_open, _block) = (kind, _block + 1);
        await events.SendAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "content_block_start");
            json.WriteNumber("index", _block);
            json.WriteStartObject("content_block");
            switch (kind)
            {
                case AnswerPartKind.Thought:
                    json.WriteString("type", "thinking");
                    json.WriteString("thinking", "");
                    json.WriteString("signature", "");
                    break;
                case AnswerPartKind.CallBegins:
                    json.WriteString("type", "tool_use");
                    json.WriteString("id", CallId(call.Call));
                    json.WriteString("name", call.Text);
                    json.WriteStartObject("input");
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteString("type", "text");
                    json.WriteString("text", "");
                    break;
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }, "content_block_start").ConfigureAwait(false);
    }

    private async Task CloseAsync(EventStream events)
    {
        if (_open is null) return;
        _open = null;
        await events.SendAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "content_block_stop");
            json.WriteNumber("index", _block);
            json.WriteEndObject();
        }, "content_block_stop").ConfigureAwait(false);
    }

    private Task DeltaAsync(EventStream events, string type, string name, string text) => events.SendAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("type", "content_block_delta");
        json.WriteNumber("index", _block);
        json.WriteStartObject("delta");
        json.WriteString("type", type);
        json.WriteString(name, text);
        json.WriteEndObject();
        json.WriteEndObject();
    }, "content_block_delta");

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id", _id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", run.ModelId);
    }

    private string CallId(int call) => $"toolu_{_id[4..]}_{call}";

    private static void WriteStop(Utf8JsonWriter json, AnswerEnd end)
    {
        json.WriteString("stop_reason", end.Reason switch
        {
            FinishReason.Length => "max_tokens",
            FinishReason.Calls => "tool_use",
            FinishReason.StopString => "stop_sequence",
            _ => "end_turn",
        });
        json.WriteString("stop_sequence", end.Reason == FinishReason.StopString ? end.Took.StopString : null);
    }

    private static void WriteUsage(Utf8JsonWriter json, AnswerEnd end)
    {
        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", end.Took.PromptTokens);
        json.WriteNumber("cache_read_input_tokens", end.Took.ReusedTokens);
        json.WriteNumber("cache_creation_input_tokens", 0);
        json.WriteNumber("output_tokens", end.Took.GeneratedTokens);
        json.WriteEndObject();
    }
}
