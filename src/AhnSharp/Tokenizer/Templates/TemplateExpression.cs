using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>An expression of a template; evaluated through <see cref="TemplateRun.Evaluate"/>, which counts it.</summary>
internal abstract class TemplateExpression(int line)
{
    public int Line => line;

    public abstract object? Evaluate(TemplateRun run);
}

internal sealed class ConstantExpression(int line, object? value) : TemplateExpression(line)
{
    public object? Value => value;

    public override object? Evaluate(TemplateRun run) => value;
}

internal sealed class NameExpression(int line, string name) : TemplateExpression(line)
{
    public string Name => name;

    public override object? Evaluate(TemplateRun run)
    {
        if (run.Scope.TryGet(name, out object? value)) return value;
        return (object?)TemplateFunctions.Find(name) ?? new UndefinedValue(GgufText.Quote(name));
    }
}

internal sealed class ListExpression(int line, List<TemplateExpression> items) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        List<object?> values = new(items.Count);
        foreach (TemplateExpression item in items) values.Add(run.Evaluate(item));
        return values;
    }
}

/// <summary><c>(a, b)</c>, or <c>a, b</c> without brackets.</summary>
internal sealed class TupleExpression(int line, List<TemplateExpression> items) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object?[] values = new object?[items.Count];
        for (int i = 0; i < values.Length; i++) values[i] = run.Evaluate(items[i]);
        return TemplateSequence.Tuple(values);
    }
}

internal sealed class MapExpression(int line, List<(TemplateExpression Key, TemplateExpression Value)> pairs) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        TemplateMap map = new();
        foreach ((TemplateExpression key, TemplateExpression value) in pairs)
        {
            TemplateKey name = TemplateKey.Of(run.Evaluate(key), run.Budget);
            map.Set(name, run.Evaluate(value));
        }
        return map;
    }
}

/// <summary><c>then if test else otherwise</c>; without else, undefined.</summary>
internal sealed class ConditionalExpression(int line, TemplateExpression test, TemplateExpression then, TemplateExpression? otherwise)
    : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        if (run.IsTrue(test)) return run.Evaluate(then);
        return otherwise is null ? new UndefinedValue("an inline if without else") : run.Evaluate(otherwise);
    }
}

/// <summary><c>and</c>, <c>or</c>: the operand that decided, as in Python.</summary>
internal sealed class LogicExpression(int line, List<TemplateExpression> operands, bool isAnd) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = null;
        foreach (TemplateExpression operand in operands)
        {
            value = run.Evaluate(operand);
            if (TemplateValue.IsTrue(value) != isAnd) break;
        }
        return value;
    }
}

internal sealed class NotExpression(int line, TemplateExpression operand) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => !run.IsTrue(operand);
}

/// <summary><c>a &lt; b == c not in d</c>: every neighbour pair must hold.</summary>
internal sealed class CompareExpression(int line, TemplateExpression first, List<(string Operator, TemplateExpression Right)> rest)
    : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? left = run.Evaluate(first);
        foreach ((string symbol, TemplateExpression right) in rest)
        {
            object? value = run.Evaluate(right);
            if (!Holds(symbol, left, value, run.Budget)) return false;
            left = value;
        }
        return true;
    }

    public static bool Holds(string symbol, object? a, object? b, TemplateBudget budget) => symbol switch
    {
        "==" => TemplateValue.AreEqual(a, b, budget),
        "!=" => !TemplateValue.AreEqual(a, b, budget),
        "in" => TemplateValue.IsIn(a, b, budget),
        "not in" => !TemplateValue.IsIn(a, b, budget),
        "<" => TemplateValue.Compare(a, b, budget) < 0,
        "<=" => TemplateValue.Compare(a, b, budget) <= 0,
        ">" => TemplateValue.Compare(a, b, budget) > 0,
        _ => TemplateValue.Compare(a, b, budget) >= 0,
    };
}

/// <summary><c>a ~ b ~ c</c>: the operands printed one after another.</summary>
internal sealed class ConcatenationExpression(int line, List<TemplateExpression> operands) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        List<object?> values = new(operands.Count);
        foreach (TemplateExpression operand in operands) values.Add(run.Evaluate(operand));
        return TextMethods.Join(TemplateString.Empty, values, run.Budget);
    }
}
