using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using AhnSharp.Constraints;
using AhnSharp.Gguf;

namespace AhnSharp.Generation;

/// <summary>Calls of tools as the only texts that an answer, or a part of one, may be.</summary>
internal static class ToolConstraint
{
    // An answer that must call goes on to call as long as the model likes; far more calls than anybody makes of one answer.
    private const int MostCalls = 32;

    // Requests come with the same tools again and again, and masks are kept per constraint.
    private static readonly ConstraintCache s_cache = new(64);

    /// <summary>An answer that must call.</summary>
    /// <param name="tools">As the chat template is given them: <c>{"type": "function", "function": {"name", "parameters"}}</c>.</param>
    /// <param name="choice">Which must be called.</param>
    /// <param name="parallel">Whether there may be several calls.</param>
    /// <exception cref="ArgumentException">There is no such tool, or one without a name.</exception>
    /// <exception cref="ConstraintException">A tool's schema says what is not supported.</exception>
    public static Constraint Of(IReadOnlyList<JsonNode> tools, ToolChoice choice, bool parallel)
    {
        (string Name, JsonNode? Parameters)[] callable =
            [.. tools.Select(Read).Where(tool => choice.Name is null || choice.Name == tool.Name)];
        if (callable.Length == 0)
        {
            throw new ArgumentException(choice.Name is null
                ? "A call is required: expected at least one tool, found none."
                : $"A call of {GgufText.Quote(choice.Name)} is required: expected a tool of that name, found "
                    + $"{(tools.Count == 0 ? "none" : string.Join(", ", tools.Select(tool => GgufText.Quote(Read(tool).Name))))}.",
                nameof(choice));
        }
        return s_cache.Get(parallel ? "calls" : "a call", KeyOf(callable), _ =>
        {
            Constraint call = Constraint.AnyOf([.. callable.Select(tool => Call(tool.Name, Arguments(tool.Parameters)))]);
            return parallel
                ? Constraint.Sequence(call, Constraint.Repeat(Constraint.Sequence(Constraint.Literal("\n"), call), 0, MostCalls - 1))
                : call;
        });
    }

    /// <summary>A call that a model makes by itself, its marks and white space behind it among it: in any spacing, by any tool.</summary>
    /// <remarks>
    /// A tool whose schema says what is not supported may be called with any object: who leaves it to the model whether it calls has asked
    /// for no constraint, and was not refused such a tool before.
    /// </remarks>
    /// <returns>null where a tool has no name that is known here: then nobody knows what a call may be.</returns>
    public static Constraint? OfOne(IReadOnlyList<JsonNode> tools)
    {
        if (!tools.All(static tool => NameOf(tool) is not null)) return null;
        (string Name, JsonNode? Parameters)[] callable = [.. tools.Select(Read)];
        return s_cache.Get("one call", KeyOf(callable), _ => Constraint.Of(Node.All(
            Node.Text(AnswerReader.CallMark),
            JsonSyntax.Space,
            Node.Text("{"),
            JsonSyntax.Space,
            Node.Text("\"name\""),
            Node.Optional(Node.Text(" ")),
            Node.Text(":"),
            JsonSyntax.Space,
            Node.Any([.. callable.Select(tool => Named(tool.Name, ArgumentsOrAny(tool.Parameters)))]),
            Node.Text("}"),
            JsonSyntax.Space,
            Node.Text(AnswerReader.CallEndMark),
            Node.Many(new Node.Chars(CharSet.Of((9, 10), (13, 13), (' ', ' ')), CharCoding.Utf8)))));
    }

    private static Node Named(string name, Constraint arguments)
    {
        Node all = Node.All(JsonSyntax.Comma, JsonSyntax.Member(Node.Text("arguments"), arguments.Node));
        // A tool without arguments is called without them by some.
        if (arguments.Matches("{}")) all = Node.Optional(all);
        return Node.All(JsonSyntax.Quoted(Node.Text(name, CharCoding.JsonPlain)), all, JsonSyntax.Space);
    }

    private static Constraint Call(string name, Constraint arguments) => Constraint.Sequence(
        Constraint.Literal($"{AnswerReader.CallMark}\n{{\"name\": \"{JsonEncodedText.Encode(name)}\", \"arguments\": "),
        arguments,
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

    private static Constraint ArgumentsOrAny(JsonNode? parameters)
    {
        try
        {
            return Arguments(parameters);
        }
        catch (ConstraintException)
        {
            return Constraint.JsonObject;
        }
    }

    private static string KeyOf((string Name, JsonNode? Parameters)[] tools) =>
        string.Join('\n', tools.Select(tool => JsonEncodedText.Encode(tool.Name) + " " + tool.Parameters?.ToJsonString()));

    private static (string Name, JsonNode? Parameters) Read(JsonNode tool) => NameOf(tool) is { } name
        ? (name, FunctionOf(tool)!["parameters"])
        : throw new ArgumentException(
            $"A tool: expected an object with a function and its name, found {GgufText.Shortened(tool.ToJsonString())}.", nameof(tool));

    private static string? NameOf(JsonNode tool) =>
        FunctionOf(tool)?["name"] is JsonValue value && value.TryGetValue(out string? name) && name.Length > 0 ? name : null;

    private static JsonObject? FunctionOf(JsonNode tool) => tool is JsonObject one ? (one["function"] ?? one) as JsonObject : null;
}
