using System;
using System.CommandLine;
using System.Globalization;

namespace AhnSharp.Cli.Options;

/// <summary>An amount of memory as people write it.</summary>
internal static class ByteOption
{
    private static readonly (string Suffix, long Bytes)[] s_units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
    ];

    /// <summary>At least one byte; null where the option is absent.</summary>
    internal static Option<long?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (TryParse(text, out long bytes)) return bytes;
            result.AddError($"{name}: expected a size with its unit, such as 6GB or 512MiB, found '{text}'.");
            return null;
        },
    };

    internal static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach ((string suffix, long unit) in s_units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            if (!double.TryParse(text.AsSpan(0, text.Length - suffix.Length).Trim(), NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture, out double number)) return false;
            double value = number * unit;
            if (!(value >= 1 && value < 1e18)) return false;
            bytes = (long)value;
            return true;
        }
        return false;
    }
}
