using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using Microsoft.Extensions.AI;

namespace AhnSharp.Extensions.AI;

/// <summary>What a request asks for, as the engine's options; what it asks for and cannot get is refused by its name.</summary>
internal sealed record ChatRequest
{
    /// <summary>How the answer is drawn.</summary>
    public required CompletionOptions Completion { get; init; }

    /// <summary>The conversation that it goes on; null: the messages are all of it.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Whether thoughts are handed out.</summary>
    public bool ShowsThoughts { get; init; } = true;

    /// <summary>Whether the answer ends with its first call.</summary>
    public bool EndsWithCall { get; init; }

    // Whether thoughts were asked for by name.
    private bool WantsThinking { get; init; }

    /// <param name="asked">The request's options.</param>
    /// <param name="host">Whose options stand where it says none.</param>
    /// <param name="client">The client that is asked.</param>
    public static ChatRequest Read(ChatOptions? asked, AhnModelHost host, IChatClient client)
    {
        CompletionOptions completion = host.Options.Completion;
        completion = completion with { Session = completion.Session ?? host.Options.ToSessionOptions() };
        if (asked is null) return new ChatRequest { Completion = completion };
        Refuse(asked, host.ModelId);
        if (RequestValues.Own<CompletionOptions>(asked.RawRepresentationFactory?.Invoke(client)) is { } own)
            completion = own with { Session = own.Session ?? completion.Session };
        GenerationOptions generation = completion.Generation ?? new GenerationOptions();
        generation = generation with
        {
            Sampling = Sampling(generation.Sampling, asked),
            MaxTokens = asked.MaxOutputTokens ?? generation.MaxTokens,
            Stop = asked.StopSequences is { } stop ? [.. stop] : generation.Stop,
            Constraint = ConstraintOf(asked.ResponseFormat) ?? generation.Constraint,
        };
        completion = ChatProperties.Apply(completion with { Generation = generation }, asked.AdditionalProperties);
        bool? thinking = asked.Reasoning?.Effort switch
        {
            null => completion.Thinking,
            ReasoningEffort.None => false,
            _ => true,
        };
        completion = completion with
        {
            Thinking = thinking,
            Tools = ToolsOf(asked.Tools) ?? completion.Tools,
            ToolChoice = ChoiceOf(asked.ToolMode) ?? completion.ToolChoice,
            ParallelCalls = asked.AllowMultipleToolCalls ?? completion.ParallelCalls,
        };
        return new ChatRequest
        {
            Completion = completion,
            ConversationId = asked.ConversationId,
            ShowsThoughts = asked.Reasoning?.Output is null or ReasoningOutput.Full,
            EndsWithCall = asked.AllowMultipleToolCalls == false,
            WantsThinking = asked.Reasoning?.Effort is not (null or ReasoningEffort.None),
        };
    }

    /// <exception cref="NotSupportedException">Thoughts were asked for, and the model's template knows none.</exception>
    public void CheckThinking(TextModel model)
    {
        if (WantsThinking && model.Template is { KnowsThinking: false })
        {
            throw new NotSupportedException(
                "Reasoning: expected a model that thinks, found one whose chat template knows no thoughts; leave it out.");
        }
    }

    private static void Refuse(ChatOptions asked, string modelId)
    {
        RequestValues.CheckModel(asked.ModelId, modelId);
        if (asked.AllowBackgroundResponses == true)
            throw new NotSupportedException("AllowBackgroundResponses: an answer here lives as long as its request.");
        if (asked.ContinuationToken is not null)
            throw new NotSupportedException("ContinuationToken: an answer here lives as long as its request, and cannot be gone on with.");
        if (asked.Reasoning?.Output == ReasoningOutput.Summary)
            throw new NotSupportedException("Reasoning.Output: expected Full or None, found Summary: nobody here summarises thoughts.");
    }

    private static SamplingOptions Sampling(SamplingOptions defaults, ChatOptions asked) => defaults with
    {
        Temperature = asked.Temperature ?? defaults.Temperature,
        TopP = asked.TopP ?? defaults.TopP,
        TopK = asked.TopK ?? defaults.TopK,
        FrequencyPenalty = asked.FrequencyPenalty ?? defaults.FrequencyPenalty,
        PresencePenalty = asked.PresencePenalty ?? defaults.PresencePenalty,
        Seed = asked.Seed is { } seed ? (ulong)seed : defaults.Seed,
    };

    private static Constraint? ConstraintOf(ChatResponseFormat? format) => format switch
    {
        null or ChatResponseFormatText => null,
        ChatResponseFormatJson { Schema: { } schema } => Constraint.JsonSchema(schema.GetRawText(), closed: true),
        ChatResponseFormatJson => Constraint.JsonObject,
        _ => throw new NotSupportedException($"ResponseFormat: expected text or JSON, found {format.GetType()}."),
    };

    private static List<JsonNode>? ToolsOf(IList<AITool>? tools)
    {
        if (tools is not { Count: > 0 }) return null;
        List<JsonNode> all = [];
        foreach (AITool tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
            {
                throw new NotSupportedException(
                    $"Tools: expected functions, found '{tool.Name}' ({tool.GetType().Name}), which a service would have to offer.");
            }
            JsonObject described = new() { ["name"] = function.Name };
            if (!string.IsNullOrEmpty(function.Description)) described["description"] = function.Description;
            described["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText());
            all.Add(new JsonObject { ["type"] = "function", ["function"] = described });
        }
        return all;
    }

    private static ToolChoice? ChoiceOf(ChatToolMode? mode) => mode switch
    {
        null => null,
        NoneChatToolMode => ToolChoice.None,
        AutoChatToolMode => ToolChoice.Auto,
        RequiredChatToolMode { RequiredFunctionName: { } name } => ToolChoice.Named(name),
        RequiredChatToolMode => ToolChoice.Required,
        _ => throw new NotSupportedException($"ToolMode: expected none, auto or required, found {mode.GetType()}."),
    };
}
