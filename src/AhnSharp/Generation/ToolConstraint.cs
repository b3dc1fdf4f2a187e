using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using AhnSharp.Constraints;
using AhnSharp.Gguf;

namespace AhnSharp.Generation;

/// <summary>Calls of tools as the only texts that an answer may be.</summary>
internal static class ToolConstraint
{
    // An answer that must call goes on to call as long as the model likes; far more calls than anybody makes of one answer.
    private const int MostCalls = 32;

    /// <param name="tools">As the chat template is given them: <c>{"type": "function", "function": {"name", "parameters"}}</c>.</param>
    /// <param name="choice">Which must be called.</param>
    /// <param name="parallel">Whether there may be several calls.</param>
    /// <exception cref="ArgumentException">There is no such tool, or one without a name.</exception>
    public static Constraint Of(IReadOnlyList<JsonNode> tools, ToolChoice choice, bool parallel)
    {
        List<Constraint> calls = [];
        foreach (JsonNode tool in tools)
        {
            string name = NameOf(tool, out JsonNode? parameters);
            if (choice.Name is null || choice.Name == name) calls.Add(Call(name, parameters));
        }
        if (calls.Count == 0)
        {
            throw new ArgumentException(choice.Name is null
                ? "A call is required: expected at least one tool, found none."
                : $"A call of {GgufText.Quote(choice.Name)} is required: expected a tool of that name, found "
                    + $"{(tools.Count == 0 ? "none" : string.Join(", ", tools.Select(tool => GgufText.Quote(NameOf(tool, out _)))))}.",
                nameof(choice));
        }
        Constraint call = Constraint.AnyOf([.. calls]);
        return parallel
            ? Constraint.Sequence(call, Constraint.Repeat(Constraint.Sequence(Constraint.Literal("\n"), call), 0, MostCalls - 1))
            : call;
    }

    private static Constraint Call(string name, JsonNode? parameters) => Constraint.Sequence(
        Constraint.Literal($"{AnswerReader.CallMark}\n{{\"name\": \"{JsonEncodedText.Encode(name)}\", \"arguments\": "),
        Arguments(parameters),
        Constraint.Literal($"}}\n{AnswerReader.CallEndMark}"));

    // An argument that no schema names is none that a program could take.
    private static Constraint Arguments(JsonNode? parameters)
    {
        if (parameters is null) return Constraint.JsonSchema("""{"type": "object"}""", closed: true);
        parameters = parameters.DeepClone();
        // Semantic Kernel writes a function's description there; JSON Schema has no such word.
        if (parameters is JsonObject all && all["condition"] is JsonValue) all.Remove("condition");
        return Constraint.JsonSchema(parameters.ToJsonString(), closed: true);
    }

    private static string NameOf(JsonNode tool, out JsonNode? parameters)
    {
        JsonNode? function = tool is JsonObject ? tool["function"] ?? tool : null;
        parameters = function?["parameters"];
        return function?["name"] is JsonValue value && value.TryGetValue(out string? name) && name.Length > 0
            ? name
            : throw new ArgumentException(
                $"A tool: expected an object with a function and its name, found {GgufText.Shortened(tool.ToJsonString())}.", nameof(tool));
    }
}
