using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Generation;
using Microsoft.Extensions.AI;

namespace AhnSharp.Extensions.AI;

/// <summary>Pieces of an answer as updates: text, thoughts, whole calls; at the end why it ended, and what it took.</summary>
internal sealed class ChatUpdates(ChatRequest request, string modelId)
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():n}";
    private readonly DateTimeOffset _created = DateTimeOffset.UtcNow;
    private readonly List<AIContent> _contents = []; // of the whole answer
    private readonly StringBuilder _arguments = new();
    private AnswerReader? _reader;
    private string _name = "";
    private int _calls;

    /// <summary>Whether the answer ends here, whatever the model would go on with.</summary>
    public bool IsEnough { get; private set; }

    /// <summary>Why it ended.</summary>
    public ChatFinishReason FinishReason { get; private set; } = ChatFinishReason.Stop;

    /// <summary>The whole answer.</summary>
    public ChatMessage Message => new(ChatRole.Assistant, [.. _contents]) { MessageId = _id };

    public IEnumerable<ChatResponseUpdate> Of(AnswerPiece piece, Completion completion)
    {
        _reader ??= new AnswerReader(request.Completion is { Tools.Count: > 0, ToolChoice.HasTools: true }, completion.BeginsInThoughts);
        List<AIContent> contents = ContentsOf(_reader.Push(piece.Text));
        if (contents.Count == 0 && piece.Tokens.Count == 0) yield break;
        ChatResponseUpdate update = New(contents);
        update.RawRepresentation = piece;
        if (piece.Tokens.Count > 0) update.AdditionalProperties = new() { ["logprobs"] = piece.Tokens };
        yield return update;
    }

    public IEnumerable<ChatResponseUpdate> End(Completion completion)
    {
        List<AIContent> rest = _reader is null || IsEnough ? [] : ContentsOf(_reader.Finish());
        if (rest.Count > 0) yield return New(rest);
        GenerationStatistics took = completion.Statistics!;
        FinishReason = _calls > 0 ? ChatFinishReason.ToolCalls
            : took.StopReason == StopReason.MaxTokens ? ChatFinishReason.Length : ChatFinishReason.Stop;
        long input = took.PromptTokens + took.ReusedTokens;
        List<AIContent> last =
        [
            new UsageContent(new UsageDetails
            {
                InputTokenCount = input,
                CachedInputTokenCount = took.ReusedTokens,
                OutputTokenCount = took.GeneratedTokens,
                ReasoningTokenCount = took.ThoughtTokens,
                TotalTokenCount = input + took.GeneratedTokens,
            }),
        ];
        if (completion.Sources.Count > 0)
        {
            last.Add(new TextContent("")
            {
                Annotations = [.. completion.Sources.Select(static source => new CitationAnnotation
                {
                    Snippet = source.Text,
                    AdditionalProperties = new()
                    {
                        ["first_token"] = source.FirstToken, ["tokens"] = source.Tokens, ["weight"] = source.Weight,
                    },
                })],
            });
        }
        ChatResponseUpdate end = New(last);
        end.FinishReason = FinishReason;
        end.RawRepresentation = took;
        if (took.Seed is { } seed) end.AdditionalProperties = new() { ["seed"] = seed };
        yield return end;
    }

    private ChatResponseUpdate New(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
    {
        ResponseId = _id,
        MessageId = _id,
        ModelId = modelId,
        CreatedAt = _created,
        ConversationId = request.ConversationId,
    };

    private List<AIContent> ContentsOf(IReadOnlyList<AnswerPart> parts)
    {
        List<AIContent> contents = [];
        foreach (AnswerPart part in parts)
        {
            switch (part.Kind)
            {
                case AnswerPartKind.Text:
                    contents.Add(new TextContent(part.Text));
                    break;
                case AnswerPartKind.Thought when request.ShowsThoughts:
                    contents.Add(new TextReasoningContent(part.Text));
                    break;
                case AnswerPartKind.CallBegins:
                    _name = part.Text;
                    _arguments.Clear();
                    break;
                case AnswerPartKind.CallArguments:
                    _arguments.Append(part.Text);
                    break;
                case AnswerPartKind.CallBreaks:
                    contents.Add(new TextContent(part.Text)); // what it began as was not told
                    break;
                case AnswerPartKind.CallEnds:
                    contents.Add(new FunctionCallContent($"call-{_id}-{_calls++}", _name, ArgumentsOf(_arguments.ToString())));
                    break;
            }
            if (!request.EndsWithCall || _calls == 0) continue;
            IsEnough = true;
            break;
        }
        _contents.AddRange(contents);
        return contents;
    }

    private static Dictionary<string, object?> ArgumentsOf(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Dictionary<string, object?> arguments = new(StringComparer.Ordinal);
        foreach (JsonProperty one in document.RootElement.EnumerateObject()) arguments[one.Name] = one.Value.Clone();
        return arguments;
    }
}
