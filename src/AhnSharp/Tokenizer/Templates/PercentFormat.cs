using System;
using System.Collections.Generic;
using System.Globalization;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>text % values</c> and the filter format: printf as Python has it; fields keep the origin of what fills them.</summary>
internal static class PercentFormat
{
    public static TemplateString Format(TemplateString format, object? values, TemplateBudget budget)
    {
        List<object?> items = values is TemplateSequence { Kind: TemplateSequenceKind.Tuple } tuple ? tuple : [values];
        budget.Characters(format.Length);
        TemplateStringBuilder made = new(budget);
        string text = format.Text;
        int next = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                made.Append(text[i], format.IsFromTemplate(i));
                continue;
            }
            int at = i + 1;
            object? value = null;
            bool hasValue = false;
            if (at < text.Length && text[at] == '(')
            {
                int end = text.IndexOf(')', at);
                if (end < 0 || values is not TemplateMap map) throw Error(budget, "a field with a name needs a mapping");
                if (!map.TryGet(TemplateKey.Of(TemplateString.OfValue(text[(at + 1)..end]), budget), out value)) throw Error(budget,
                    "the mapping lacks the name of a field");
                (hasValue, at) = (true, end + 1);
            }
            int flags = at;
            while (at < text.Length && text[at] is '-' or '+' or ' ' or '#' or '0') at++;
            string given = text[flags..at];
            long width = Width(ref at, out bool leftByStar);
            int? precision = null;
            if (at < text.Length && text[at] == '.')
            {
                at++;
                precision = (int)Math.Min(Width(ref at, out _), int.MaxValue);
            }
            if (at == text.Length) throw Error(budget, "a field is not whole");
            char type = text[at];
            if (type == '%')
            {
                made.Append('%', format.IsFromTemplate(at));
            }
            else
            {
                if (!hasValue) value = Next();
                Append(made, type, given + (leftByStar ? "-" : ""), width, precision, value);
            }
            i = at;
        }
        if (next < items.Count
            && values is not (TemplateMap or List<object?> and not TemplateSequence { Kind: TemplateSequenceKind.Tuple }))
            throw Error(budget, "not all values are used");
        return made.Build();

        object? Next() => next < items.Count ? items[next++] : throw Error(budget, "there are more fields than values");

        long Width(ref int at, out bool negative)
        {
            negative = false;
            if (at < text.Length && text[at] == '*')
            {
                at++;
                long asked = Next() is long number ? number : throw Error(budget, "'*' needs an integer");
                negative = asked < 0;
                return asked == long.MinValue ? long.MaxValue : Math.Abs(asked);
            }
            int start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return at == start ? 0 : at - start < 18 ? long.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture)
                : long.MaxValue;
        }
    }

    private static void Append(TemplateStringBuilder made, char type, string flags, long width, int? precision, object? value)
    {
        TemplateBudget budget = made.Budget;
        bool left = flags.Contains('-', StringComparison.Ordinal), alternative = flags.Contains('#', StringComparison.Ordinal);
        bool zeros = flags.Contains('0', StringComparison.Ordinal) && !left;
        string sign = "", prefix = "";
        TemplateString text;
        switch (type)
        {
            case 's' or 'r' or 'a' or 'c':
                zeros = false;
                text = type == 's' ? TemplateValue.ToText(value, budget) : type == 'c' ? Character(value, budget)
                    : TemplateRepr.Repr(value, budget);
                if (type != 'c' && precision < text.CodePoints) text = text.Slice(0, text.OffsetOf(precision.Value));
                break;
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                BigInteger number = value is double real && double.IsFinite(real) && type is 'd' or 'i' or 'u'
                    ? new BigInteger((double)value!)
                    : TemplateNumber.AsInteger(value)
                        ?? throw Error(budget, $"'%{type}' needs a number, not {TemplateValue.Describe(value)}");
                string digits = FieldFormat.InBase(BigInteger.Abs(number), type is 'x' or 'X' or 'o' ? type : 'd');
                sign = number.Sign < 0 ? "-" : Plus();
                if (alternative) prefix = type switch { 'x' => "0x", 'X' => "0X", 'o' => "0o", _ => "" };
                if (precision > digits.Length) budget.Characters(precision.Value);
                text = TemplateString.OfValue(digits.PadLeft(precision ?? 0, '0'));
                break;
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                double size = TemplateNumber.AsDouble(value)
                    ?? throw Error(budget, $"'%{type}' needs a number, not {TemplateValue.Describe(value)}");
                string written = FieldFormat.Digits(size, type, precision ?? 6, alternative);
                sign = double.IsNegative(size) ? "-" : Plus();
                text = TemplateString.OfValue(char.IsUpper(type) ? written.ToUpperInvariant() : written);
                zeros &= double.IsFinite(size);
                break;
            default:
                throw Error(budget, $"the field '%{type}' is not known");
        }
        long missing = Math.Max(0, width - sign.Length - prefix.Length - text.CodePoints);
        if (!left && !zeros) made.Append(' ', missing, fromTemplate: false);
        made.Append(sign + prefix, fromTemplate: false);
        if (zeros) made.Append('0', missing, fromTemplate: false);
        made.Append(text);
        if (left) made.Append(' ', missing, fromTemplate: false);

        string Plus() => flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
    }

    private static TemplateString Character(object? value, TemplateBudget budget) => value switch
    {
        TemplateString { CodePoints: 1 } one => one,
        long code when code is >= 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF) =>
            TemplateString.OfValue(char.ConvertFromUtf32((int)code)),
        _ => throw Error(budget, "'%c' needs a character or its code point"),
    };

    private static ChatTemplateException Error(TemplateBudget budget, string why) =>
        new(budget.Line, $"the text before '%' cannot be filled: {why}.");
}
