using System.CommandLine;
using System.Linq;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Options;

/// <summary>How answers are drawn and when they end; the names and their order of effect are llama.cpp's.</summary>
internal sealed class SamplingOptionGroup
{
    internal Option<int?> MaxTokens { get; } = Choice.WholeNumber("--max-tokens", "Tokens an answer may have at most (default 1024).", 1);

    internal Option<float?> Temperature { get; } = Choice.Number(
        "--temperature", "0 takes the likeliest token every time (default); higher is more varied.", 0, 100);

    internal Option<int?> TopK { get; } = Choice.WholeNumber("--top-k", "Draws among the K likeliest tokens only; 0 = all (default).", 0);

    internal Option<float?> TopP { get; } = Choice.Number(
        "--top-p", "Draws among the likeliest tokens that together reach this probability; 1 = all (default).", 0, 1);

    internal Option<float?> MinP { get; } = Choice.Number(
        "--min-p", "Leaves out tokens less likely than this share of the likeliest one; 0 = none (default).", 0, 1);

    internal Option<float?> RepeatPenalty { get; } = Choice.Number(
        "--repeat-penalty", "Makes tokens of the last --repeat-last-n less likely; 1 = off (default).", 0.01f, 100);

    internal Option<float?> FrequencyPenalty { get; } = Choice.Number("--frequency-penalty",
        "Taken from a token's logit for each time it stands in the last --repeat-last-n tokens (default 0).", -100, 100);

    internal Option<float?> PresencePenalty { get; } = Choice.Number("--presence-penalty",
        "Taken once from the logit of each token that stands in the last --repeat-last-n tokens (default 0).", -100, 100);

    internal Option<int?> RepeatLastN { get; } = Choice.WholeNumber(
        "--repeat-last-n", "Tokens that the three penalties look back on (default 64).", 0, SamplingOptions.MaxPenaltyTokens);

    internal Option<string[]> Stop { get; } = new("--stop")
    {
        Description = "Ends the answer before this text; may be given several times.",
        HelpName = "TEXT",
        Arity = ArgumentArity.OneOrMore,
    };

    internal Option<ulong?> Seed { get; } = Choice.Seed(
        "--seed", "Seed of the draws: the same seed gives the same text (default: another one each time, printed at the end).");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            MaxTokens, Temperature, TopK, TopP, MinP, RepeatPenalty, FrequencyPenalty, PresencePenalty, RepeatLastN, Stop, Seed,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>What the options ask for; says so where some of them have no effect.</summary>
    internal GenerationOptions Read(ParseResult parsed)
    {
        float temperature = parsed.GetValue(Temperature) ?? 0;
        Option[] idle = temperature > 0 ? [] : new Option[] { TopK, TopP, MinP,
            Seed }.Where(option => Choice.IsGiven(parsed, option)).ToArray();
        if (idle.Length > 0)
        {
            Terminal.Note(
                $"At temperature 0 the likeliest token is taken: {string.Join(", ", idle.Select(option => option.Name))} without effect.");
        }
        string[] stop = parsed.GetValue(Stop) ?? [];
        if (stop.Contains("")) throw new UsageException("--stop: expected a text of at least one character, found an empty one.");
        return Over(parsed, new GenerationOptions());
    }

    /// <summary>Other defaults, where the options say nothing.</summary>
    internal GenerationOptions Over(ParseResult parsed, GenerationOptions defaults)
    {
        SamplingOptions sampling = defaults.Sampling;
        return defaults with
        {
            MaxTokens = parsed.GetValue(MaxTokens) ?? defaults.MaxTokens,
            Stop = parsed.GetValue(Stop) is { Length: > 0 } stop ? [.. stop] : defaults.Stop,
            Sampling = sampling with
            {
                Temperature = parsed.GetValue(Temperature) ?? sampling.Temperature,
                TopK = parsed.GetValue(TopK) ?? sampling.TopK,
                TopP = parsed.GetValue(TopP) ?? sampling.TopP,
                MinP = parsed.GetValue(MinP) ?? sampling.MinP,
                RepeatPenalty = parsed.GetValue(RepeatPenalty) ?? sampling.RepeatPenalty,
                FrequencyPenalty = parsed.GetValue(FrequencyPenalty) ?? sampling.FrequencyPenalty,
                PresencePenalty = parsed.GetValue(PresencePenalty) ?? sampling.PresencePenalty,
                PenaltyTokens = parsed.GetValue(RepeatLastN) ?? sampling.PenaltyTokens,
                Seed = parsed.GetValue(Seed) ?? sampling.Seed,
            },
        };
    }
}
