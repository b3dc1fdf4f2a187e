using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using AhnSharp.Generation;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.OpenAI;

/// <summary>Functions that an answer may call, and whether it does, as OpenAI's chats write them.</summary>
internal static class ToolFields
{
    private const int MostTools = 512;

    public static List<JsonNode>? Tools(RequestFields fields)
    {
        if (fields.Array("tools", MostTools) is not { Count: > 0 } given) return null;
        List<JsonNode> tools = [];
        for (int i = 0; i < given.Count; i++)
        {
            RequestFields tool = new(given[i], fields.PathOf($"tools[{i}]"));
            string type = tool.RequiredText("type");
            if (type != "function")
            {
                throw ApiException.Unsupported(
                    tool.PathOf("type"), $"expected function, found '{type}', which a service would have to offer.");
            }
            RequestFields function = tool.Object("function") ?? throw tool.Missing("function");
            tools.Add(Described(function));
            tool.RefuseTheRest();
        }
        return tools;
    }

    /// <summary>A function with its name, description and parameters, as templates show it.</summary>
    public static JsonNode Described(RequestFields function, string parametersName = "parameters")
    {
        JsonObject described = new() { ["name"] = function.RequiredText("name") };
        if (function.Text("description") is { } text) described["description"] = text;
        described["parameters"] = function.Take(parametersName) is { } parameters
            ? JsonNode.Parse(parameters.GetRawText()) : new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
        function.Ignore("strict"); // arguments are by the schema in any case
        function.RefuseTheRest();
        return new JsonObject { ["type"] = "function", ["function"] = described };
    }

    public static ToolChoice Choice(RequestFields fields)
    {
        if (fields.Take("tool_choice") is not { } choice) return ToolChoice.Auto;
        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => ToolChoice.None,
                "auto" => ToolChoice.Auto,
                "required" => ToolChoice.Required,
                _ => throw fields.Wrong("tool_choice", "none, auto, required or a function", choice),
            };
        }
        RequestFields named = new(choice, fields.PathOf("tool_choice"));
        if (named.RequiredText("type") != "function")
            throw ApiException.Unsupported(named.PathOf("type"), "expected function.");
        RequestFields function = named.Object("function") ?? named; // responses write the name beside the type
        string name = function.RequiredText("name");
        function.RefuseTheRest();
        named.RefuseTheRest();
        return ToolChoice.Named(name);
    }
}
