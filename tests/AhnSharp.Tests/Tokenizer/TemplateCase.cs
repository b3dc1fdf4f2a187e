using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using AhnSharp.Tokenizer;

namespace AhnSharp.Tests.Tokenizer;

/// <summary>Conversations of the fixtures under <c>templates</c>, and the clock that they were rendered by.</summary>
internal static class TemplateCase
{
    public static TimeProvider Clock { get; } = new FixedClock();

    public static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(Fixture.File($"templates/{name}")))!;

    public static List<ChatMessage> Messages(JsonNode input) => [.. input["messages"]!.AsArray().Select(m => MessageOf(m!))];

    public static List<JsonNode>? Tools(JsonNode input) => input["tools"]?.AsArray().Select(tool => tool!).ToList();

    private static ChatMessage MessageOf(JsonNode message) => new(
        message["role"]!.GetValue<string>(),
        message["content"]?.GetValue<string>(),
        message["tool_calls"]?.AsArray().Select(call =>
            new ChatToolCall(call!["function"]!["name"]!.GetValue<string>(), call["function"]!["arguments"]!.ToJsonString())).ToList());

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 3, 5, 14, 7, 9, TimeSpan.Zero).AddMicroseconds(123456);
    }
}
