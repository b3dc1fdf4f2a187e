using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Constraints;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.OpenAI;

/// <summary>How an answer is drawn, from the fields that OpenAI's interfaces, llama-server and vLLM have in common.</summary>
internal static class GenerationFields
{
    private const int MostStops = 16, MostTokens = int.MaxValue - 1;

    /// <param name="fields">The body.</param>
    /// <param name="defaults">What stands where it says nothing.</param>
    public static GenerationOptions Read(RequestFields fields, GenerationOptions defaults)
    {
        SamplingOptions sampling = defaults.Sampling;
        sampling = sampling with
        {
            Temperature = fields.Number("temperature", 0, 100) ?? sampling.Temperature,
            TopP = fields.Number("top_p", 0, 1) ?? sampling.TopP,
            TopK = fields.WholeNumber("top_k", -1, int.MaxValue) is { } k ? System.Math.Max(0, k) : sampling.TopK,
            MinP = fields.Number("min_p", 0, 1) ?? sampling.MinP,
            PresencePenalty = fields.Number("presence_penalty", -2, 2) ?? sampling.PresencePenalty,
            FrequencyPenalty = fields.Number("frequency_penalty", -2, 2) ?? sampling.FrequencyPenalty,
            RepeatPenalty = fields.Number("repeat_penalty", 0.01, 100) ?? fields.Number("repetition_penalty", 0.01, 100)
                ?? sampling.RepeatPenalty,
            PenaltyTokens = fields.WholeNumber("repeat_last_n", 0, SamplingOptions.MaxPenaltyTokens) ?? sampling.PenaltyTokens,
            LogitBias = Bias(fields) ?? sampling.LogitBias,
            Seed = fields.LongNumber("seed") is { } seed ? unchecked((ulong)seed) : sampling.Seed,
        };
        int? most = fields.WholeNumber("max_completion_tokens", 1, MostTokens), older = fields.WholeNumber("max_tokens", 1, MostTokens);
        if (most is not null && older is not null && most != older)
            throw ApiException.Invalid("max_tokens", $"expected the same as max_completion_tokens ({most}), found {older}.");
        return defaults with
        {
            Sampling = sampling,
            MaxTokens = most ?? older ?? defaults.MaxTokens,
            Stop = fields.Texts("stop", MostStops) is { } stop ? [.. stop.Where(static text => text.Length > 0)] : defaults.Stop,
            Constraint = ConstraintOf(fields),
        };
    }

    /// <summary>What the answer must be; null: any text.</summary>
    public static Constraint? ResponseFormat(RequestFields? format)
    {
        if (format is null) return null;
        string type = format.Word("type", "text", "json_object", "json_schema") ?? throw format.Missing("type");
        Constraint? constraint = type switch
        {
            "text" => null,
            "json_object" => format.Take("schema") is { } own ? Schema(own, closed: false) : Constraint.JsonObject,
            _ => NamedSchema(format.Object("json_schema") ?? throw format.Missing("json_schema")),
        };
        format.RefuseTheRest();
        return constraint;
    }

    /// <summary>A schema with its name, as OpenAI wraps it.</summary>
    public static Constraint NamedSchema(RequestFields named)
    {
        named.Ignore("name", "description");
        bool strict = named.Flag("strict") ?? false;
        Constraint constraint = Schema(named.Take("schema") ?? throw named.Missing("schema"), strict);
        named.RefuseTheRest();
        return constraint;
    }

    private static Constraint? ConstraintOf(RequestFields fields)
    {
        List<(string Name, Constraint Constraint)> all = [];
        if (ResponseFormat(fields.Object("response_format")) is { } format) all.Add(("response_format", format));
        if (fields.Text("grammar") is { } grammar) all.Add(("grammar", Constraint.Gbnf(grammar)));
        if (fields.Text("guided_grammar") is { } guided) all.Add(("guided_grammar", Constraint.Gbnf(guided)));
        if (fields.Text("regex") is { } regex) all.Add(("regex", Constraint.Regex(regex)));
        if (fields.Text("guided_regex") is { } guidedRegex) all.Add(("guided_regex", Constraint.Regex(guidedRegex)));
        if (fields.Take("json_schema") is { } schema) all.Add(("json_schema", Schema(schema, closed: false)));
        if (fields.Take("guided_json") is { } guidedSchema) all.Add(("guided_json", Schema(guidedSchema, closed: false)));
        const int mostChoices = 10_000;
        if (fields.Texts("guided_choice", mostChoices) is { } choices) all.Add(("guided_choice", Constraint.Choice(choices)));
        if (all.Count > 1)
            throw ApiException.Invalid(all[1].Name, $"expected one thing that the answer must be, found {all[0].Name} as well.");
        return all.Count == 0 ? null : all[0].Constraint;
    }

    private static Constraint Schema(JsonElement schema, bool closed) =>
        Constraint.JsonSchema(schema.ValueKind == JsonValueKind.String ? schema.GetString()! : schema.GetRawText(), closed);

    private static Dictionary<int, float>? Bias(RequestFields fields)
    {
        if (fields.Take("logit_bias") is not { } given) return null;
        Dictionary<int, float> all = [];
        if (given.ValueKind != JsonValueKind.Object) throw fields.Wrong("logit_bias", "biases by the ids of tokens", given);
        foreach (JsonProperty one in given.EnumerateObject())
        {
            if (!int.TryParse(one.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
                throw ApiException.Invalid("logit_bias", $"expected ids of tokens, found '{one.Name}'.");
            if (one.Value.ValueKind != JsonValueKind.Number || !one.Value.TryGetSingle(out float bias) || !(bias is >= -100 and <= 100))
                throw fields.Wrong($"logit_bias.{one.Name}", "a number from -100 to 100", one.Value);
            all[id] = bias;
        }
        return all;
    }
}
