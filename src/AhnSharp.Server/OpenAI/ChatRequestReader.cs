using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.OpenAI;

/// <summary>The body of <c>/v1/chat/completions</c>.</summary>
internal static class ChatRequestReader
{
    public const int MostAnswers = 64, MostDocuments = 64;

    public static async Task<AnswerRequest> ReadAsync(RequestFields fields, GenerationOptions defaults, CancellationToken cancellation)
    {
        AttachedFiles files = new();
        List<ChatMessage> turns = await MessageFields.ReadAsync(fields, files, cancellation).ConfigureAwait(false);
        GenerationOptions generation = GenerationFields.Read(fields, defaults);
        bool wantsProbabilities = fields.Flag("logprobs") ?? false;
        int? top = fields.WholeNumber("top_logprobs", 0, GenerationOptions.MaxTopLogProbabilities);
        if (top is not null && !wantsProbabilities) throw ApiException.Invalid("top_logprobs", "expected logprobs to be true beside it.");
        if (wantsProbabilities) generation = generation with { TopLogProbabilities = top ?? 0 };
        ToolChoice choice = ToolFields.Choice(fields);
        AnswerRequest request = new()
        {
            Model = fields.Text("model"),
            Turns = turns,
            Generation = generation,
            Tools = ToolFields.Tools(fields),
            ToolChoice = choice,
            ParallelCalls = fields.Flag("parallel_tool_calls") ?? choice.Name is null, // a named function is called once
            Thinking = Thinking(fields),
            Count = fields.WholeNumber("n", 1, MostAnswers) ?? 1,
            ReusesPrefix = fields.Flag("cache_prompt") ?? true,
            Documents = [.. (fields.Texts("documents", MostDocuments) ?? []).Concat(files.Documents)],
            WantsSources = fields.Flag("sources") ?? false,
            Streams = fields.Flag("stream") ?? false,
        };
        return request;
    }

    /// <summary>Takes what changes nothing here, and refuses what cannot be done and what is unknown.</summary>
    public static void Finish(RequestFields fields)
    {
        if (fields.Array("modalities", 8) is { } modalities
            && modalities.Any(static one => one.ValueKind != JsonValueKind.String || one.GetString() != "text"))
            throw ApiException.Unsupported("modalities", "expected text alone: the models here only read and write text.");
        fields.Word("service_tier", "auto", "default");
        // Names for a provider's own statistics and caches.
        fields.Ignore("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");
        fields.Refuse("store", "this server keeps no chats; /v1/responses keeps answers.");
        fields.Refuse("audio", "the models here only write text.");
        fields.Refuse("prediction", "an answer cannot be predicted here.");
        fields.Refuse("web_search_options", "this server searches nothing.");
        fields.Refuse("functions", "expected tools, which have taken its place.");
        fields.Refuse("function_call", "expected tool_choice, which has taken its place.");
        fields.Refuse("verbosity", "these models have no such setting: say it in the messages.");
        fields.RefuseTheRest();
    }

    /// <summary>Whether a usage stands at the end of a stream.</summary>
    public static bool WantsUsage(RequestFields fields)
    {
        if (fields.Object("stream_options") is not { } options) return false;
        bool wants = options.Flag("include_usage") ?? false;
        options.Ignore("include_obfuscation");
        options.RefuseTheRest();
        return wants;
    }

    // As OpenAI, llama-server and vLLM say it.
    private static bool? Thinking(RequestFields fields)
    {
        bool? thinking = fields.Word("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh") is { } effort
            ? effort != "none" : null;
        if (fields.Object("chat_template_kwargs") is { } keywords)
        {
            thinking = keywords.Flag("enable_thinking") ?? thinking;
            keywords.RefuseTheRest();
        }
        return fields.Flag("enable_thinking") ?? thinking;
    }
}
