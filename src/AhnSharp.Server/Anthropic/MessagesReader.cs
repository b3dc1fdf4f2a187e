using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Server.OpenAI;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Anthropic;

/// <summary>The body of <c>/v1/messages</c> and <c>/v1/messages/count_tokens</c>.</summary>
internal static class MessagesReader
{
    private const int MostMessages = 100_000, MostParts = 10_000, MostTools = 512, MostStops = 16;

    /// <param name="fields">The body.</param>
    /// <param name="defaults">What stands where it says nothing.</param>
    /// <param name="countsOnly">Whether nothing is to be written: then no number of tokens is asked for.</param>
    /// <param name="cancellation">Ends the reading of files.</param>
    public static async Task<AnswerRequest> ReadAsync(
        RequestFields fields, GenerationOptions defaults, bool countsOnly, CancellationToken cancellation)
    {
        AttachedFiles files = new();
        List<ChatMessage> turns = [];
        if (await SystemAsync(fields, files, cancellation).ConfigureAwait(false) is { Length: > 0 } system)
            turns.Add(new ChatMessage("system", system));
        IReadOnlyList<JsonElement> given = fields.Array("messages", MostMessages) ?? throw fields.Missing("messages");
        if (given.Count == 0) throw ApiException.Invalid("messages", "expected one message at least, found none.");
        for (int i = 0; i < given.Count; i++)
            await AddAsync(turns, new RequestFields(given[i], $"messages[{i}]"), files, cancellation).ConfigureAwait(false);
        int? most = fields.WholeNumber("max_tokens", 1, int.MaxValue - 1);
        if (most is null && !countsOnly) throw fields.Missing("max_tokens");
        SamplingOptions sampling = defaults.Sampling;
        (ToolChoice choice, bool parallel) = Choice(fields);
        AnswerRequest request = new()
        {
            Model = fields.Text("model"),
            Turns = turns,
            Generation = defaults with
            {
                MaxTokens = most ?? defaults.MaxTokens,
                Stop = fields.Texts("stop_sequences", MostStops) is { } stop ? [.. stop] : defaults.Stop,
                Sampling = sampling with
                {
                    Temperature = fields.Number("temperature", 0, 1) ?? sampling.Temperature,
                    TopP = fields.Number("top_p", 0, 1) ?? sampling.TopP,
                    TopK = fields.WholeNumber("top_k", 0, int.MaxValue) ?? sampling.TopK,
                },
                Constraint = Format(fields),
            },
            Tools = Tools(fields),
            ToolChoice = choice,
            ParallelCalls = parallel,
            Thinking = Thinking(fields),
            Documents = [.. (fields.Texts("documents", ChatRequestReader.MostDocuments) ?? []).Concat(files.Documents)],
            Streams = fields.Flag("stream") ?? false,
        };
        fields.Word("service_tier", "auto", "standard_only");
        fields.Ignore("metadata", "cache_control", "betas", "inference_geo");
        if (fields.Array("mcp_servers", MostTools) is { Count: > 0 })
            throw ApiException.Unsupported("mcp_servers", "this server asks no others.");
        fields.Refuse("container", "this server runs no containers.");
        fields.Refuse("context_management", "this server forgets nothing of a conversation by itself.");
        fields.RefuseTheRest();
        return request;
    }

    private static async Task<string> SystemAsync(RequestFields fields, AttachedFiles files, CancellationToken cancellation)
    {
        if (fields.Take("system") is not { } system) return "";
        if (system.ValueKind == JsonValueKind.String) return system.GetString()!;
        List<ChatMessage> none = [];
        return await PartsAsync(none, "system", fields, "system", files, [], cancellation).ConfigureAwait(false);
    }

    private static async Task AddAsync(List<ChatMessage> turns, RequestFields message, AttachedFiles files, CancellationToken cancellation)
    {
        string role = message.Word("role", "user", "assistant", "system") ?? throw message.Missing("role");
        JsonElement content = message.Take("content") ?? throw message.Missing("content");
        message.RefuseTheRest();
        if (content.ValueKind == JsonValueKind.String)
        {
            turns.Add(new ChatMessage(role, content.GetString()));
            return;
        }
        List<ChatToolCall> calls = [];
        int before = turns.Count;
        string text = await PartsAsync(turns, role, message, "content", files, calls, cancellation).ConfigureAwait(false);
        // Results of calls are turns of their own, before what the user says with them.
        if (text.Length > 0 || calls.Count > 0 || turns.Count == before)
            turns.Add(new ChatMessage(role, text, calls.Count > 0 ? calls : null));
    }

    private static async Task<string> PartsAsync(
        List<ChatMessage> turns, string role, RequestFields fields, string name, AttachedFiles files,
        List<ChatToolCall> calls, CancellationToken cancellation)
    {
        IReadOnlyList<JsonElement> parts = fields.Array(name, MostParts)!;
        StringBuilder text = new();
        for (int i = 0; i < parts.Count; i++)
        {
            RequestFields part = new(parts[i], fields.PathOf($"{name}[{i}]"));
            string type = part.RequiredText("type");
            part.Ignore("cache_control", "citations");
            switch (type)
            {
                case "text":
                    text.Append(part.RequiredText("text"));
                    break;
                case "document" when role == "user":
                    text.Append(await DocumentAsync(part, files, cancellation).ConfigureAwait(false));
                    break;
                case "tool_use" when role == "assistant":
                    part.Ignore("id", "caller");
                    JsonElement input = part.Take("input") ?? throw part.Missing("input");
                    calls.Add(new ChatToolCall(part.RequiredText("name"), input.GetRawText()));
                    break;
                case "tool_result" when role == "user":
                    part.Ignore("tool_use_id");
                    string result = ResultOf(part);
                    turns.Add(new ChatMessage("tool", part.Flag("is_error") == true ? $"Error: {result}" : result));
                    break;
                case "thinking" or "redacted_thinking" when role == "assistant":
                    continue; // templates leave earlier thoughts out
                default:
                    throw ApiException.Unsupported(part.PathOf("type"),
                        $"expected text, document, tool_use or tool_result where each belongs, found '{type}' of {role}.");
            }
            part.RefuseTheRest();
        }
        return text.ToString();
    }

    private static async Task<string> DocumentAsync(RequestFields part, AttachedFiles files, CancellationToken cancellation)
    {
        string? title = part.Text("title"), context = part.Text("context");
        RequestFields source = part.Object("source") ?? throw part.Missing("source");
        string type = source.RequiredText("type"), text;
        switch (type)
        {
            case "text":
                source.Ignore("media_type");
                text = source.RequiredText("data") + "\n\n";
                break;
            case "base64":
                text = await files.TextOfAsync(
                    source.RequiredText("data"), title, source.PathOf("data"), cancellation, source.Text("media_type"))
                    .ConfigureAwait(false);
                break;
            case "file":
                text = await files.TextOfAsync(source, cancellation).ConfigureAwait(false);
                break;
            default:
                throw ApiException.Unsupported(
                    source.PathOf("type"), $"expected text, base64 or file, found '{type}': this server fetches nothing.");
        }
        source.RefuseTheRest();
        string head = string.Concat(
            new[] { title, context }.Where(static line => !string.IsNullOrEmpty(line)).Select(static line => $"{line}\n\n"));
        return text.Length == 0 ? head : head + text;
    }

    private static string ResultOf(RequestFields part)
    {
        if (part.Take("content") is not { } content) return "";
        if (content.ValueKind == JsonValueKind.String) return content.GetString()!;
        StringBuilder text = new();
        IReadOnlyList<JsonElement> parts = part.Array("content", MostParts)!;
        for (int i = 0; i < parts.Count; i++)
        {
            RequestFields one = new(parts[i], part.PathOf($"content[{i}]"));
            if (one.RequiredText("type") is not "text" and var type)
                throw ApiException.Unsupported(one.PathOf("type"), $"expected text, found '{type}'.");
            text.Append(one.RequiredText("text"));
        }
        return text.ToString();
    }

    private static List<JsonNode>? Tools(RequestFields fields)
    {
        if (fields.Array("tools", MostTools) is not { Count: > 0 } given) return null;
        List<JsonNode> tools = [];
        for (int i = 0; i < given.Count; i++)
        {
            RequestFields tool = new(given[i], $"tools[{i}]");
            if (tool.Text("type") is { } type && type != "custom")
            {
                throw ApiException.Unsupported(
                    tool.PathOf("type"), $"expected custom, found '{type}', which a service would have to offer.");
            }
            tool.Ignore("cache_control", "eager_input_streaming", "input_examples", "allowed_callers", "defer_loading");
            tools.Add(ToolFields.Described(tool, "input_schema"));
        }
        return tools;
    }

    private static (ToolChoice Choice, bool Parallel) Choice(RequestFields fields)
    {
        if (fields.Object("tool_choice") is not { } given) return (ToolChoice.Auto, true);
        string type = given.Word("type", "auto", "any", "tool", "none") ?? throw given.Missing("type");
        ToolChoice choice = type switch
        {
            "none" => ToolChoice.None,
            "any" => ToolChoice.Required,
            "tool" => ToolChoice.Named(given.RequiredText("name")),
            _ => ToolChoice.Auto,
        };
        bool parallel = !(given.Flag("disable_parallel_tool_use") ?? choice.Name is not null); // a named tool is called once
        given.RefuseTheRest();
        return (choice, parallel);
    }

    private static bool? Thinking(RequestFields fields)
    {
        if (fields.Object("thinking") is not { } thinking) return null;
        string type = thinking.Word("type", "enabled", "disabled", "adaptive") ?? throw thinking.Missing("type");
        thinking.Ignore("budget_tokens", "display"); // these models stop thinking by themselves
        thinking.RefuseTheRest();
        return type != "disabled";
    }

    // output_config.format, and the older output_format.
    private static Constraints.Constraint? Format(RequestFields fields)
    {
        RequestFields? config = fields.Object("output_config"), format = config?.Object("format") ?? fields.Object("output_format");
        config?.Refuse("effort", "these models have no such setting.");
        config?.RefuseTheRest();
        if (format is null) return null;
        format.Word("type", "json_schema");
        JsonElement schema = format.Take("schema") ?? throw format.Missing("schema");
        format.RefuseTheRest();
        return Constraints.Constraint.JsonSchema(schema.GetRawText(), closed: true);
    }
}
