using System;
using System.Collections.Generic;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The value of a name or attribute that does not exist: prints as nothing, is false, and has no attributes.</summary>
internal sealed class UndefinedValue(string name)
{
    public string Name { get; } = name;
}

/// <summary>What <c>namespace(...)</c> makes: the one kind of value a template can change.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Values { get; } = [];
}

/// <summary>A function of the language, or a method of a value, before it is called.</summary>
internal sealed record TemplateCallable(object? Target, string Name);

/// <summary>Values of the template language and what Python says of them.</summary>
/// <remarks>
/// None = null, bool, long, <see cref="BigInteger"/> (from JSON only), double, <see cref="TemplateString"/>, List of values, OrderedDictionary of values
/// by string, <see cref="UndefinedValue"/>, <see cref="TemplateNamespace"/>, <see cref="TemplateLoop"/>, <see cref="MacroStatement"/>, <see cref="TemplateCallable"/>.
/// </remarks>
internal static class TemplateValue
{
    public static bool IsTrue(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool truth => truth,
        long number => number != 0,
        double number => number != 0,
        BigInteger number => !number.IsZero,
        TemplateString text => text.Length > 0,
        List<object?> list => list.Count > 0,
        OrderedDictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>What the value is, for errors.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        UndefinedValue undefined => $"{undefined.Name}, which is undefined",
        bool => "a boolean",
        long or BigInteger => "an integer",
        double => "a float",
        TemplateString => "a string",
        List<object?> => "a list",
        OrderedDictionary<string, object?> => "a mapping",
        TemplateNamespace => "a namespace",
        TemplateLoop => "the loop variable",
        _ => "a function",
    };

    /// <summary>str(value), for printing and joining.</summary>
    public static TemplateString ToText(object? value, TemplateBudget budget) => value switch
    {
        TemplateString text => text,
        UndefinedValue => TemplateString.Empty,
        null => TemplateString.OfValue("None"),
        bool truth => TemplateString.OfValue(truth ? "True" : "False"),
        long or double or BigInteger => TemplateString.OfValue(PythonText.Number(value)),
        _ => throw new ChatTemplateException(budget.Line, $"{Describe(value)} cannot be printed; only tojson writes lists and mappings."),
    };

    public static bool AreEqual(object? a, object? b, TemplateBudget budget)
    {
        budget.Step();
        switch (a, b)
        {
            case (TemplateString x, TemplateString y):
                if (x.Length != y.Length) return false;
                budget.Characters(x.Length);
                return x.Equals(y);
            case (List<object?> x, List<object?> y):
                if (x.Count != y.Count) return false;
                budget.Enter();
                for (int i = 0; i < x.Count; i++)
                {
                    if (!AreEqual(x[i], y[i], budget)) return Left(false);
                }
                return Left(true);
            case (OrderedDictionary<string, object?> x, OrderedDictionary<string, object?> y):
                if (x.Count != y.Count) return false;
                budget.Enter();
                foreach ((string key, object? value) in x)
                {
                    if (!y.TryGetValue(key, out object? other) || !AreEqual(value, other, budget)) return Left(false);
                }
                return Left(true);
            case (UndefinedValue, UndefinedValue):
                return true;
        }
        return AsNumber(a) is double p && AsNumber(b) is double q ? ExactlyEqual(a, b, p, q) : ReferenceEquals(a, b);

        bool Left(bool equal)
        {
            budget.Leave();
            return equal;
        }
    }

    // Integers beyond 2^53 are told apart; a float is compared as a float.
    private static bool ExactlyEqual(object? a, object? b, double p, double q) =>
        AsInteger(a) is BigInteger x && AsInteger(b) is BigInteger y ? x == y : p.Equals(q);

    /// <summary>Order of numbers or of strings, as &lt; sees it.</summary>
    public static int Compare(object? a, object? b, TemplateBudget budget)
    {
        if (a is TemplateString x && b is TemplateString y)
        {
            budget.Characters(Math.Min(x.Length, y.Length));
            return x.CompareTo(y);
        }
        if (AsInteger(a) is BigInteger i && AsInteger(b) is BigInteger j) return i.CompareTo(j);
        if (AsNumber(a) is double p && AsNumber(b) is double q) return p.CompareTo(q);
        throw new ChatTemplateException(budget.Line, $"cannot order {Describe(a)} and {Describe(b)}.");
    }

    /// <summary>a in b.</summary>
    public static bool IsIn(object? item, object? container, TemplateBudget budget)
    {
        switch (container)
        {
            case TemplateString text when item is TemplateString part:
                budget.Characters(text.Length);
                return text.Text.Contains(part.Text, StringComparison.Ordinal);
            case OrderedDictionary<string, object?> map:
                return item is TemplateString key && map.ContainsKey(key.Text);
            case List<object?> list:
                foreach (object? value in list)
                {
                    if (AreEqual(item, value, budget)) return true;
                }
                return false;
            case UndefinedValue:
                return false;
            default:
                throw new ChatTemplateException(budget.Line, $"cannot look for {Describe(item)} in {Describe(container)}.");
        }
    }

    /// <summary>The items that a for loop, join or list goes through.</summary>
    public static List<object?> Items(object? value, TemplateBudget budget)
    {
        switch (value)
        {
            case List<object?> list:
                return list;
            case OrderedDictionary<string, object?> map:
                budget.Step(map.Count);
                return [.. KeysOf(map)];
            case TemplateString text:
                budget.Step(text.Length);
                return [.. text.Characters()];
            case UndefinedValue:
                return [];
            default:
                throw new ChatTemplateException(budget.Line, $"cannot go through the items of {Describe(value)}.");
        }
    }

    public static IEnumerable<object?> KeysOf(OrderedDictionary<string, object?> map)
    {
        foreach (string key in map.Keys) yield return TemplateString.OfValue(key);
    }

    /// <summary>The value as a float, booleans being 0 and 1; null where it is no number.</summary>
    public static double? AsNumber(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long number => number,
        double number => number,
        BigInteger number => (double)number,
        _ => null,
    };

    private static BigInteger? AsInteger(object? value) => value switch
    {
        bool truth => truth ? 1 : 0,
        long number => number,
        BigInteger number => number,
        _ => null,
    };
}
