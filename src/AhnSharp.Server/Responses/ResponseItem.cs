using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using AhnSharp.Generation;
using AhnSharp.Server.OpenAI;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Responses;

/// <summary>An item of a response's output: a message, thoughts, or a call of a function.</summary>
/// <param name="kind">What it is.</param>
/// <param name="id">Its name.</param>
internal sealed class ResponseItem(ResponseItemKind kind, string id)
{
    public ResponseItemKind Kind => kind;

    public string Id => id;

    /// <summary>What it says; of a call its arguments.</summary>
    public StringBuilder Text { get; } = new();

    /// <summary>The function that is called.</summary>
    public string Name { get; init; } = "";

    /// <summary>The name of the call, by which its result comes back.</summary>
    public string CallId { get; init; } = "";

    /// <summary>Tokens of a message, where they were asked for.</summary>
    public List<GeneratedToken> Tokens { get; } = [];

    /// <summary>Whether all of it is said.</summary>
    public bool IsDone { get; set; }

    public void Write(Utf8JsonWriter json, QwenTokenizer? tokenizer)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        string status = IsDone ? "completed" : "in_progress";
        switch (kind)
        {
            case ResponseItemKind.Call:
                json.WriteString("type", "function_call");
                json.WriteString("status", status);
                json.WriteString("call_id", CallId);
                json.WriteString("name", Name);
                json.WriteString("arguments", Text.ToString());
                break;
            case ResponseItemKind.Thoughts:
                json.WriteString("type", "reasoning");
                json.WriteStartArray("summary");
                json.WriteEndArray();
                json.WriteStartArray("content");
                if (IsDone) WritePart(json, tokenizer);
                json.WriteEndArray();
                break;
            default:
                json.WriteString("type", "message");
                json.WriteString("status", status);
                json.WriteString("role", "assistant");
                json.WriteStartArray("content");
                if (IsDone) WritePart(json, tokenizer);
                json.WriteEndArray();
                break;
        }
        json.WriteEndObject();
    }

    /// <summary>The one part of a message or of thoughts.</summary>
    public void WritePart(Utf8JsonWriter json, QwenTokenizer? tokenizer)
    {
        json.WriteStartObject();
        json.WriteString("type", kind == ResponseItemKind.Thoughts ? "reasoning_text" : "output_text");
        json.WriteString("text", Text.ToString());
        if (kind == ResponseItemKind.Message)
        {
            json.WriteStartArray("annotations");
            json.WriteEndArray();
            json.WriteStartArray("logprobs");
            foreach (GeneratedToken token in Tokens)
            {
                if (tokenizer is not null) OpenAIJson.WriteToken(json, token, tokenizer);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
