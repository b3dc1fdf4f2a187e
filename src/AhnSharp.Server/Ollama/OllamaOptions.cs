using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Constraints;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.Ollama;

/// <summary>What Ollama's requests have in common: <c>options</c>, <c>format</c>, <c>keep_alive</c>, <c>think</c>.</summary>
internal static class OllamaOptions
{
    private const int MostStops = 16;

    /// <summary>The fields of a body.</summary>
    public static RequestFields FieldsOf(JsonDocument body)
    {
        RequestFields fields = new(body.RootElement);
        fields.Ignore("CustomHeaders"); // OllamaSharp writes its own bookkeeping into every body
        return fields;
    }

    public static GenerationOptions Read(RequestFields fields, GenerationOptions defaults)
    {
        GenerationOptions generation = defaults;
        if (fields.Object("options") is { } options)
        {
            SamplingOptions sampling = generation.Sampling;
            sampling = sampling with
            {
                Temperature = options.Number("temperature", 0, 100) ?? sampling.Temperature,
                TopP = options.Number("top_p", 0, 1) ?? sampling.TopP,
                TopK = options.WholeNumber("top_k", 0, int.MaxValue) ?? sampling.TopK,
                MinP = options.Number("min_p", 0, 1) ?? sampling.MinP,
                RepeatPenalty = options.Number("repeat_penalty", 0.01, 100) ?? sampling.RepeatPenalty,
                PenaltyTokens = options.WholeNumber("repeat_last_n", 0, SamplingOptions.MaxPenaltyTokens) ?? sampling.PenaltyTokens,
                PresencePenalty = options.Number("presence_penalty", -2, 2) ?? sampling.PresencePenalty,
                FrequencyPenalty = options.Number("frequency_penalty", -2, 2) ?? sampling.FrequencyPenalty,
                Seed = options.LongNumber("seed") is { } seed ? unchecked((ulong)seed) : sampling.Seed,
            };
            int? most = options.WholeNumber("num_predict", -2, int.MaxValue - 1);
            generation = generation with
            {
                Sampling = sampling,
                // -1: until it ends by itself; -2: until the context is full.
                MaxTokens = most switch { null => generation.MaxTokens, < 0 => int.MaxValue - 1, 0 => 1, _ => most.Value },
                Stop = options.Texts("stop", MostStops) is { } stop ? [.. stop.Where(static text => text.Length > 0)] : generation.Stop,
            };
            Neutral(options, "mirostat", 0);
            Neutral(options, "tfs_z", 1);
            Neutral(options, "typical_p", 1);
            options.Ignore("mirostat_tau", "mirostat_eta");
            options.Refuse("penalize_newline", "penalties here count every token.");
            // How a runner works, not what it answers. A context here is never cut: num_ctx and num_keep have nothing to say.
            options.Ignore("num_ctx", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap", "use_mlock", "numa",
                "low_vram", "vocab_only", "f16_kv", "logits_all");
            options.RefuseTheRest();
        }
        if (fields.Take("format") is { } format)
        {
            Constraint? constraint = format.ValueKind switch
            {
                JsonValueKind.String when format.GetString() is "" => null,
                JsonValueKind.String when format.GetString() is "json" => Constraint.JsonObject,
                JsonValueKind.Object => Constraint.JsonSchema(format.GetRawText(), closed: true),
                _ => throw fields.Wrong("format", "json, or a JSON schema", format),
            };
            generation = generation with { Constraint = constraint };
        }
        if (fields.Flag("logprobs") == true) generation = generation with { TopLogProbabilities = 0 };
        if (fields.WholeNumber("top_logprobs", 0, GenerationOptions.MaxTopLogProbabilities) is { } top
            && generation.TopLogProbabilities is not null)
            generation = generation with { TopLogProbabilities = top };
        return generation;
    }

    /// <summary>A number of seconds or a time as 5m; below zero: for ever; null where it is left out.</summary>
    public static TimeSpan? KeepAlive(RequestFields fields)
    {
        if (fields.Take("keep_alive") is not { } given) return null;
        if (given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out double seconds)) return Time(seconds);
        string text = given.ValueKind == JsonValueKind.String ? given.GetString()!.Trim() : throw Wrong();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double plain)) return Time(plain);
        double all = 0;
        int at = 0;
        bool isNegative = text.StartsWith('-');
        if (isNegative) at = 1;
        while (at < text.Length) // 1h30m
        {
            int end = at;
            while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
            int unitEnd = end;
            while (unitEnd < text.Length && char.IsAsciiLetter(text[unitEnd])) unitEnd++;
            double? unit = text[end..unitEnd] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 0.001, _ => null };
            if (unit is null || !double.TryParse(text[at..end], NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
                throw Wrong();
            all += number * unit.Value;
            at = unitEnd;
        }
        return Time(isNegative ? -all : all);

        ApiException Wrong() => fields.Wrong("keep_alive", "seconds, or a time such as 5m", given);
    }

    /// <summary>Whether it thinks: true, false, or how hard, which these models do not tell apart.</summary>
    public static bool? Thinking(RequestFields fields) => fields.Take("think") is not { } think ? null : think.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when think.GetString() is "low" or "medium" or "high" => true,
        _ => throw fields.Wrong("think", "true or false", think),
    };

    private static TimeSpan Time(double seconds)
    {
        const double most = 366 * 86_400.0;
        return seconds < 0 || seconds > most ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);
    }

    private static void Neutral(RequestFields options, string name, double neutral)
    {
        if (options.Number(name, double.MinValue, double.MaxValue) is { } value && value != neutral)
            throw ApiException.Unsupported(options.PathOf(name), "this sampler is not here; temperature, top_k, top_p and min_p are.");
    }
}
