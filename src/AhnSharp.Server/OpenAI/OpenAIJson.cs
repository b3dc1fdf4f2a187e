using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AhnSharp.Generation;
using AhnSharp.Server.Answers;
using AhnSharp.Server.Documents;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.OpenAI;

/// <summary>What the objects of OpenAI's interfaces have in common.</summary>
internal static class OpenAIJson
{
    public static string NewId(string prefix) => $"{prefix}{Guid.NewGuid():n}";

    public static string WordOf(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.Calls => "tool_calls",
        _ => "stop",
    };

    /// <summary>Tokens of all answers; the prompt counts once.</summary>
    public static void WriteUsage(Utf8JsonWriter json, IReadOnlyCollection<AnswerEnd> ends)
    {
        long prompt = 0, reused = long.MaxValue, written = 0, thoughts = 0;
        foreach (AnswerEnd end in ends)
        {
            prompt = Math.Max(prompt, end.PromptTokens);
            reused = Math.Min(reused, end.Took.ReusedTokens);
            written += end.Took.GeneratedTokens;
            thoughts += end.Took.ThoughtTokens;
        }
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", prompt);
        json.WriteNumber("completion_tokens", written);
        json.WriteNumber("total_tokens", prompt + written);
        json.WriteStartObject("prompt_tokens_details");
        json.WriteNumber("cached_tokens", ends.Count == 0 ? 0 : reused);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details");
        json.WriteNumber("reasoning_tokens", thoughts);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>As llama-server tells it.</summary>
    public static void WriteTimings(Utf8JsonWriter json, GenerationStatistics took)
    {
        json.WriteStartObject("timings");
        json.WriteNumber("cache_n", took.ReusedTokens);
        json.WriteNumber("prompt_n", took.PromptTokens);
        json.WriteNumber("prompt_ms", Math.Round(took.PromptTime.TotalMilliseconds, 3));
        json.WriteNumber("prompt_per_second", Math.Round(took.PromptTokensPerSecond, 2));
        json.WriteNumber("predicted_n", took.GeneratedTokens);
        json.WriteNumber("predicted_ms", Math.Round(took.GenerationTime.TotalMilliseconds, 3));
        json.WriteNumber("predicted_per_second", Math.Round(took.TokensPerSecond, 2));
        json.WriteEndObject();
    }

    public static void WriteSources(Utf8JsonWriter json, IReadOnlyList<AnswerPassage> sources)
    {
        if (sources.Count == 0) return;
        json.WriteStartArray("sources");
        foreach (AnswerPassage source in sources)
        {
            json.WriteStartObject();
            if (source.DocumentId is { } id) json.WriteString("document", id);
            if (source.Name is { } name) json.WriteString("name", name);
            if (source.Page is { } page) json.WriteNumber("page", page);
            if (source.FirstCharacter is { } first) json.WriteNumber("first_character", first);
            if (source.Characters is { } characters) json.WriteNumber("characters", characters);
            json.WriteString("text", source.Source.Text);
            json.WriteNumber("first_token", source.Source.FirstToken);
            json.WriteNumber("tokens", source.Source.Tokens);
            json.WriteNumber("weight", Math.Round(source.Source.Weight, 4));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Tokens with their probabilities, as chats tell them.</summary>
    public static void WriteProbabilities(Utf8JsonWriter json, IEnumerable<GeneratedToken> tokens, QwenTokenizer tokenizer)
    {
        json.WriteStartObject("logprobs");
        json.WriteStartArray("content");
        foreach (GeneratedToken token in tokens) WriteToken(json, token, tokenizer);
        json.WriteEndArray();
        json.WriteNull("refusal");
        json.WriteEndObject();
    }

    /// <summary>A token, its probability, and the likeliest beside it.</summary>
    public static void WriteToken(Utf8JsonWriter json, GeneratedToken token, QwenTokenizer tokenizer)
    {
        json.WriteStartObject();
        WriteToken(json, token.Id, token.LogProbability, tokenizer);
        json.WriteStartArray("top_logprobs");
        foreach (TokenLogProbability other in token.Top)
        {
            json.WriteStartObject();
            WriteToken(json, other.Id, other.LogProbability, tokenizer);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteToken(Utf8JsonWriter json, int id, double logProbability, QwenTokenizer tokenizer)
    {
        ReadOnlySpan<byte> bytes = tokenizer.BytesOf(id);
        json.WriteString("token", Encoding.UTF8.GetString(bytes));
        // A probability of 0 has no logarithm that JSON could write; OpenAI writes -9999 as well.
        json.WriteNumber("logprob", double.IsFinite(logProbability) ? logProbability : -9999);
        json.WriteStartArray("bytes");
        foreach (byte one in bytes) json.WriteNumberValue(one);
        json.WriteEndArray();
    }

    /// <summary>Of one answer: the number of a call.</summary>
    public static string CallId(string answerId, int index, int call) =>
        string.Create(CultureInfo.InvariantCulture, $"call_{answerId[(answerId.LastIndexOf('-') + 1)..]}_{index}_{call}");
}
