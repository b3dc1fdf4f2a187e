using System;
using System.Globalization;
using System.Numerics;

namespace AhnSharp.Constraints;

/// <summary>A decimal number as it is written: Digits · 10^−Places, exactly.</summary>
internal readonly record struct Decimal10(BigInteger Digits, int Places) : IComparable<Decimal10>
{
    // Digits before and behind the point at most: a bound of 1e300 would be an automaton of 300 digits for nothing.
    private const int MaxDigits = 40;

    /// <summary>Reads a JSON number; null where it has more digits than an automaton should.</summary>
    public static Decimal10? Parse(string text)
    {
        int exponentAt = text.AsSpan().IndexOfAny('e', 'E');
        string mantissa = exponentAt < 0 ? text : text[..exponentAt];
        int exponent = 0;
        if (exponentAt >= 0
            && !int.TryParse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out exponent)) return null;
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int places = (point < 0 ? 0 : mantissa.Length - point - 1) - exponent;
        if (mantissa.Length > MaxDigits || Math.Abs((long)places) > MaxDigits) return null;
        BigInteger digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (places < 0) (digits, places) = (digits * BigInteger.Pow(10, -places), 0);
        while (places > 0 && digits % 10 == 0) (digits, places) = (digits / 10, places - 1);
        return new Decimal10(digits, places);
    }

    public int CompareTo(Decimal10 other) => Scaled(other.Places).CompareTo(other.Scaled(Places));

    /// <summary>The digits before the point (none of zero) and behind it, without the sign.</summary>
    public (string Whole, string Fraction) Parts()
    {
        string digits = BigInteger.Abs(Digits).ToString(CultureInfo.InvariantCulture).PadLeft(Places + 1, '0');
        return (digits[..^Places].TrimStart('0'), digits[^Places..]);
    }

    private BigInteger Scaled(int otherPlaces) => otherPlaces > Places ? Digits * BigInteger.Pow(10, otherPlaces - Places) : Digits;
}
