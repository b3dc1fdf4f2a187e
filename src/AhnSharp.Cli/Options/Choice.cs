using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Linq;

namespace AhnSharp.Cli.Options;

/// <summary>Options whose values are checked while the line is parsed; a wrong one is a sentence that says what would be right.</summary>
internal static class Choice
{
    /// <summary>
    /// Most tokens that an option may name: the engine's own bound, far above every window in use, so that sums of several
    /// stay whole numbers of 32 bits.
    /// </summary>
    internal const int MaxTokens = 1 << 29;

    /// <summary>One of <paramref name="choices"/>, by name; null where the option is absent.</summary>
    internal static Option<T?> Of<T>(string name, string description, params (string Name, T Value)[] choices) where T : struct
    {
        string names = string.Join(", ", choices.Select(c => c.Name));
        return new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(c => c.Name)),
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                foreach ((string candidate, T value) in choices)
                {
                    if (candidate.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
                }
                result.AddError($"{name}: expected one of {names}, found '{text}'.");
                return null;
            },
        };
    }

    /// <summary>One or several of <paramref name="choices"/>, by name, between commas; empty where the option is absent.</summary>
    internal static Option<T[]> SeveralOf<T>(string name, string description, params (string Name, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join(',', choices.Select(c => c.Name)),
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string[] words = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
            int[] picked =
                [.. words.Select(word => Array.FindIndex(choices, choice => choice.Name.Equals(word, StringComparison.OrdinalIgnoreCase)))];
            if (!picked.Contains(-1) && picked.Distinct().Count() == picked.Length) return [.. picked.Select(i => choices[i].Value)];
            result.AddError($"{name}: expected one or several of {string.Join(", ", choices.Select(c => c.Name))} between commas, "
                + $"each once, found '{result.Tokens[0].Value}'.");
            return [];
        },
    };

    /// <summary>A whole number in <paramref name="least"/>..<paramref name="most"/>; null where the option is absent.</summary>
    internal static Option<int?> WholeNumber(
        string name, string description, int least, int most = int.MaxValue, params string[] aliases) => new(name, aliases)
        {
            Description = description,
            HelpName = "N",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least
                    && number <= most) return number;
                result.AddError($"{name}: expected a whole number {Range(text, least, most)}, found '{text}'.");
                return null;
            },
        };

    /// <summary>
    /// Whole numbers between commas, each in <paramref name="least"/>..<paramref name="most"/>; empty where the option is absent.
    /// </summary>
    internal static Option<int[]> WholeNumbers(string name, string description, int least, int most, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = "N,…",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string[] words = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
                int[] numbers = new int[words.Length];
                for (int i = 0; i < words.Length; i++)
                {
                    if (int.TryParse(words[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i])
                        && numbers[i] >= least && numbers[i] <= most) continue;
                    result.AddError(
                        $"{name}: expected whole numbers {Range(words[i], least, most)} between commas, found '{result.Tokens[0].Value}'.");
                    return [];
                }
                return numbers;
            },
        };

    // The upper end is of interest where it was passed, or is a bound of the thing itself.
    private static string Range(string text, int least, int most) =>
        most < MaxTokens || (text.Length > 8 && text.All(char.IsAsciiDigit)) ? $"from {least} to {most}" : $"of at least {least}";

    /// <summary>A whole number of 64 bits, such as a seed; null where the option is absent.</summary>
    internal static Option<ulong?> Seed(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)) return number;
            result.AddError($"{name}: expected a whole number from 0 to {ulong.MaxValue}, found '{text}'.");
            return null;
        },
    };

    /// <summary>A number in <paramref name="least"/>..<paramref name="most"/>; null where the option is absent.</summary>
    internal static Option<float?> Number(string name, string description, float least, float most) => new(name)
    {
        Description = description,
        HelpName = "X",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number >= least
                && number <= most) return number;
            result.AddError(
                string.Create(CultureInfo.InvariantCulture, $"{name}: expected a number from {least} to {most}, found '{text}'."));
            return null;
        },
    };

    /// <summary>A text as it stands; null where the option is absent.</summary>
    internal static Option<string?> Text(string name, string description, string helpName, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.ExactlyOne,
    };

    /// <summary>
    /// Any number of words, of which none is an option that was mistyped: '-' alone may be one, and behind '--' every word is one.
    /// </summary>
    internal static Argument<string[]> Words(string name, string description, ArgumentArity arity) =>
        new(name) { Description = description, Arity = arity };

    /// <summary>Whether an option stands on the command line, and has not its default alone.</summary>
    internal static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>
    /// A word that looks like an option, before any '--', where words are taken; null: there is none.
    /// </summary>
    internal static string? MistypedOption(ParseResult parsed)
    {
        int end = parsed.Tokens.ToList().FindIndex(token => token.Type == TokenType.DoubleDash);
        int behind = end < 0 ? 0 : parsed.Tokens.Count - end - 1;
        foreach (ArgumentResult words in parsed.CommandResult.Children.OfType<ArgumentResult>())
        {
            // What stands behind '--' comes last.
            foreach (Token word in words.Tokens.Take(words.Tokens.Count - behind))
            {
                if (word.Value.Length > 1 && word.Value[0] == '-') return word.Value;
            }
        }
        return null;
    }

    /// <summary>A switch: present or absent.</summary>
    internal static Option<bool> Switch(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };
}
