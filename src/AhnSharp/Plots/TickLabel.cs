using System;
using System.Globalization;

namespace AhnSharp.Plots;

/// <summary>A number as short as its neighbours on the axis allow: 4k, 131k, 1.5M, 0.25, 2e−9.</summary>
internal static class TickLabel
{
    private static readonly (double Scale, string Suffix)[] Suffixes = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")];

    /// <summary>The label of <paramref name="value"/> among numbers <paramref name="step"/> apart.</summary>
    internal static string Of(double value, double step)
    {
        double size = Math.Abs(value);
        if (size < step * 1e-6) return "0";
        if (size is < 1e-4 or >= 1e15) return Scientific(value, step);
        (double scale, string suffix) = Array.Find(Suffixes, unit => size >= unit.Scale * (1 - 1e-9) || unit.Scale == 1);
        if (Decimals(value / scale, step / scale) is { } label) return label + suffix;
        // Close numbers far from zero: all their digits.
        return Decimals(value, step) ?? Scientific(value, step);
    }

    // No more than 4 decimals behind a suffix that shortens; enough to tell neighbours apart.
    private static string? Decimals(double value, double step)
    {
        for (int decimals = 0; decimals <= 4; decimals++)
        {
            double rounded = Math.Round(value, decimals);
            if (Math.Abs(rounded - value) <= Math.Abs(step) * 1e-3) return Minus(rounded.ToString("0.####", CultureInfo.InvariantCulture));
        }
        return null;
    }

    private static string Scientific(double value, double step)
    {
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)) + 1e-9);
        double power = Math.Pow(10, exponent);
        string lead = Decimals(value / power, step / power) ?? Minus((value / power).ToString("0.#########", CultureInfo.InvariantCulture));
        return lead + "e" + Minus(exponent.ToString(CultureInfo.InvariantCulture));
    }

    private static string Minus(string digits) => digits.Replace('-', '\u2212');
}
