using System.CommandLine;
using System.Linq;
using AhnSharp.Cli.Display;

namespace AhnSharp.Cli.Options;

/// <summary>How answers are drawn and when they end; the names and their order of effect are llama.cpp's.</summary>
internal sealed class SamplingOptionGroup
{
    internal Option<int?> MaxTokens { get; } = Choice.WholeNumber("--max-tokens", "Tokens an answer may have at most (default 1,024).", 1);

    internal Option<float?> Temperature { get; } = Choice.Number(
        "--temperature", "0 takes the most likely token every time; higher is more varied (default: run and chat what the model's makers "
            + "say, 0.7 for Qwen2.5; ask, serve and the demo model 0).", 0, 100);

    internal Option<bool> Greedy { get; } = Choice.Switch("--greedy", "Takes the most likely token every time, as --temperature 0 does.");

    internal Option<bool> NoRepeatGuard { get; } = Choice.Switch(
        "--no-repeat-guard", "Lets an answer go on that says the same again and again; else it is stopped.");

    internal Option<int?> TopK { get; } = Choice.WholeNumber(
        "--top-k", "Draws among the K most likely tokens only; 0 = all (default: the model's, 20 for Qwen).", 0);

    internal Option<float?> TopP { get; } = Choice.Number(
        "--top-p", "Draws among the most likely tokens that together reach this probability; 1 = all (default: the model's, 0.8 for "
            + "Qwen2.5).", 0, 1);

    internal Option<float?> MinP { get; } = Choice.Number(
        "--min-p", "Leaves out tokens less likely than this share of the most likely one; 0 = none (default: the model's).", 0, 1);

    internal Option<float?> RepeatPenalty { get; } = Choice.Number(
        "--repeat-penalty", "Makes tokens of the last --repeat-last-n less likely; 1 = off (default: the model's, 1.05 for Qwen2.5).",
        0.01f, 100);

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
        "--seed", "Seed of the draws: the same seed, model and machine give the same text (default: another each time, told at the end).");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            MaxTokens, Temperature, Greedy, TopK, TopP, MinP, RepeatPenalty, FrequencyPenalty, PresencePenalty, RepeatLastN, Stop, Seed,
            NoRepeatGuard,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>What is wrong with the line alone, before anything is loaded.</summary>
    internal void Check(ParseResult parsed)
    {
        if ((parsed.GetValue(Stop) ?? []).Contains(""))
            throw new UsageException("--stop: expected a text of at least one character, found an empty one.");
        if (parsed.GetValue(Greedy) && parsed.GetValue(Temperature) is > 0)
            throw new UsageException("--greedy takes the most likely token every time, and --temperature draws: give one of the two.");
    }

    /// <summary>What the options ask for of a model; says so where some of them have no effect.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model, whose makers say how it is drawn from where nobody else does.</param>
    /// <param name="isFactual">Whether answers are to be the same every time, where nobody asks for draws.</param>
    internal GenerationOptions For(ParseResult parsed, TextModel model, bool isFactual = false)
    {
        float? temperature = parsed.GetValue(Greedy) ? 0
            : parsed.GetValue(Temperature) ?? Settings.UserSettings.Here.Number(Settings.SettingKey.Temperature);
        SamplingOptions made = isFactual && temperature is null or 0 ? new SamplingOptions()
            : SamplingDefaults.Of(model.Model.Metadata);
        float actual = temperature ?? made.Temperature;
        // The model's own top-k and penalty belong to its draws.
        if (actual == 0) made = new SamplingOptions();
        GenerationOptions options = Over(parsed, new GenerationOptions { Sampling = made with { Temperature = actual } });
        options = options with { Sampling = options.Sampling with { Temperature = actual } };
        if (parsed.GetValue(MaxTokens) is null && Settings.UserSettings.Here.Whole(Settings.SettingKey.MaxTokens) is { } most)
            options = options with { MaxTokens = most };
        string[] idle = actual > 0 ? [] : [.. new Option[] { TopK, TopP, MinP, Seed }
            .Where(option => Choice.IsGiven(parsed, option)).Select(option => option.Name)];
        if (idle.Length > 0)
        {
            Terminal.Note($"At temperature 0 the most likely token is taken: {string.Join(", ", idle)} without effect"
                + $"{(temperature is null ? "; --temperature 0.7 draws" : "")}.");
        }
        return options;
    }

    /// <summary>What stops an answer that goes round; null where the line says that nothing does.</summary>
    internal RepetitionGuard? Guard(ParseResult parsed) => parsed.GetValue(NoRepeatGuard) ? null : new RepetitionGuard();

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
