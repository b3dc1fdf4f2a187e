using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.OpenAI;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Responses;

/// <summary>The body of <c>/v1/responses</c>.</summary>
internal static class ResponseReader
{
    private const int MostItems = 100_000, MostParts = 10_000, MostTools = 512;
    private static readonly string[] s_echoed =

        [
            "metadata", "parallel_tool_calls", "temperature", "top_p", "tool_choice", "tools", "text",
            "reasoning", "max_output_tokens", "user",
        ];

    /// <param name="fields">The body.</param>
    /// <param name="defaults">What stands where it says nothing.</param>
    /// <param name="find">The turns of a kept response.</param>
    /// <param name="cancellation">Ends the reading of files.</param>
    public static async Task<ResponseRequest> ReadAsync(RequestFields fields, GenerationOptions defaults,
        System.Func<string, IReadOnlyList<ChatMessage>> find, CancellationToken cancellation)
    {
        AttachedFiles files = new();
        List<ChatMessage> turns = await InputAsync(fields, files, cancellation).ConfigureAwait(false);
        string? instructions = fields.Text("instructions"), previous = fields.Text("previous_response_id");
        Dictionary<string, JsonElement> echoed = [];
        foreach (string name in s_echoed)
        {
            if (fields.Take(name) is { } value) echoed[name] = value.Clone();
        }
        GenerationOptions generation = Generation(fields, defaults);
        ToolChoice choice = ToolFields.Choice(fields);
        AnswerRequest answer = new()
        {
            Model = fields.Text("model"),
            Turns =
            [
                .. instructions is null ? (IEnumerable<ChatMessage>)[] : [new ChatMessage("system", instructions)],
                .. previous is null ? [] : find(previous),
                .. turns,
            ],
            Generation = generation,
            Tools = Tools(fields),
            ToolChoice = choice,
            ParallelCalls = fields.Flag("parallel_tool_calls") ?? choice.Name is null, // a named function is called once
            Thinking = Thinking(fields),
            ReusesPrefix = fields.Flag("cache_prompt") ?? true,
            Documents = [.. (fields.Texts("documents", ChatRequestReader.MostDocuments) ?? []).Concat(files.Documents)],
            WantsSources = fields.Flag("sources") ?? false,
            Streams = fields.Flag("stream") ?? false,
        };
        bool isKept = fields.Flag("store") ?? true;
        Finish(fields);
        return new ResponseRequest(answer, turns, instructions, previous, isKept, echoed);
    }

    private static GenerationOptions Generation(RequestFields fields, GenerationOptions defaults)
    {
        GenerationOptions generation = GenerationFields.Read(fields, defaults);
        if (fields.WholeNumber("max_output_tokens", 1, int.MaxValue - 1) is { } most) generation = generation with { MaxTokens = most };
        bool wantsProbabilities = false;
        foreach (string include in fields.Texts("include", 32) ?? [])
        {
            if (include == "message.output_text.logprobs") wantsProbabilities = true;
            else if (include != "reasoning.encrypted_content") throw ApiException.Unsupported("include", $"'{include}' is not here.");
        }
        int? top = fields.WholeNumber("top_logprobs", 0, GenerationOptions.MaxTopLogProbabilities);
        if (wantsProbabilities) generation = generation with { TopLogProbabilities = top ?? 0 };
        if (fields.Object("text") is not { } text) return generation;
        text.Word("verbosity", "medium");
        if (text.Object("format") is { } format)
        {
            Constraint? constraint = format.Take("type") is { ValueKind: JsonValueKind.String } type && type.GetString() == "json_schema"
                ? GenerationFields.NamedSchema(format) : GenerationFields.ResponseFormat(format);
            generation = generation with { Constraint = constraint };
        }
        text.RefuseTheRest();
        return generation;
    }

    private static async Task<List<ChatMessage>> InputAsync(RequestFields fields, AttachedFiles files, CancellationToken cancellation)
    {
        JsonElement input = fields.Take("input") ?? throw fields.Missing("input");
        if (input.ValueKind == JsonValueKind.String) return [new ChatMessage("user", input.GetString())];
        IReadOnlyList<JsonElement> items = fields.Array("input", MostItems)!;
        if (items.Count == 0) throw ApiException.Invalid("input", "expected one item at least, found none.");
        List<ChatMessage> turns = [];
        for (int i = 0; i < items.Count; i++)
            await AddAsync(turns, new RequestFields(items[i], $"input[{i}]"), files, cancellation).ConfigureAwait(false);
        return turns;
    }

    private static async Task AddAsync(List<ChatMessage> turns, RequestFields item, AttachedFiles files, CancellationToken cancellation)
    {
        string type = item.Text("type") ?? "message";
        item.Ignore("id", "status");
        switch (type)
        {
            case "message":
                string role = item.Word("role", "system", "developer", "user", "assistant") ?? throw item.Missing("role");
                item.Ignore("phase");
                string text = await ContentAsync(item, files, cancellation).ConfigureAwait(false);
                turns.Add(new ChatMessage(role == "developer" ? "system" : role, text));
                break;
            case "function_call":
                item.Ignore("call_id");
                ChatToolCall call = new(
                    item.RequiredText("name"), MessageFields.Checked(item.Text("arguments") ?? "", item.PathOf("arguments")));
                // Calls that stand behind each other are one turn, with what was said before them.
                if (turns.Count > 0 && turns[^1] is { Role: "assistant" } last)
                    turns[^1] = last with { ToolCalls = [.. last.ToolCalls ?? [], call] };
                else turns.Add(new ChatMessage("assistant", "", [call]));
                break;
            case "function_call_output":
                item.Ignore("call_id");
                turns.Add(new ChatMessage("tool", OutputOf(item)));
                break;
            case "reasoning":
                return; // templates leave earlier thoughts out
            default:
                throw ApiException.Unsupported(
                    item.PathOf("type"), $"expected message, function_call or function_call_output, found '{type}'.");
        }
        item.RefuseTheRest();
    }

    private static async Task<string> ContentAsync(RequestFields message, AttachedFiles files, CancellationToken cancellation)
    {
        JsonElement content = message.Take("content") ?? throw message.Missing("content");
        if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
        IReadOnlyList<JsonElement> parts = message.Array("content", MostParts)!;
        StringBuilder text = new();
        for (int i = 0; i < parts.Count; i++)
        {
            RequestFields part = new(parts[i], message.PathOf($"content[{i}]"));
            string type = part.RequiredText("type");
            switch (type)
            {
                case "input_text" or "output_text" or "text":
                    text.Append(part.RequiredText("text"));
                    part.Ignore("annotations", "logprobs");
                    part.RefuseTheRest();
                    break;
                case "refusal":
                    text.Append(part.RequiredText("refusal"));
                    break;
                case "input_file":
                    text.Append(await files.TextOfAsync(part, cancellation).ConfigureAwait(false));
                    break;
                default:
                    throw ApiException.Unsupported(
                        part.PathOf("type"),
                        $"expected input_text, output_text or input_file, found '{type}': the models here only read text.");
            }
        }
        return text.ToString();
    }

    private static string OutputOf(RequestFields item)
    {
        JsonElement output = item.Take("output") ?? throw item.Missing("output");
        if (output.ValueKind == JsonValueKind.String) return output.GetString()!;
        return string.Concat(item.Array("output", MostParts)!.Select((part, i) =>
            new RequestFields(part, item.PathOf($"output[{i}]")).RequiredText("text")));
    }

    private static List<JsonNode>? Tools(RequestFields fields)
    {
        if (fields.Array("tools", MostTools) is not { Count: > 0 } given) return null;
        List<JsonNode> tools = [];
        for (int i = 0; i < given.Count; i++)
        {
            RequestFields tool = new(given[i], $"tools[{i}]");
            string type = tool.RequiredText("type");
            if (type != "function")
            {
                throw ApiException.Unsupported(
                    tool.PathOf("type"), $"expected function, found '{type}', which a service would have to offer.");
            }
            tools.Add(ToolFields.Described(tool));
        }
        return tools;
    }

    private static bool? Thinking(RequestFields fields)
    {
        if (fields.Object("reasoning") is not { } reasoning) return null;
        string? effort = reasoning.Word("effort", "none", "minimal", "low", "medium", "high", "xhigh");
        if (reasoning.Word("summary", "auto", "concise", "detailed") is { } and not "auto")
            throw ApiException.Unsupported(reasoning.PathOf("summary"), "nobody here summarises thoughts: they come whole.");
        reasoning.Ignore("generate_summary");
        reasoning.RefuseTheRest();
        return effort is null ? null : effort != "none";
    }

    private static void Finish(RequestFields fields)
    {
        fields.Word("truncation", "disabled"); // auto would drop what does not fit
        fields.Word("service_tier", "auto", "default");
        if (fields.Object("stream_options") is { } stream)
        {
            stream.Ignore("include_obfuscation");
            stream.RefuseTheRest();
        }
        fields.Ignore("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");
        fields.Refuse("background", "an answer here lives as long as its request; documents are read in the background.");
        fields.Refuse("conversation", "expected previous_response_id: responses are what is kept here.");
        fields.Refuse("prompt", "this server keeps no prompts.");
        fields.Refuse("max_tool_calls", "tools are called by whoever asks.");
        fields.RefuseTheRest();
    }
}
