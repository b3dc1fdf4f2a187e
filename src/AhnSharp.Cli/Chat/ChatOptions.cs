using System;
using System.Globalization;

namespace AhnSharp.Cli.Chat;

/// <summary>What <c>/set</c> changes in a conversation.</summary>
internal static class ChatOptions
{
    private static readonly string[] s_names = ["temperature", "top-p", "top-k", "min-p", "repeat-penalty", "max-tokens", "seed"];

    /// <summary>The options with one changed.</summary>
    /// <exception cref="UsageException">There is no such name, or the value cannot be meant.</exception>
    internal static GenerationOptions Set(GenerationOptions options, string name, string value)
    {
        SamplingOptions sampling = options.Sampling;
        name = name.Replace('_', '-');
        GenerationOptions changed = name switch
        {
            "temperature" => options with { Sampling = sampling with { Temperature = Number(name, value) } },
            "top-p" => options with { Sampling = sampling with { TopP = Number(name, value) } },
            "top-k" => options with { Sampling = sampling with { TopK = Whole(name, value) } },
            "min-p" => options with { Sampling = sampling with { MinP = Number(name, value) } },
            "repeat-penalty" => options with { Sampling = sampling with { RepeatPenalty = Number(name, value) } },
            "max-tokens" => options with { MaxTokens = Whole(name, value) },
            "seed" => options with
            {
                Sampling = sampling with
                {
                    Seed = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
                        ? seed : throw new UsageException($"/set seed: expected a whole number, found '{value}'."),
                },
            },
            _ => throw new UsageException(
                $"/set: there is no '{name}'{Help.Nearest.Hint(name, s_names)}; there are {string.Join(", ", s_names)}."),
        };
        try
        {
            changed.Validate();
            return changed;
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException($"/set {name}: {wrong.Message.Split(" (Parameter")[0]}");
        }
    }

    /// <summary>What they are.</summary>
    internal static string Describe(GenerationOptions options) => string.Create(CultureInfo.InvariantCulture,
        $"temperature {options.Sampling.Temperature} · top-p {options.Sampling.TopP} · top-k {options.Sampling.TopK} · min-p "
            + $"{options.Sampling.MinP} · repeat-penalty {options.Sampling.RepeatPenalty} · max-tokens {options.MaxTokens} · seed "
            + $"{(options.Sampling.Seed is { } seed ? seed.ToString(CultureInfo.InvariantCulture) : "another each time")}");

    private static float Number(string name, string value) =>
        float.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) ? number
            : throw new UsageException($"/set {name}: expected a number, found '{value}'.");

    private static int Whole(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw new UsageException($"/set {name}: expected a whole number, found '{value}'.");
}
