using System;
using System.Collections.Generic;
using System.Numerics;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A test: <c>value is name(arguments)</c>.</summary>
internal delegate bool TemplateTest(object? value, TemplateArguments arguments);

/// <summary>The tests of the language. Source: the Jinja documentation, "List of Builtin Tests".</summary>
internal static class TemplateTests
{
    private static readonly Dictionary<string, TemplateTest> Tests = new(StringComparer.Ordinal)
    {
        ["!="] = static (value, a) => !Equal(value, a),
        ["<"] = static (value, a) => Compare(value, a, "<"),
        ["<="] = static (value, a) => Compare(value, a, "<="),
        ["=="] = Equal,
        [">"] = static (value, a) => Compare(value, a, ">"),
        [">="] = static (value, a) => Compare(value, a, ">="),
        ["boolean"] = static (value, _) => value is bool,
        ["callable"] = static (value, _) => TemplateValue.IsCallable(value),
        ["defined"] = static (value, _) => value is not UndefinedValue,
        ["divisibleby"] = static (value, a) => IsZero(Remainder(value, a.Take("num"), a)),
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["escaped"] = static (_, _) => false,
        ["even"] = static (value, a) => IsZero(Remainder(value, 2L, a)),
        ["false"] = static (value, _) => value is false,
        ["filter"] = static (value, _) => value is TemplateString name && TemplateFilters.Find(name.Text) is not null,
        ["float"] = static (value, _) => value is double,
        ["ge"] = static (value, a) => Compare(value, a, ">="),
        ["greaterthan"] = static (value, a) => Compare(value, a, ">"),
        ["gt"] = static (value, a) => Compare(value, a, ">"),
        ["in"] = static (value, a) => TemplateValue.IsIn(value, a.Take("seq"), a.Budget),
        ["integer"] = static (value, _) => value is long or BigInteger,
        ["iterable"] = static (value, _) => value is TemplateString or List<object?> or TemplateMap or UndefinedValue or TemplateLoop,
        ["le"] = static (value, a) => Compare(value, a, "<="),
        ["lessthan"] = static (value, a) => Compare(value, a, "<"),
        ["lower"] = static (value, a) => TextPredicates.IsLower(TemplateValue.ToText(value, a.Budget)),
        ["lt"] = static (value, a) => Compare(value, a, "<"),
        ["mapping"] = static (value, _) => value is TemplateMap,
        ["ne"] = static (value, a) => !Equal(value, a),
        ["none"] = static (value, _) => value is null,
        ["number"] = static (value, _) => TemplateNumber.IsNumber(value),
        ["odd"] = static (value, a) => !IsZero(Remainder(value, 2L, a)),
        ["sameas"] = IsSame,
        ["sequence"] = static (value, _) => value is TemplateString or TemplateMap or UndefinedValue
            or (List<object?> and not TemplateSequence { Kind: not (TemplateSequenceKind.Tuple or TemplateSequenceKind.Range) }),
        ["string"] = static (value, _) => value is TemplateString,
        ["test"] = static (value, _) => value is TemplateString name && Find(name.Text) is not null,
        ["true"] = static (value, _) => value is true,
        ["undefined"] = static (value, _) => value is UndefinedValue,
        ["upper"] = static (value, a) => TextPredicates.IsUpper(TemplateValue.ToText(value, a.Budget)),
    };

    public static IEnumerable<string> Names => Tests.Keys;

    public static TemplateTest? Find(string name) => Tests.GetValueOrDefault(name);

    private static bool Equal(object? value, TemplateArguments arguments) =>
        TemplateValue.AreEqual(value, arguments.Take("other"), arguments.Budget);

    private static bool Compare(object? value, TemplateArguments arguments, string symbol) =>
        CompareExpression.Holds(symbol, value, arguments.Take("other"), arguments.Budget);

    private static bool IsSame(object? value, TemplateArguments arguments) => (value, arguments.Take("other")) switch
    {
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        var (a, b) => ReferenceEquals(a, b),
    };

    private static object? Remainder(object? value, object? divisor, TemplateArguments arguments) => TemplateNumber.IsNumber(value)
        && TemplateNumber.IsNumber(divisor)
        ? ArithmeticExpression.Remainder(value, divisor, arguments.Run)
            : throw arguments.Error($"needs numbers, not {TemplateValue.Describe(value)}");

    private static bool IsZero(object? remainder) => !TemplateValue.IsTrue(remainder);
}
