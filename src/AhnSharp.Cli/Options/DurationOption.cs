using System;
using System.CommandLine;

namespace AhnSharp.Cli.Options;

/// <summary>A time as people write it.</summary>
internal static class DurationOption
{
    private static readonly (string Suffix, double Seconds)[] s_units = [("min", 60), ("ms", 0.001), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary>From a millisecond to a year; null where the option is absent.</summary>
    internal static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text, out TimeSpan time)) return time;
            result.AddError($"{name}: expected a time with its unit, such as 120s or 5min, found '{text}'.");
            return null;
        },
    };

    internal static bool TryParse(string text, out TimeSpan time)
    {
        const double LongestSeconds = 366 * 86_400.0;
        time = default;
        if (!UnitNumber.TryParse(text, s_units, out double seconds) || !(seconds is >= 0.001 and <= LongestSeconds)) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
