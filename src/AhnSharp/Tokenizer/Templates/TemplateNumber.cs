using System;
using System.Globalization;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Numbers of the language: booleans count as 0 and 1, integers have any size, floats are doubles.</summary>
internal static class TemplateNumber
{
    /// <summary>Most digits between text and integer, as in Python: its time grows with their square.</summary>
    public const int MaximumDigits = 4300;

    // As many bits: 4,300 digits.
    private const long MaximumBits = 14_284;

    /// <summary>An integer as the language holds it: in 64 bits where it fits.</summary>
    public static object Of(BigInteger value, TemplateBudget budget)
    {
        if (value.GetBitLength() > MaximumBits)
            throw new ChatTemplateException(budget.Line,
                $"an integer has more than {MaximumDigits} digits, which is more than is supported.");
        return value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
    }

    public static bool IsNumber(object? value) => value is bool or long or double or BigInteger;

    /// <summary>An integer, booleans being 0 and 1; null where it is none.</summary>
    public static BigInteger? AsInteger(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long number => number,
        BigInteger number => number,
        _ => null,
    };

    /// <summary>The value as a float; null where it is no number.</summary>
    public static double? AsDouble(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long number => number,
        double number => number,
        BigInteger number => (double)number,
        _ => null,
    };

    /// <summary>Whether two numbers are equal; null where not both are numbers.</summary>
    public static bool? AreEqual(object? a, object? b)
    {
        if (AsDouble(a) is not double p || AsDouble(b) is not double q) return null;
        // Integers beyond 2^53 are told apart; a float is compared as a float.
        return AsInteger(a) is BigInteger x && AsInteger(b) is BigInteger y ? x == y : p == q;
    }

    /// <summary>int(text, base) as Python reads it; null where it is no integer.</summary>
    public static BigInteger? ParseInteger(string text, int numberBase)
    {
        ReadOnlySpan<char> digits = PythonText.TrimEnd(PythonText.TrimStart(text));
        bool negative = digits.StartsWith('-');
        if (negative || digits.StartsWith('+')) digits = digits[1..];
        if (digits.Length > MaximumDigits) return null;
        bool afterPrefix = false;
        if (digits.Length > 1 && digits[0] == '0')
        {
            int named = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 };
            if (named != 0 && (numberBase == named || numberBase == 0))
            {
                digits = digits[2..];
                (numberBase, afterPrefix) = (named, true);
            }
        }
        if (numberBase == 0)
        {
            // A number that names no base is decimal, and so may not begin with 0.
            if (digits.StartsWith('0') && digits.ContainsAnyExcept('0', '_')) return null;
            numberBase = 10;
        }
        if (numberBase is < 2 or > 36 || digits.IsEmpty) return null;
        BigInteger value = 0;
        bool mayUnderscore = afterPrefix;
        foreach (char character in digits)
        {
            if (character == '_')
            {
                if (!mayUnderscore) return null;
                mayUnderscore = false;
                continue;
            }
            int digit = character < 0x80 && char.IsAsciiLetter(character) ? char.ToLowerInvariant(character) - 'a' + 10
                : CharUnicodeInfo.GetDecimalDigitValue(character);
            if (digit < 0 || digit >= numberBase) return null;
            value = value * numberBase + digit;
            mayUnderscore = true;
        }
        if (!mayUnderscore) return null;
        return negative ? -value : value;
    }

    /// <summary>float(text) as Python reads it; null where it is no float.</summary>
    public static double? ParseFloat(string text)
    {
        string trimmed = PythonText.TrimEnd(PythonText.TrimStart(text)).ToLowerInvariant();
        string unsigned = trimmed.StartsWith('-') || trimmed.StartsWith('+') ? trimmed[1..] : trimmed;
        if (unsigned is "inf" or "infinity") return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        if (unsigned is "nan") return double.NaN;
        for (int i = trimmed.IndexOf('_', StringComparison.Ordinal); i >= 0; i = trimmed.IndexOf('_', i + 1))
        {
            if (i == 0 || i + 1 == trimmed.Length || !char.IsAsciiDigit(trimmed[i - 1]) || !char.IsAsciiDigit(trimmed[i + 1])) return null;
        }
        trimmed = trimmed.Replace("_", "", StringComparison.Ordinal);
        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return unsigned.Length > 0 && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')
            && double.TryParse(trimmed, Plain, CultureInfo.InvariantCulture, out double value)
            ? value : null;
    }

    /// <summary>A float with a number of digits behind the point, ties to even, from its exact value as Python rounds it.</summary>
    /// <param name="value">Finite.</param>
    /// <param name="precision">0 … 400.</param>
    public static string Fixed(double value, int precision)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger mantissa = (bits & 0xF_FFFF_FFFF_FFFF) | (exponent == 0 ? 0 : 1L << 52);
        exponent = Math.Max(exponent, 1) - 1075; // |value| = mantissa · 2^exponent
        BigInteger scaled = mantissa * BigInteger.Pow(10, precision);
        if (exponent >= 0)
        {
            scaled <<= exponent;
        }
        else
        {
            BigInteger unit = BigInteger.One << -exponent;
            BigInteger whole = BigInteger.DivRem(scaled, unit, out BigInteger rest);
            int half = (rest << 1).CompareTo(unit);
            scaled = half > 0 || (half == 0 && !whole.IsEven) ? whole + 1 : whole;
        }
        string digits = scaled.ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        string sign = bits < 0 ? "-" : "";
        return precision == 0 ? sign + digits : $"{sign}{digits[..^precision]}.{digits[^precision..]}";
    }

    /// <summary>round(value, precision) of a float.</summary>
    public static double Round(double value, int precision)
    {
        if (!double.IsFinite(value) || precision > 330) return value;
        if (precision >= 0) return double.Parse(Fixed(value, precision), CultureInfo.InvariantCulture);
        if (precision < -330) return 0;
        BigInteger unit = BigInteger.Pow(10, -precision),
            whole = BigInteger.DivRem(new BigInteger(Math.Abs(value)), unit, out BigInteger rest);
        int half = (rest << 1).CompareTo(unit);
        if (half == 0 && Math.Abs(value) != Math.Floor(Math.Abs(value))) half = 1;
        if (half > 0 || (half == 0 && !whole.IsEven)) whole++;
        return Math.CopySign((double)(whole * unit), value);
    }
}
