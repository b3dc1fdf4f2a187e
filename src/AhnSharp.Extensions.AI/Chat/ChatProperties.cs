using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Constraints;
using AhnSharp.Generation;
using static AhnSharp.Extensions.AI.RequestValues;

namespace AhnSharp.Extensions.AI;

/// <summary>The additional properties of a request.</summary>
internal static class ChatProperties
{
    private const string Known =
        "min_p, repeat_penalty, repeat_last_n, logit_bias, logprobs, top_logprobs, grammar, regex, enable_thinking or sources";

    public static CompletionOptions Apply(CompletionOptions completion, IEnumerable<KeyValuePair<string, object?>>? properties)
    {
        GenerationOptions generation = completion.Generation!;
        SamplingOptions sampling = generation.Sampling;
        foreach ((string name, object? value) in properties ?? [])
        {
            switch (name)
            {
                case "min_p":
                    sampling = sampling with { MinP = (float)Number(name, value) };
                    break;
                case "repeat_penalty":
                    sampling = sampling with { RepeatPenalty = (float)Number(name, value) };
                    break;
                case "repeat_last_n":
                    sampling = sampling with { PenaltyTokens = Whole(name, value) };
                    break;
                case "logit_bias":
                    sampling = sampling with { LogitBias = Bias(name, value) };
                    break;
                case "logprobs":
                    if (Flag(name, value)) generation = generation with { TopLogProbabilities = generation.TopLogProbabilities ?? 0 };
                    break;
                case "top_logprobs":
                    generation = generation with { TopLogProbabilities = Whole(name, value) };
                    break;
                case "grammar":
                    generation = generation with { Constraint = Only(generation, name, Constraint.Gbnf(Text(name, value))) };
                    break;
                case "regex":
                    generation = generation with { Constraint = Only(generation, name, Constraint.Regex(Text(name, value))) };
                    break;
                case "enable_thinking":
                    completion = completion with { Thinking = Flag(name, value) };
                    break;
                case "sources":
                    completion = completion with { RecordsSources = Flag(name, value) };
                    break;
                default:
                    throw new NotSupportedException(
                        $"AdditionalProperties '{name}': expected {Known}, which is what an answer can follow.");
            }
        }
        return completion with { Generation = generation with { Sampling = sampling } };
    }

    private static Constraint Only(GenerationOptions generation, string name, Constraint constraint) => generation.Constraint is null
        ? constraint
        : throw new NotSupportedException($"AdditionalProperties '{name}': expected one thing that the answer must be, found a second.");

    // As OpenAI writes it: {"1234": -100}.
    private static Dictionary<int, float> Bias(string name, object? value)
    {
        Dictionary<int, float> all = [];
        switch (value)
        {
            case IEnumerable<KeyValuePair<int, float>> byId:
                foreach ((int id, float bias) in byId) all[id] = bias;
                return all;
            case IEnumerable<KeyValuePair<string, object?>> byName:
                foreach ((string id, object? bias) in byName) all[Id(name, id)] = (float)Number(name, bias);
                return all;
            case JsonElement { ValueKind: JsonValueKind.Object } json:
                foreach (JsonProperty one in json.EnumerateObject()) all[Id(name, one.Name)] = (float)Number(name, one.Value);
                return all;
            default:
                throw Wrong(name, "biases by the ids of tokens", value);
        }
    }

    private static int Id(string name, string id) =>
        int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out int token) ? token : throw Wrong(name, "ids of tokens", id);
}
