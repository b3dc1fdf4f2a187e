using System;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>How a value fills a field: Python's format specification,
/// <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed class FieldFormat
{
    private const int MaximumPrecision = 400;

    private readonly TemplateBudget _budget;
    private readonly bool _alternative;
    private readonly char _sign = '-';
    private readonly char _grouping; // none: '\0'
    private readonly char _align;
    private readonly TemplateString _fill = TemplateString.OfTemplate(" ");
    private readonly long _width;
    private readonly int? _precision;
    private readonly char _type;

    public FieldFormat(TemplateString specification, TemplateBudget budget)
    {
        _budget = budget;
        string text = specification.Text;
        int at = 0, first = text.Length > 0 ? TemplateString.LengthAt(text, 0) : 0;
        if (first > 0 && first < text.Length && IsAlign(text[first]))
        {
            (_fill, _align, at) = (specification.Slice(0, first), text[first], first + 1);
        }
        else if (text.Length > 0 && IsAlign(text[0]))
        {
            (_align, at) = (text[0], 1);
        }
        if (at < text.Length && text[at] is '+' or '-' or ' ') _sign = text[at++];
        if (at < text.Length && text[at] == '#') (_alternative, at) = (true, at + 1);
        if (at < text.Length && text[at] == '0')
        {
            if (at < 2) _fill = TemplateString.OfValue("0");
            if (_align == '\0') _align = '=';
            at++;
        }
        _width = Number(text, ref at) ?? 0;
        if (at < text.Length && text[at] is ',' or '_') _grouping = text[at++];
        if (at < text.Length && text[at] == '.')
        {
            at++;
            _precision = Number(text, ref at) is long digits and <= int.MaxValue ? (int)digits
                : throw Error(specification, "needs a number behind its point");
        }
        if (at < text.Length) _type = text[at++];
        if (at < text.Length) throw Error(specification, "is not understood");
    }

    /// <summary>The value as text of the field.</summary>
    public TemplateString Format(object? value) => value switch
    {
        TemplateString text when _type is '\0' or 's' => FormatText(text),
        bool truth when _type is '\0' => FormatText(TemplateString.OfValue(truth ? "True" : "False")),
        bool or long or BigInteger when _type is '\0' or 'd' or 'n' or 'x' or 'X' or 'o' or 'b' or 'c' =>
            FormatInteger(TemplateNumber.AsInteger(value)!.Value),
        bool or long or BigInteger or double when _type is '\0' or 'f' or 'F' or 'e' or 'E' or 'g' or 'G' or 'n' or '%' =>
            FormatFloat(TemplateNumber.AsDouble(value)!.Value),
        _ => throw new ChatTemplateException(_budget.Line,
            $"the format '{(_type == '\0' ? "" : _type)}' cannot write {TemplateValue.Describe(value)}."),
    };

    /// <summary>Digits of a float in the style of a type: f, e, g, % or, for '\0', repr.</summary>
    public static string Digits(double value, char type, int? precision, bool alternative)
    {
        double size = Math.Abs(value);
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "nan" : "inf";
        int digits = Math.Min(precision ?? 6, MaximumPrecision);
        switch (char.ToLowerInvariant(type))
        {
            case 'f': return TemplateNumber.Fixed(size, digits) + (alternative && digits == 0 ? "." : "");
            case '%': return TemplateNumber.Fixed(size * 100, digits) + "%";
            case 'e': return Exponential(size, digits);
            case '\0' when precision is null: return PythonText.Float(size);
        }
        digits = Math.Max(digits, 1);
        string scientific = Exponential(size, digits - 1);
        int e = scientific.IndexOf('e', StringComparison.Ordinal),
            exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        bool isPlain = exponent >= -4 && exponent < (type == '\0' ? digits - 1 : digits);
        string mantissa = isPlain ? TemplateNumber.Fixed(size, digits - 1 - exponent) : scientific[..e];
        if (!alternative && mantissa.Contains('.', StringComparison.Ordinal)) mantissa = mantissa.TrimEnd('0').TrimEnd('.');
        if (type == '\0' && isPlain && !mantissa.Contains('.', StringComparison.Ordinal)) mantissa += ".0";
        return isPlain ? mantissa : mantissa + scientific[e..];
    }

    private static string Exponential(double size, int digits)
    {
        string text = size.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        int e = text.IndexOf('E', StringComparison.Ordinal),
            exponent = int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{text[..e]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private TemplateString FormatText(TemplateString text)
    {
        if (_precision < text.CodePoints) text = text.Slice(0, text.OffsetOf(_precision!.Value));
        return Pad(TemplateString.Empty, text, _align == '\0' ? '<' : _align);
    }

    private TemplateString FormatInteger(BigInteger value)
    {
        BigInteger size = BigInteger.Abs(value);
        if (_type == 'c') return Pad(TemplateString.Empty, TemplateString.OfValue(Character(value)), _align == '\0' ? '<' : _align);
        string digits = InBase(size, _type);
        string prefix = !_alternative ? "" : _type switch { 'x' => "0x", 'X' => "0X", 'o' => "0o", 'b' => "0b", _ => "" };
        return Number(value.Sign < 0, prefix, Grouped(digits, _type is 'x' or 'X' or 'o' or 'b' ? 4 : 3));
    }

    private TemplateString FormatFloat(double value)
    {
        string digits = Digits(value, _type == 'n' ? 'g' : _type, _precision, _alternative);
        if (_type is 'F' or 'E' or 'G') digits = digits.ToUpperInvariant();
        int whole = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (whole < 0) whole = digits.Length;
        return Number(double.IsNegative(value) && !double.IsNaN(value), "", Grouped(digits[..whole], 3) + digits[whole..]);
    }

    private TemplateString Number(bool negative, string prefix, string digits)
    {
        string sign = negative ? "-" : _sign is '+' or ' ' ? _sign.ToString() : "";
        return Pad(TemplateString.OfValue(sign + prefix), TemplateString.OfValue(digits), _align == '\0' ? '>' : _align);
    }

    private TemplateString Pad(TemplateString before, TemplateString text, char align)
    {
        long missing = Math.Max(0, _width - before.Length - text.CodePoints);
        TemplateStringBuilder made = new(_budget);
        long left = align switch { '>' => missing, '^' => missing / 2, _ => 0 };
        made.Append(_fill, left);
        made.Append(before);
        if (align == '=') made.Append(_fill, missing);
        made.Append(text);
        if (align != '=') made.Append(_fill, missing - left);
        return made.Build();
    }

    private string Grouped(string digits, int size)
    {
        if (_grouping == '\0' || digits.Length <= size) return digits;
        StringBuilder grouped = new();
        for (int i = 0; i < digits.Length; i++)
        {
            if (i > 0 && (digits.Length - i) % size == 0) grouped.Append(_grouping);
            grouped.Append(digits[i]);
        }
        return grouped.ToString();
    }

    /// <summary>An integer, not negative, in the base that a type names.</summary>
    public static string InBase(BigInteger size, char type)
    {
        if (type is 'x' or 'X') return Hexadecimal(size, type);
        int numberBase = type switch { 'o' => 8, 'b' => 2, _ => 10 };
        if (numberBase == 10) return size.ToString(CultureInfo.InvariantCulture);
        StringBuilder digits = new();
        for (BigInteger rest = size; digits.Length == 0 || !rest.IsZero; rest /= numberBase) digits.Insert(0,
            (char)('0' + (int)(rest % numberBase)));
        return digits.ToString();
    }

    /// <summary>The character of a code point.</summary>
    public string Character(BigInteger codePoint) => codePoint >= 0 && codePoint <= 0x10FFFF && Rune.IsValid((int)codePoint)
        ? new Rune((int)codePoint).ToString()
            : throw new ChatTemplateException(_budget.Line, "the format 'c' needs a code point of a character.");

    private static string Hexadecimal(BigInteger size, char type)
    {
        string digits = size.ToString(type.ToString(), CultureInfo.InvariantCulture).TrimStart('0');
        return digits.Length == 0 ? "0" : digits;
    }

    private static bool IsAlign(char character) => character is '<' or '>' or '^' or '=';

    private static long? Number(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return at == start ? null : at - start < 18 ? long.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture)
            : long.MaxValue;
    }

    private ChatTemplateException Error(TemplateString specification, string why) =>
        new(_budget.Line, $"the format {Gguf.GgufText.Quote(specification.Text)} {why}.");
}
