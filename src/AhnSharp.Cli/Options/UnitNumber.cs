using System;
using System.Globalization;

namespace AhnSharp.Cli.Options;

/// <summary>A number with its unit, as people write it: "6GB", "1.5 min".</summary>
internal static class UnitNumber
{
    /// <summary>The number times its unit; false where there is no number, or no such unit.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="units">Suffixes in any case; of two that fit the first counts, so "ms" stands before "s".</param>
    /// <param name="value">In the unit whose factor is 1.</param>
    internal static bool TryParse(string text, ReadOnlySpan<(string Suffix, double Factor)> units, out double value)
    {
        value = 0;
        foreach ((string suffix, double factor) in units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            ReadOnlySpan<char> digits = text.AsSpan(0, text.Length - suffix.Length).Trim();
            if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)) return false;
            value = number * factor;
            return true;
        }
        return false;
    }
}
