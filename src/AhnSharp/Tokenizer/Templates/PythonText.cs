using System;
using System.Globalization;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Text as Python says it: its white space, and its way of writing numbers.</summary>
internal static class PythonText
{
    /// <summary>Python's str.isspace: Unicode's white space and the four separators U+001C..U+001F.</summary>
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    public static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start])) start++;
        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>The ends of lines as str.splitlines knows them; \r\n is one.</summary>
    public static bool IsLineEnd(char character) =>
        character is '\n' or '\r' or '\v' or '\f' or '\u001C' or '\u001D' or '\u001E' or '\u0085' or '\u2028' or '\u2029';

    /// <summary>A number as json.dumps writes it.</summary>
    public static string Number(object number) => number switch
    {
        long integer => integer.ToString(CultureInfo.InvariantCulture),
        BigInteger large => large.ToString(CultureInfo.InvariantCulture),
        double real when !double.IsFinite(real) => double.IsNaN(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity",
        double real => Float(real),
        _ => throw new ArgumentException($"{number.GetType()} is not a number of the template language.", nameof(number)),
    };

    /// <summary>repr() of a float: the shortest digits, plain where the point is at most 16 digits right and 4 left of them.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        string shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        for (int precision = 0; precision < 17; precision++)
        {
            string candidate = value.ToString("E" + precision.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (!double.Parse(candidate, CultureInfo.InvariantCulture).Equals(value)) continue;
            shortest = candidate;
            break;
        }
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string sign = shortest[0] == '-' ? "-" : "";
        string digits = shortest[sign.Length..e].Replace(".", "", StringComparison.Ordinal);
        if (exponent is < -4 or >= 16)
        {
            string mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
