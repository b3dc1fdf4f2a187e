using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AhnSharp.Gguf;
using AhnSharp.Tokenizer.Templates;

namespace AhnSharp.Tokenizer;

/// <summary>The chat template of a model: a conversation → the text, or the ids, that the model was trained to read.</summary>
/// <remarks>
/// An interpreter of Jinja's expressions, filters, tests and tags without files (no include, import, extends, block), set up as
/// transformers sets it up (trim_blocks, lstrip_blocks, its own tojson, raise_exception, strftime_now, generation, break and continue;
/// messages, tools, documents = None add_generation_prompt and, where it is set, enable_thinking as variables; nothing changes a value but
/// a namespace). Other constructs are refused by name and line. Steps, depth and characters are bounded in proportion to the conversation.
/// Immutable; for any number of threads at once.
/// </remarks>
public sealed class ChatTemplate
{
    private const string ThinkingVariable = "enable_thinking";
    private static readonly Dictionary<string, string> NoTokens = [];

    private readonly string _source;
    private readonly List<TemplateStatement> _statements;
    private readonly IReadOnlyDictionary<string, string> _namedTokens;
    private readonly TimeProvider _time;
    private readonly bool? _thinking;

    private ChatTemplate(string source, IReadOnlyDictionary<string, string> namedTokens, TimeProvider? time)
    {
        _source = source;
        _statements = TemplateParser.Parse(source);
        _namedTokens = namedTokens;
        _time = time ?? TimeProvider.System;
    }

    private ChatTemplate(ChatTemplate other, bool? thinking) =>
        (_source, _statements, _namedTokens, _time, _thinking) =
            (other._source, other._statements, other._namedTokens, other._time, thinking);

    private ChatTemplate(ChatTemplate other, TimeProvider time) =>
        (_source, _statements, _namedTokens, _time, _thinking) =
            (other._source, other._statements, other._namedTokens, time, other._thinking);

    /// <summary>Reads a template's source.</summary>
    /// <param name="source">The template.</param>
    /// <param name="tokenizer">Whose <c>bos_token</c>, <c>eos_token</c> and <c>pad_token</c> the template
    /// knows; null: it knows none.</param>
    /// <param name="time">What <c>strftime_now</c> asks for the time; null: the system.</param>
    /// <exception cref="ChatTemplateException">It is broken or uses what is not supported.</exception>
    public static ChatTemplate Parse(string source, QwenTokenizer? tokenizer = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(source, tokenizer?.NamedTokens ?? NoTokens, time);
    }

    /// <summary>
    /// The template of a tokenizer's file, with <c>bos_token</c>, <c>eos_token</c> and <c>pad_token</c> as the file
    /// has them; null where it has none.
    /// </summary>
    /// <exception cref="ChatTemplateException">It is broken or uses what is not supported.</exception>
    public static ChatTemplate? FromTokenizer(QwenTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        // A template that is empty says nothing: the file has none.
        return string.IsNullOrWhiteSpace(
            tokenizer.ChatTemplateSource) ? null : new ChatTemplate(tokenizer.ChatTemplateSource, tokenizer.NamedTokens, null);
    }

    /// <summary>
    /// Whether it asks for <c>enable_thinking</c>, by which a template as Qwen3's writes an answer with or without thoughts before it.
    /// </summary>
    public bool KnowsThinking => _source.Contains(ThinkingVariable, StringComparison.Ordinal);

    /// <summary>
    /// The same template with its variable <c>enable_thinking</c> set; null leaves it undefined, which is for the template to read.
    /// </summary>
    public ChatTemplate WithThinking(bool? thinking) => thinking == _thinking ? this : new ChatTemplate(this, thinking);

    /// <summary>The same template with its clock stopped, so that several of its texts can be compared.</summary>
    internal ChatTemplate AtOneMoment() => new(this, new StoppedClock(_time));

    /// <summary>The conversation as text.</summary>
    /// <param name="messages">The turns, oldest first.</param>
    /// <param name="tools">JSON schemas of the tools that the assistant may call; null where there are none.</param>
    /// <param name="addGenerationPrompt">Whether the text ends with the beginning of the assistant's answer.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation, or costs too much.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonNode>? tools = null, bool addGenerationPrompt = true) =>
        Run(messages, tools, addGenerationPrompt).Text;

    /// <summary>
    /// The conversation as ids: special tokens that the template wrote are recognised, and none inside messages, tool calls or tools.
    /// </summary>
    /// <remarks>
    /// Between special tokens, text of the template and of messages is encoded in one piece, as the text of <see cref="Render"/> would be.
    /// </remarks>
    /// <inheritdoc cref="Render"/>
    public int[] Encode(QwenTokenizer tokenizer, IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonNode>? tools = null,
        bool addGenerationPrompt = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        bool[] trusted = RenderTrusted(messages, tools, addGenerationPrompt, out string text);
        return tokenizer.Begun(tokenizer.Encode(text, trusted));
    }

    /// <summary>The conversation as text, and for each of its UTF-16 units whether the template wrote it.</summary>
    internal bool[] RenderTrusted(
        IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonNode>? tools, bool addGenerationPrompt, out string text)
    {
        TemplateString rendered = Run(messages, tools, addGenerationPrompt);
        bool[] trusted = new bool[rendered.Length];
        rendered.CopyOrigins(trusted);
        text = rendered.Text;
        return trusted;
    }

    /// <summary>SHA-256 over the source and the tokens it can name: two templates with the same one write the same.</summary>
    internal byte[] Identity()
    {
        var hash = new Sha256();
        hash.Append(Encoding.UTF8.GetBytes(_source));
        foreach ((string name, string token) in _namedTokens.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            hash.Append(Encoding.UTF8.GetBytes($"\0{name}\0{token}"));
        }
        return hash.Finish();
    }

    private TemplateString Run(IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonNode>? tools, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<string> toolTexts = tools is null ? [] : [.. tools.Select(static tool => tool.ToJsonString())];
        long characters = messages.Sum(static m =>
            m.Role.Length + (long)(m.Content?.Length ?? 0) + (m.ToolCalls?.Sum(static c => c.Name.Length + (long)c.Arguments.Length) ?? 0))
            + toolTexts.Sum(static text => (long)text.Length);
        TemplateRun run = new(
            new TemplateBudget(messages.Count + (messages.Sum(static m => m.ToolCalls?.Count ?? 0)) + toolTexts.Count, characters),
            _time.GetLocalNow());
        foreach ((string name, string token) in _namedTokens) run.Scope.Set(name, TemplateString.OfTemplate(token));
        run.Scope.Set("messages", messages.Select(ValueOf).ToList());
        run.Scope.Set("tools", tools is null ? null : toolTexts.Select((text, i) => Json(text, $"tool {i}")).ToList());
        run.Scope.Set("documents", null);
        run.Scope.Set("add_generation_prompt", addGenerationPrompt);
        if (_thinking is { } thinking) run.Scope.Set(ThinkingVariable, thinking);
        run.Execute(_statements);
        return run.Output;
    }

    private static object? ValueOf(ChatMessage message)
    {
        TemplateMap value = new();
        value.Set("role", TemplateString.OfValue(message.Role));
        value.Set("content", message.Content is null ? null : TemplateString.OfValue(message.Content));
        if (message.ToolCalls is { Count: > 0 } calls) value.Set("tool_calls", calls.Select(ValueOf).ToList());
        return value;
    }

    private static object? ValueOf(ChatToolCall call)
    {
        TemplateMap function = new();
        function.Set("name", TemplateString.OfValue(call.Name));
        function.Set("arguments", Json(call.Arguments, $"the arguments of the call of {GgufText.Quote(call.Name)}"));
        TemplateMap value = new();
        value.Set("type", TemplateString.OfValue("function"));
        value.Set("function", function);
        return value;
    }

    private sealed class StoppedClock(TimeProvider time) : TimeProvider
    {
        private readonly DateTimeOffset _now = time.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _now;

        public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;
    }

    private static object? Json(string text, string what)
    {
        try
        {
            return TemplateJson.Read(text);
        }
        catch (JsonException wrong)
        {
            throw new ChatTemplateException(
                $"expected JSON in {what}, found {GgufText.Quote(text)} ({GgufText.Shortened(wrong.Message)}).");
        }
    }
}
