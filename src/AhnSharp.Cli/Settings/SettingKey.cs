using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using AhnSharp.Cli.Help;

namespace AhnSharp.Cli.Settings;

/// <summary>Something that a person may say once for all commands, in the environment or in the settings file.</summary>
/// <param name="Name">What the file and 'ahn config' call it.</param>
/// <param name="Variable">The environment variable that comes before the file.</param>
/// <param name="Meaning">What it does, for people.</param>
/// <param name="Flaw">What is wrong with a value, as "expected …"; null: nothing.</param>
internal sealed record SettingKey(string Name, string Variable, string Meaning, Func<string, string?> Flaw)
{
    /// <summary>Beginning of the keys that give a model a short name; an adapter's key ends with <see cref="AdapterEnding"/>.</summary>
    internal const string AliasPrefix = "alias.", AdapterEnding = ".adapter";

    internal static SettingKey Model { get; } = new(
        "model", "AHN_MODEL", "the model where no command names one: a file, OWNER/REPO:TYPE or a short name", Any);

    internal static SettingKey Adapter { get; } = new(
        "adapter", "AHN_ADAPTER", "the memory (AHN) that belongs to that model: a file or OWNER/REPO:TYPE", Any);

    internal static SettingKey Device { get; } = new("device", "AHN_DEVICE", "what computes, as --device says it", Any);

    internal static SettingKey Threads { get; } = new(
        "threads", "AHN_THREADS", "threads that compute, 1 to 1024", text => Whole(text, 1, 1024));

    internal static SettingKey MaxTokens { get; } = new(
        "max-tokens", "AHN_MAX_TOKENS", "tokens that an answer may have at most", text => Whole(text, 1, int.MaxValue));

    internal static SettingKey Temperature { get; } = new(
        "temperature", "AHN_TEMPERATURE", "how varied answers are, 0 to 100; 0 takes the most likely token every time", Number);

    internal static SettingKey Verbosity { get; } = new("verbosity", "AHN_VERBOSITY",
        "what is told beside answers: quiet, normal or verbose", text => OneOf(text, "quiet", "normal", "verbose"));

    internal static SettingKey Offer { get; } = new(
        "offer", "AHN_OFFER", "whether a terminal is offered a model where none is set: on or off", text => OneOf(text, "on", "off"));

    internal static SettingKey History { get; } = new("history", "AHN_HISTORY",
        "whether lines and the last conversation of a terminal are kept: on or off", text => OneOf(text, "on", "off"));

    /// <summary>All of them but the short names, in the order in which they are shown.</summary>
    internal static IReadOnlyList<SettingKey> All { get; } =
        [Model, Adapter, Device, Threads, MaxTokens, Temperature, Verbosity, Offer, History];

    /// <summary>The key of a name; short names of models are keys too.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    internal static SettingKey Of(string name) => TryOf(name)
        ?? throw new UsageException($"There is no setting '{name}'{Nearest.Hint(name, All.Select(key => key.Name))}; "
            + $"there are {string.Join(", ", All.Select(key => key.Name))}, and alias.NAME.");

    internal static SettingKey? TryOf(string name)
    {
        if (All.FirstOrDefault(key => key.Name == name) is { } found) return found;
        if (!name.StartsWith(AliasPrefix, StringComparison.Ordinal)) return null;
        string alias = name[AliasPrefix.Length..];
        bool isAdapter = alias.EndsWith(AdapterEnding, StringComparison.Ordinal);
        if (isAdapter) alias = alias[..^AdapterEnding.Length];
        return AliasFlaw(alias) is null
            ? new SettingKey(name, "", isAdapter ? $"the memory that belongs to {alias}" : "a short name of a model", Any)
            : null;
    }

    /// <summary>What is wrong with a short name; null: nothing.</summary>
    internal static string? AliasFlaw(string alias) =>
        alias.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(alias[0])
            && alias.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':')
            && !alias.EndsWith(AdapterEnding, StringComparison.Ordinal)
            ? null
            : "expected letters, digits, '.', '-', '_' and ':', beginning with a letter or digit, 64 at most";

    private static string? Any(string text) => text.Length > 0 ? null : "expected a text";

    private static string? Whole(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? null : $"expected a whole number {(most == int.MaxValue ? $"of at least {least}" : $"from {least} to {most}")}";

    private static string? Number(string text) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number is >= 0 and <= 100
            ? null : "expected a number from 0 to 100";

    private static string? OneOf(string text, params string[] words) =>
        words.Contains(text, StringComparer.Ordinal) ? null : $"expected one of {string.Join(", ", words)}";
}
