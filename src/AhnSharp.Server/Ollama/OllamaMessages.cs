using System.Collections.Generic;
using System.Text.Json;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Ollama;

/// <summary>The messages of <c>/api/chat</c> as turns of a template.</summary>
internal static class OllamaMessages
{
    private const int MostMessages = 100_000, MostCalls = 512;

    public static List<ChatMessage> Read(RequestFields fields)
    {
        List<ChatMessage> turns = [];
        foreach (JsonElement one in fields.Array("messages", MostMessages) ?? [])
        {
            RequestFields message = new(one, $"messages[{turns.Count}]");
            string role = message.Word("role", "system", "user", "assistant", "tool") ?? throw message.Missing("role");
            string text = message.Text("content") ?? "";
            if (message.Array("images", MostCalls) is { Count: > 0 })
                throw ApiException.Unsupported(message.PathOf("images"), "the models here only read text.");
            List<ChatToolCall> calls = [];
            foreach (JsonElement given in message.Array("tool_calls", MostCalls) ?? [])
            {
                RequestFields call = new(given, message.PathOf($"tool_calls[{calls.Count}]"));
                call.Ignore("id", "type");
                RequestFields function = call.Object("function") ?? throw call.Missing("function");
                function.Ignore("index", "description");
                JsonElement? arguments = function.Take("arguments");
                calls.Add(new ChatToolCall(function.RequiredText("name"), arguments?.GetRawText() ?? "{}"));
                function.RefuseTheRest();
                call.RefuseTheRest();
            }
            message.Ignore("tool_name", "tool_call_id", "thinking", "name");
            message.RefuseTheRest();
            turns.Add(new ChatMessage(role, text, calls.Count > 0 ? calls : null));
        }
        return turns;
    }
}
