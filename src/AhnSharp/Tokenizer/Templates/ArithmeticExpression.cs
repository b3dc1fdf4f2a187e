using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>+ - * / // % **</c> of numbers, <c>+</c> and <c>*</c> of strings and lists, <c>%</c> of a string and what fills
/// it.</summary>
internal sealed class ArithmeticExpression(int line, string symbol, TemplateExpression left, TemplateExpression right)
    : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => Calculate(symbol, run.Evaluate(left), run.Evaluate(right), run);

    /// <summary>a + b.</summary>
    public static object? Add(object? a, object? b, TemplateRun run) => Calculate("+", a, b, run);

    /// <summary>a % b of numbers.</summary>
    public static object? Remainder(object? a, object? b, TemplateRun run) => Calculate("%", a, b, run);

    private static object? Calculate(string symbol, object? a, object? b, TemplateRun run)
    {
        switch (symbol, a, b)
        {
            case ("+", TemplateString x, TemplateString y): return Join(x, y, run.Budget);
            case ("%", TemplateString format, not UndefinedValue): return PercentFormat.Format(format, b, run.Budget);
            case ("+", List<object?> x, List<object?> y) when IsPlain(x) && (x as TemplateSequence)?.Kind == (y as TemplateSequence)?.Kind:
                run.Budget.Step((long)x.Count + y.Count);
                return Like(x, [.. x, .. y]);
            case ("*", TemplateString or List<object?>, bool or long or BigInteger):
                return Repeat(a, TemplateNumber.AsInteger(b)!.Value,
                run);
            case ("*", bool or long or BigInteger, TemplateString or List<object?>):
                return Repeat(b, TemplateNumber.AsInteger(a)!.Value,
                run);
        }
        if (TemplateNumber.AsInteger(a) is BigInteger i && TemplateNumber.AsInteger(b) is BigInteger j) return Calculate(symbol, i, j, run);
        if (TemplateNumber.AsDouble(a) is double p && TemplateNumber.AsDouble(b) is double q) return Calculate(symbol, p, q, run);
        throw run.Error($"'{symbol}' is not defined for {TemplateValue.Describe(a)} and {TemplateValue.Describe(b)}.");
    }

    private static bool IsPlain(List<object?> list) => list is not TemplateSequence { Kind: not TemplateSequenceKind.Tuple };

    private static List<object?> Like(List<object?> model, List<object?> items) => model is TemplateSequence
        ? new TemplateSequence(TemplateSequenceKind.Tuple, items) : items;

    private static TemplateString Join(TemplateString a, TemplateString b, TemplateBudget budget)
    {
        budget.Characters((long)a.Length + b.Length);
        return TemplateString.Join([a, b]);
    }

    private static object Repeat(object value, BigInteger count, TemplateRun run)
    {
        long times = count.Sign <= 0 ? 0 : count > int.MaxValue ? int.MaxValue : (long)count;
        if (value is TemplateString text)
        {
            if (times == 0 || text.Length == 0) return TemplateString.Empty;
            run.Budget.Characters(text.Length * times);
            return TemplateString.Join([.. Enumerable.Repeat(text, (int)times)]);
        }
        List<object?> list = (List<object?>)value;
        if (!IsPlain(list)) throw run.Error($"'*' is not defined for {TemplateValue.Describe(value)}.");
        run.Budget.Step(list.Count * times);
        List<object?> repeated = [];
        for (long i = 0; i < times && list.Count > 0; i++) repeated.AddRange(list);
        return Like(list, repeated);
    }

    private static object Calculate(string symbol, BigInteger a, BigInteger b, TemplateRun run)
    {
        if (symbol is "/" or "//" or "%" && b.IsZero) throw run.Error($"division by zero in '{symbol}'.");
        switch (symbol)
        {
            case "+": return TemplateNumber.Of(a + b, run.Budget);
            case "-": return TemplateNumber.Of(a - b, run.Budget);
            case "*": return TemplateNumber.Of(a * b, run.Budget);
            case "/": return Finite((double)a / (double)b, run);
            case "**": return Power(a, b, run);
        }
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        // Rounds down, and what is left has the sign of the divisor, as in Python.
        bool down = !rest.IsZero && rest.Sign != b.Sign;
        return TemplateNumber.Of(symbol == "//" ? quotient - (down ? 1 : 0) : rest + (down ? b : 0), run.Budget);
    }

    private static object Power(BigInteger a, BigInteger b, TemplateRun run)
    {
        if (b.Sign < 0)
        {
            if (a.IsZero) throw run.Error("division by zero in '**'.");
            return Math.Pow((double)a, (double)b);
        }
        if (a.IsZero || a.IsOne || b.IsZero) return b.IsZero ? 1L : (long)a;
        if (a == BigInteger.MinusOne) return b.IsEven ? 1L : -1L;
        // Known to be too large before it is made.
        if (b > 14_300 || a.GetBitLength() * (long)b > 15_000) return TemplateNumber.Of(BigInteger.One << 15_000, run.Budget);
        return TemplateNumber.Of(BigInteger.Pow(a, (int)b), run.Budget);
    }

    private static double Finite(double value, TemplateRun run) =>
        double.IsFinite(value) ? value : throw run.Error("the result is too large for a float.");

    private static double Calculate(string symbol, double a, double b, TemplateRun run)
    {
        if (symbol is "/" or "//" or "%" && b == 0) throw run.Error($"division by zero in '{symbol}'.");
        return symbol switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "%" => a % b is var rest && rest != 0 && (rest < 0) != (b < 0) ? rest + b : Math.CopySign(a % b, b),
            "**" => a < 0 && b != Math.Floor(b) ? throw run.Error("'**' of a negative number and a fraction is not supported.")
                : Math.Pow(a, b),
            _ => Math.Floor(a / b),
        };
    }
}

/// <summary><c>-a</c> and <c>+a</c>.</summary>
internal sealed class SignedExpression(int line, bool negative, TemplateExpression operand) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = run.Evaluate(operand);
        if (value is double number) return negative ? -number : number;
        if (TemplateNumber.AsInteger(value) is BigInteger integer) return TemplateNumber.Of(negative ? -integer : integer, run.Budget);
        throw run.Error($"'{(negative ? '-' : '+')}' is not defined for {TemplateValue.Describe(value)}.");
    }
}
