using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>+ - * / // %</c> of numbers, <c>+</c> of strings and of lists, <c>*</c> of a string and a number.</summary>
internal sealed class ArithmeticExpression(int line, string symbol, TemplateExpression left, TemplateExpression right) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? a = run.Evaluate(left), b = run.Evaluate(right);
        (a, b) = (AsNumber(a), AsNumber(b));
        try
        {
            return (symbol, a, b) switch
            {
                ("+", TemplateString x, TemplateString y) => Join(x, y, run.Budget),
                ("+", List<object?> x, List<object?> y) => Join(x, y, run.Budget),
                ("*", TemplateString x, long n) => Repeat(x, n, run.Budget),
                ("*", long n, TemplateString x) => Repeat(x, n, run.Budget),
                (_, long x, long y) => Calculate(x, y, run),
                (_, long or double, long or double) => Calculate(Convert.ToDouble(a, null), Convert.ToDouble(b, null), run),
                _ => throw run.Error($"'{symbol}' is not defined for {TemplateValue.Describe(a)} and {TemplateValue.Describe(b)}."),
            };
        }
        catch (OverflowException)
        {
            throw run.Error($"the result of '{symbol}' does not fit 64 bits.");
        }
    }

    // Booleans count as 0 and 1.
    private static object? AsNumber(object? value) => value is bool truth ? (truth ? 1L : 0L) : value;

    private static TemplateString Join(TemplateString a, TemplateString b, TemplateBudget budget)
    {
        budget.Characters((long)a.Length + b.Length);
        return TemplateString.Join([a, b]);
    }

    private static List<object?> Join(List<object?> a, List<object?> b, TemplateBudget budget)
    {
        budget.Step((long)a.Count + b.Count);
        return [.. a, .. b];
    }

    private static TemplateString Repeat(TemplateString text, long count, TemplateBudget budget)
    {
        if (count <= 0 || text.Length == 0) return TemplateString.Empty;
        budget.Characters(checked(text.Length * count));
        return TemplateString.Join([.. Enumerable.Repeat(text, (int)count)]);
    }

    private object Calculate(long a, long b, TemplateRun run)
    {
        if (symbol is "/" or "//" or "%" && b == 0) throw run.Error($"division by zero in '{symbol}'.");
        if (symbol == "%") return b == -1 ? 0 : a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0); // the sign of the divisor, as in Python
        return symbol switch
        {
            "+" => checked(a + b),
            "-" => checked(a - b),
            "*" => checked(a * b),
            "/" => (object)((double)a / b),
            _ => checked(a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0), // rounds down
        };
    }

    private double Calculate(double a, double b, TemplateRun run)
    {
        if (symbol is "/" or "//" or "%" && b == 0) throw run.Error($"division by zero in '{symbol}'.");
        return symbol switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "%" => a - b * Math.Floor(a / b),
            _ => Math.Floor(a / b),
        };
    }
}

/// <summary><c>-a</c>.</summary>
internal sealed class NegativeExpression(int line, TemplateExpression operand) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => run.Evaluate(operand) switch
    {
        long number and not long.MinValue => (object)-number,
        double number => -number,
        bool truth => truth ? -1L : 0L,
        var other => throw run.Error($"'-' is not defined for {TemplateValue.Describe(other)}."),
    };
}
