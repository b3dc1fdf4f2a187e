using System;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The filters of numbers.</summary>
internal static class NumberFilters
{
    public static object? Absolute(object? value, TemplateArguments a)
    {
        if (value is double real) return Math.Abs(real);
        return TemplateNumber.AsInteger(value) is BigInteger integer
            ? TemplateNumber.Of(BigInteger.Abs(integer), a.Budget) : throw a.Error($"needs a number, not {TemplateValue.Describe(value)}");
    }

    public static object? ToInteger(object? value, TemplateArguments a)
    {
        object? fallback = a.TakeOr("default", 0L);
        long numberBase = a.TakeInteger("base", 10);
        if (value is TemplateString text)
        {
            a.Budget.Characters(text.Length);
            if (TemplateNumber.ParseInteger(text.Text,
                (int)Math.Clamp(numberBase, -1, 99)) is BigInteger parsed) return TemplateNumber.Of(parsed, a.Budget);
            value = TemplateNumber.ParseFloat(text.Text);
        }
        if (value is double real) return double.IsFinite(real) ? TemplateNumber.Of(new BigInteger(real), a.Budget) : fallback;
        return TemplateNumber.AsInteger(value) is BigInteger integer ? TemplateNumber.Of(integer, a.Budget) : fallback;
    }

    public static object? ToFloat(object? value, TemplateArguments a)
    {
        object? fallback = a.TakeOr("default", 0.0);
        if (value is not TemplateString text) return TemplateNumber.AsDouble(value) is double number ? number : fallback;
        a.Budget.Characters(text.Length);
        return TemplateNumber.ParseFloat(text.Text) is double parsed ? parsed : fallback;
    }

    public static object? Round(object? value, TemplateArguments a)
    {
        long precision = a.TakeInteger("precision", 0);
        string method = a.TakeText("method")?.Text ?? "common";
        int digits = (int)Math.Clamp(precision, -400, 400);
        if (TemplateNumber.AsDouble(value) is not double number) throw a.Error($"needs a number, not {TemplateValue.Describe(value)}");
        switch (method)
        {
            case "common":
                if (value is double) return TemplateNumber.Round(number, digits);
                if (digits >= 0) return TemplateNumber.Of(TemplateNumber.AsInteger(value)!.Value, a.Budget);
                return TemplateNumber.Of(RoundInteger(TemplateNumber.AsInteger(value)!.Value, -digits), a.Budget);
            case "ceil" or "floor":
                if (!double.IsFinite(number)) throw a.Error("needs a finite number");
                double scaled = number * Math.Pow(10, digits);
                return (method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / Math.Pow(10, digits);
            default:
                throw a.Error("rounds by 'common', 'ceil' or 'floor'");
        }
    }

    // Ties to even, as Python's round does.
    private static BigInteger RoundInteger(BigInteger value, int zeros)
    {
        BigInteger unit = BigInteger.Pow(10, zeros), whole = BigInteger.DivRem(BigInteger.Abs(value), unit, out BigInteger rest);
        int half = (rest << 1).CompareTo(unit);
        if (half > 0 || (half == 0 && !whole.IsEven)) whole++;
        return whole * unit * value.Sign;
    }
}
