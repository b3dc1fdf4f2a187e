using System;
using System.Globalization;
using AhnSharp.Gguf;

namespace AhnSharp.Cli.Options;

/// <summary>How a model's makers would have answers drawn, where nobody says anything.</summary>
/// <remarks>
/// Keys of the file come first: general.sampling.temp, .top_k, .top_p, .min_p, .penalty_repeat, .penalty_last_n, as llama.cpp's converter
/// writes them from generation_config.json. Files without them, which are most: what the generation_config.json of the family's instruct
/// models says (Qwen2.5: 0.7, 20, 0.8, penalty 1.05; Qwen3, which thinks: 0.6, 20, 0.95). Any other family, and the demo model, which
/// recalls codes: the most likely token.
/// </remarks>
internal static class SamplingDefaults
{
    private const string Prefix = "general.sampling.";

    internal static SamplingOptions Of(GgufMetadata metadata)
    {
        string family = metadata.GetStringOrNull("general.architecture") ?? "";
        bool isDemo = metadata.GetStringOrNull("general.name") == DemoModel.Title;
        SamplingOptions made = isDemo ? new SamplingOptions() : family.StartsWith("qwen2", StringComparison.Ordinal)
            ? new SamplingOptions { Temperature = 0.7f, TopK = 20, TopP = 0.8f, RepeatPenalty = 1.05f }
            : family.StartsWith("qwen3", StringComparison.Ordinal)
                ? new SamplingOptions { Temperature = 0.6f, TopK = 20, TopP = 0.95f }
                : new SamplingOptions();
        SamplingOptions own = made with
        {
            Temperature = Number(metadata, "temp") ?? made.Temperature,
            TopK = (int?)Number(metadata, "top_k") ?? made.TopK,
            TopP = Number(metadata, "top_p") ?? made.TopP,
            MinP = Number(metadata, "min_p") ?? made.MinP,
            RepeatPenalty = Number(metadata, "penalty_repeat") ?? made.RepeatPenalty,
            PenaltyTokens = (int?)Number(metadata, "penalty_last_n") ?? made.PenaltyTokens,
        };
        try
        {
            own.Validate();
            return own;
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidModelException(
                $"the model's keys {Prefix}…: {wrong.Message.Split(" (Parameter")[0].TrimEnd('.')}; --greedy does without them.", wrong);
        }
    }

    // Some writers keep whole numbers where others keep fractions.
    private static float? Number(GgufMetadata metadata, string name) =>
        metadata.TryGetValue(Prefix + name, out object? value) && value is IConvertible and not string
            ? Convert.ToSingle(value, CultureInfo.InvariantCulture) : null;
}
