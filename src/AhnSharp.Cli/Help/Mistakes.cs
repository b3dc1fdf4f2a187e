using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Linq;
using AhnSharp.Conversion;

namespace AhnSharp.Cli.Help;

/// <summary>What is said of words on the command line that are neither command nor option here.</summary>
internal static class Mistakes
{
    // As other programs call it.
    private static readonly Dictionary<string, string> s_elsewhere = new(StringComparer.Ordinal)
    {
        ["-c"] = "--context",
        ["--ctx-size"] = "--context",
        ["--num-ctx"] = "--context",
        ["--n-predict"] = "--max-tokens",
        ["--num-predict"] = "--max-tokens",
        ["-n"] = "--max-tokens",
        ["--temp"] = "--temperature",
        ["-t"] = "--threads",
        ["-ngl"] = "--gpu-layers",
        ["--n-gpu-layers"] = "--gpu-layers",
        ["--outfile"] = "--output",
        ["--outtype"] = "--type",
        ["--lora"] = "--ahn",
        ["-ctk"] = "--kv",
        ["--cache-type-k"] = "--kv",
        ["-s"] = "--seed",
        ["--system-prompt"] = "--system",
        ["-sys"] = "--system",
        ["-hf"] = "--model",
        ["--format"] = "--json",
        ["show"] = "inspect",
        ["ps"] = "list",
        ["stop"] = "serve",
        ["generate"] = "run",
        ["download"] = "pull",
        ["tokenize"] = "tokens",
        ["embed"] = "serve",
        ["server"] = "serve",
        ["delete"] = "remove",
        ["settings"] = "config",
        ["default"] = "use",
    };

    /// <summary>The sentence about a line that was not understood.</summary>
    internal static string Sentence(ParseResult parsed) => parsed.UnmatchedTokens.Count > 0
        ? Unknown(parsed, parsed.UnmatchedTokens[0])
        : $"{Own(parsed, parsed.Errors[0].Message)} {Hint(parsed)}";

    /// <summary>The sentence about a word that is unknown here.</summary>
    internal static string Unknown(ParseResult parsed, string word)
    {
        bool isOption = word.StartsWith('-');
        string bare = word.Split('=', 2)[0];
        string[] known = isOption ? [.. Options(parsed.CommandResult)] : [.. parsed.CommandResult.Command.Subcommands
            .Where(sub => !sub.Hidden).Select(sub => sub.Name)];
        string? meant = s_elsewhere.TryGetValue(bare, out string? here) && known.Contains(here) ? here : Nearest.Of(bare, known);
        string what = isOption ? "option" : parsed.CommandResult.Command.Subcommands.Count > 0 ? "command" : "word";
        string expected = what == "word" ? $"'{word}' is one word more than {Name(parsed)} takes{Named(parsed, word)}"
            : $"There is no {what} '{word}' here";
        return $"{expected}{(meant is null ? "" : $" (did you mean '{meant}'?)")}. {Hint(parsed)}";
    }

    /// <summary>Where to read on.</summary>
    internal static string Hint(ParseResult parsed) => parsed.CommandResult.Command is RootCommand
        ? "('ahn --help' lists the commands.)" : $"('{Name(parsed)} --help' lists the options.)";

    // Other programs take the file to write as a word.
    private static string Named(ParseResult parsed, string word) => parsed.CommandResult.Command.Options.Any(
        static option => option.Name == "--output") ? $"; the file to write is named with -o: -o {word}" : "";

    // The parser names commands; people want to know what is missing.
    private static string Own(ParseResult parsed, string message)
    {
        if (message.StartsWith("Required argument missing", StringComparison.Ordinal))
        {
            ArgumentResult[] given = [.. parsed.CommandResult.Children.OfType<ArgumentResult>().Where(result => result.Tokens.Count > 0)];
            string[] missing = [.. parsed.CommandResult.Command.Arguments
                .Where(argument => argument.Arity.MinimumNumberOfValues > 0 && given.All(result => result.Argument != argument))
                .Select(argument => argument.HelpName ?? argument.Name.ToUpperInvariant())];
            // A type where the output belongs, as in llama.cpp's line.
            if (missing is ["TYPE"] && given.LastOrDefault()?.Tokens[^1].Value is { } last
                && QuantizationMixture.WritableNames.Contains(last, StringComparer.OrdinalIgnoreCase))
            {
                string line = $"{Name(parsed)} {given[0].Tokens[0].Value} OUT.gguf {last}";
                return $"{Name(parsed)} needs the file to write before the type: {line}.";
            }
            if (missing.Length > 0) return $"{Name(parsed)} needs {string.Join(" and ", missing)}.";
        }
        return message;
    }

    private static string Name(ParseResult parsed) => string.Join(' ', ["ahn", .. HelpPrinting.Path(parsed.CommandResult)]);

    private static IEnumerable<string> Options(CommandResult result)
    {
        for (CommandResult? at = result; at is not null; at = at.Parent as CommandResult)
        {
            foreach (Option option in at.Command.Options)
            {
                if (!option.Hidden && (at == result || option.Recursive)) yield return option.Name;
            }
        }
    }
}
