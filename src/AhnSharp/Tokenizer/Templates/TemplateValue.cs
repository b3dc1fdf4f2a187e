using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The value of a name or attribute that does not exist: prints as nothing, is false, and has no attributes.</summary>
internal sealed class UndefinedValue(string name)
{
    public string Name { get; } = name;
}

/// <summary>What <c>namespace(...)</c> makes: what <c>set space.name</c> can change.</summary>
internal sealed class TemplateNamespace
{
    public OrderedDictionary<string, object?> Values { get; } = [];

    public TemplateMap AsMap(TemplateBudget budget)
    {
        budget.Step(Values.Count);
        TemplateMap map = new();
        foreach ((string name, object? value) in Values) map.Set(name, value);
        return map;
    }
}

/// <summary>A function of the language, or a method of a value, before it is called.</summary>
internal sealed record TemplateCallable(string Described, Func<TemplateArguments, object?> Call);

/// <summary>Values of the template language and what Python says of them.</summary>
/// <remarks>
/// None = null, bool, long, <see cref="BigInteger"/>, double, <see cref="TemplateString"/>, List of values and
/// <see cref="TemplateSequence"/>,
/// <see cref="TemplateMap"/>, <see cref="UndefinedValue"/>, <see cref="TemplateNamespace"/>, <see cref="TemplateLoop"/>,
/// <see cref="TemplateMacro"/>, <see cref="TemplateCallable"/>.
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
        TemplateSequence { Kind: TemplateSequenceKind.Generator } => true,
        List<object?> list => list.Count > 0,
        TemplateMap map => map.Count > 0,
        _ => true,
    };

    public static bool IsCallable(object? value) => value is TemplateCallable or TemplateMacro or TemplateLoop;

    /// <summary>What the value is, for errors.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "None",
        UndefinedValue undefined => $"{undefined.Name}, which is undefined",
        bool => "a boolean",
        long or BigInteger => "an integer",
        double => "a float",
        TemplateString => "a string",
        TemplateSequence { Kind: TemplateSequenceKind.Tuple } => "a tuple",
        TemplateSequence { Kind: TemplateSequenceKind.Generator } => "a generator",
        List<object?> => "a list",
        TemplateMap => "a mapping",
        TemplateNamespace => "a namespace",
        TemplateLoop => "the loop variable",
        _ => "a function",
    };

    /// <summary>str(value), for printing and joining.</summary>
    public static TemplateString ToText(object? value, TemplateBudget budget) => TemplateRepr.Text(value, budget);

    public static bool AreEqual(object? a, object? b, TemplateBudget budget)
    {
        budget.Step();
        switch (a, b)
        {
            case (TemplateString x, TemplateString y):
                if (x.Length != y.Length) return false;
                budget.Characters(x.Length);
                return x.Equals(y);
            case (TemplateSequence { Kind: TemplateSequenceKind.Generator }, _) or (_,
                TemplateSequence { Kind: TemplateSequenceKind.Generator }):
                return ReferenceEquals(a, b);
            case (List<object?> x, List<object?> y):
                if (x.Count != y.Count || (x as TemplateSequence)?.Kind != (y as TemplateSequence)?.Kind) return false;
                budget.Enter();
                for (int i = 0; i < x.Count; i++)
                {
                    if (!AreEqual(x[i], y[i], budget)) return Left(false);
                }
                return Left(true);
            case (TemplateMap x, TemplateMap y):
                if (x.Count != y.Count) return false;
                budget.Enter();
                foreach ((TemplateKey key, object? value) in x.Pairs)
                {
                    if (!y.TryGet(TemplateKey.Of(key.Value, budget), out object? other)
                        || !AreEqual(value, other, budget)) return Left(false);
                }
                return Left(true);
            case (UndefinedValue, UndefinedValue):
                return true;
        }
        return TemplateNumber.AreEqual(a, b) ?? ReferenceEquals(a, b);

        bool Left(bool equal)
        {
            budget.Leave();
            return equal;
        }
    }

    /// <summary>Order of numbers, strings, lists or tuples, as &lt; sees it.</summary>
    public static int Compare(object? a, object? b, TemplateBudget budget)
    {
        budget.Step();
        switch (a, b)
        {
            case (TemplateString x, TemplateString y):
                budget.Characters(Math.Min(x.Length, y.Length));
                return x.CompareTo(y);
            case (List<object?> x, List<object?> y) when (x as TemplateSequence)?.Kind == (y as TemplateSequence)?.Kind:
                budget.Enter();
                for (int i = 0; i < Math.Min(x.Count, y.Count); i++)
                {
                    if (AreEqual(x[i], y[i], budget)) continue;
                    int order = Compare(x[i], y[i], budget);
                    budget.Leave();
                    return order;
                }
                budget.Leave();
                return x.Count - y.Count;
        }
        if (TemplateNumber.AsInteger(a) is BigInteger i1 && TemplateNumber.AsInteger(b) is BigInteger i2) return i1.CompareTo(i2);
        if (TemplateNumber.AsDouble(a) is double p && TemplateNumber.AsDouble(b) is double q) return p.CompareTo(q);
        throw new ChatTemplateException(budget.Line, $"cannot order {Describe(a)} and {Describe(b)}.");
    }

    /// <summary>a in b.</summary>
    public static bool IsIn(object? item, object? container, TemplateBudget budget)
    {
        switch (container)
        {
            case TemplateString text when item is TemplateString part:
                budget.Characters((long)text.Length + part.Length);
                return TextSearch.Contains(text.Text, part.Text);
            case TemplateMap map:
                return map.TryGet(TemplateKey.Of(item, budget), out _);
            case List<object?>:
                foreach (object? value in Items(container, budget))
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

    /// <summary>The items that a for loop, join or list goes through; a generator has none a second time.</summary>
    public static List<object?> Items(object? value, TemplateBudget budget)
    {
        switch (value)
        {
            case TemplateSequence { Kind: TemplateSequenceKind.Generator } generator:
                List<object?> rest = generator.Taken == 0 ? generator
                    : generator.GetRange(generator.Taken, generator.Count - generator.Taken);
                budget.Step(rest.Count);
                rest = [.. rest];
                generator.Taken = generator.Count;
                return rest;
            case List<object?> list:
                return list;
            case TemplateMap map:
                budget.Step(map.Count);
                return [.. map.Pairs.Select(static pair => pair.Key.Value)];
            case TemplateString text:
                budget.Step(text.Length);
                return [.. text.Characters()];
            case UndefinedValue:
                return [];
            default:
                throw new ChatTemplateException(budget.Line, $"cannot go through the items of {Describe(value)}.");
        }
    }
}
