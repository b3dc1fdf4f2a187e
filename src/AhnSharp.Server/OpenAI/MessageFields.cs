using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.OpenAI;

/// <summary>The messages of a chat as turns of a template.</summary>
internal static class MessageFields
{
    private const int MostMessages = 100_000, MostParts = 10_000, MostCalls = 512;

    public static async Task<List<ChatMessage>> ReadAsync(RequestFields fields, AttachedFiles files, CancellationToken cancellation)
    {
        IReadOnlyList<JsonElement> given = fields.Array("messages", MostMessages) ?? throw fields.Missing("messages");
        if (given.Count == 0) throw ApiException.Invalid("messages", "expected one message at least, found none.");
        List<ChatMessage> turns = [];
        for (int i = 0; i < given.Count; i++)
        {
            RequestFields message = new(given[i], $"messages[{i}]");
            string role = message.Word("role", "system", "developer", "user", "assistant", "tool", "function")
                ?? throw message.Missing("role");
            string? text = await ContentAsync(message, files, cancellation).ConfigureAwait(false);
            List<ChatToolCall>? calls = role == "assistant" ? Calls(message) : null;
            // Names and ids tell a program whose turn it is; templates show neither, and results stand in the order of their calls.
            message.Ignore("name", "tool_call_id", "reasoning_content", "refusal", "annotations", "sources", "id");
            message.Refuse("audio", "the models here only read and write text.");
            message.Refuse("function_call", "expected tool_calls, which have taken its place.");
            message.RefuseTheRest();
            if (text is null && calls is null && role != "assistant") throw message.Missing("content");
            turns.Add(new ChatMessage(role switch { "developer" => "system", "function" => "tool", _ => role }, text ?? "", calls));
        }
        return turns;
    }

    private static async Task<string?> ContentAsync(RequestFields message, AttachedFiles files, CancellationToken cancellation)
    {
        if (message.Take("content") is not { } content) return null;
        if (content.ValueKind == JsonValueKind.String) return content.GetString();
        IReadOnlyList<JsonElement> parts = message.Array("content", MostParts)!;
        StringBuilder text = new();
        for (int i = 0; i < parts.Count; i++)
        {
            RequestFields part = new(parts[i], message.PathOf($"content[{i}]"));
            string type = part.RequiredText("type");
            switch (type)
            {
                case "text":
                    text.Append(part.RequiredText("text"));
                    break;
                case "refusal":
                    text.Append(part.RequiredText("refusal"));
                    break;
                case "file":
                    RequestFields file = part.Object("file") ?? throw part.Missing("file");
                    text.Append(await files.TextOfAsync(file, cancellation).ConfigureAwait(false));
                    break;
                default:
                    throw ApiException.Unsupported(
                        part.PathOf("type"), $"expected text or file, found '{type}': the models here only read text.");
            }
            part.Ignore("cache_control");
            part.RefuseTheRest();
        }
        return text.ToString();
    }

    private static List<ChatToolCall>? Calls(RequestFields message)
    {
        if (message.Array("tool_calls", MostCalls) is not { Count: > 0 } given) return null;
        List<ChatToolCall> calls = [];
        for (int i = 0; i < given.Count; i++)
        {
            RequestFields call = new(given[i], message.PathOf($"tool_calls[{i}]"));
            call.Ignore("id", "type", "index");
            RequestFields function = call.Object("function") ?? throw call.Missing("function");
            string name = function.RequiredText("name"), arguments = function.Text("arguments") ?? "";
            function.RefuseTheRest();
            call.RefuseTheRest();
            calls.Add(new ChatToolCall(name, Checked(arguments, function.PathOf("arguments"))));
        }
        return calls;
    }

    /// <summary>Arguments of a call that a client has sent back, as JSON.</summary>
    public static string Checked(string arguments, string path)
    {
        if (string.IsNullOrWhiteSpace(arguments)) return "{}";
        try
        {
            using JsonDocument parsed = JsonDocument.Parse(arguments);
            return arguments;
        }
        catch (JsonException)
        {
            throw ApiException.Invalid(path, "expected JSON, found something else.");
        }
    }
}
