using System;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AhnSharp.Constraints;

/// <summary>A schema whose objects have no more than the members that it names, where it does not say otherwise.</summary>
/// <remarks>
/// By the standard an object may have any further members, and a model that is free to go on writes some. Parts of allOf stay as they are:
/// closed, each would refuse the members of the others.
/// </remarks>
internal static class ClosedSchema
{
    public static string Of(string schema)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(schema);
            Close(node);
            return node?.ToJsonString() ?? "null";
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException)
        {
            return schema; // said where the schema is read
        }
    }

    private static void Close(JsonNode? schema)
    {
        if (schema is not JsonObject one) return;
        if (one.ContainsKey("properties") || (one["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "object"))
            one.TryAdd("additionalProperties", JsonValue.Create(false));
        foreach (string parts in (ReadOnlySpan<string>)["properties", "$defs", "definitions"])
        {
            foreach ((_, JsonNode? part) in one[parts] as JsonObject ?? []) Close(part);
        }
        foreach (string parts in (ReadOnlySpan<string>)["anyOf", "oneOf", "prefixItems"])
        {
            foreach (JsonNode? part in one[parts] as JsonArray ?? []) Close(part);
        }
        Close(one["items"]);
    }
}
