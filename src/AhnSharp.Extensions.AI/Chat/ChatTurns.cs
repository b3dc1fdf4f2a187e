using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Tokenizer;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using Turn = AhnSharp.Tokenizer.ChatMessage;

namespace AhnSharp.Extensions.AI;

/// <summary>Messages of Microsoft.Extensions.AI as turns of a chat template.</summary>
/// <remarks>Thoughts of earlier answers are left out, as the models' own templates do. Files become their text.</remarks>
internal static class ChatTurns
{
    /// <param name="messages">All of the conversation.</param>
    /// <param name="instructions">The request's; they stand before the first system turn.</param>
    /// <param name="system">The system turn where neither the request nor the messages have one.</param>
    /// <param name="cancellation">Ends the reading of files.</param>
    public static async Task<IReadOnlyList<Turn>> OfAsync(
        IReadOnlyList<ChatMessage> messages, string? instructions, string? system, CancellationToken cancellation)
    {
        List<Turn> turns = [];
        foreach (ChatMessage message in messages) await AddAsync(turns, message, cancellation).ConfigureAwait(false);
        bool hasSystem = turns is [{ Role: "system" }, ..];
        if (!string.IsNullOrEmpty(instructions))
        {
            if (hasSystem) turns[0] = turns[0] with { Content = $"{instructions}\n\n{turns[0].Content}" };
            else turns.Insert(0, new Turn("system", instructions));
        }
        else if (system is not null && !hasSystem)
        {
            turns.Insert(0, new Turn("system", system));
        }
        return turns;
    }

    private static async Task AddAsync(List<Turn> turns, ChatMessage message, CancellationToken cancellation)
    {
        string role = message.Role.Value;
        if (role is not ("system" or "user" or "assistant" or "tool"))
            throw new NotSupportedException($"Role: expected system, user, assistant or tool, found '{role}'.");
        StringBuilder text = new();
        List<ChatToolCall> calls = [];
        bool hasResults = false;
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent said:
                    text.Append(said.Text);
                    break;
                case TextReasoningContent or UsageContent:
                    break;
                case FunctionCallContent call when role == "assistant":
                    calls.Add(new ChatToolCall(call.Name, JsonOf(call.Arguments)));
                    break;
                case FunctionResultContent result when role is "tool" or "user":
                    turns.Add(new Turn("tool", result.Exception is { } failure ? $"Error: {failure.Message}" : TextOf(result.Result)));
                    hasResults = true;
                    break;
                case DataContent data:
                    if (text.Length > 0) text.Append("\n\n");
                    text.Append(await Task.Run(() => FileText(data, cancellation), cancellation).ConfigureAwait(false)).Append("\n\n");
                    break;
                default:
                    throw new NotSupportedException($"Contents of a message of {role}: expected text, calls and results of functions, or "
                        + $"files with text, found {content.GetType().Name}.");
            }
        }
        if (hasResults && text.Length == 0) return;
        turns.Add(new Turn(role, text.ToString(), calls.Count > 0 ? calls : null));
    }

    private static string FileText(DataContent data, CancellationToken cancellation)
    {
        string type = data.MediaType;
        if (data.HasTopLevelMediaType("image") || data.HasTopLevelMediaType("audio") || data.HasTopLevelMediaType("video"))
            throw new NotSupportedException($"DataContent: expected a file with text, found {type}: the models here only read.");
        string name = data.Name ?? FileNames.Of(type);
        using MemoryStream stream = new(data.Data.ToArray(), writable: false);
        return new DocumentPrompt([DocumentReader.Read(name, stream, null, cancellation)]).Text;
    }

    private static string JsonOf(IDictionary<string, object?>? arguments)
    {
        JsonObject all = [];
        foreach ((string name, object? value) in arguments ?? new Dictionary<string, object?>()) all[name] = NodeOf(value);
        return all.ToJsonString();
    }

    private static string TextOf(object? result) => result switch
    {
        null => "null",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        IEnumerable<AIContent> contents => string.Concat(contents.OfType<TextContent>().Select(static content => content.Text)),
        TextContent text => text.Text,
        _ => NodeOf(result)?.ToJsonString() ?? "null",
    };

    private static JsonNode? NodeOf(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        _ => JsonSerializer.SerializeToNode(value, TypeOf(value)),
    };

    private static JsonTypeInfo TypeOf(object value) => AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType());
}
