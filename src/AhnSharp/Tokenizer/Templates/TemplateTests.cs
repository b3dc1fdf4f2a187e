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
        ["boolean"] = static (value, _) => value is bool,
        ["defined"] = static (value, _) => value is not UndefinedValue,
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["even"] = static (value, a) => Remainder(value, 2, a) == 0,
        ["divisibleby"] = static (value, a) => Remainder(value, a.Take("num") is long divisor and not 0 ? divisor : throw a.Error("needs an integer that is not 0"), a) == 0,
        ["false"] = static (value, _) => value is false,
        ["float"] = static (value, _) => value is double,
        ["in"] = static (value, a) => TemplateValue.IsIn(value, a.Take("seq"), a.Budget),
        ["integer"] = static (value, _) => value is long or BigInteger,
        ["iterable"] = static (value, _) => value is TemplateString or List<object?> or OrderedDictionary<string, object?> or UndefinedValue,
        ["mapping"] = static (value, _) => value is OrderedDictionary<string, object?>,
        ["ne"] = static (value, a) => !Equal(value, a),
        ["none"] = static (value, _) => value is null,
        ["number"] = static (value, _) => value is bool or long or double or BigInteger,
        ["odd"] = static (value, a) => Remainder(value, 2, a) != 0,
        ["sequence"] = static (value, _) => value is TemplateString or List<object?> or OrderedDictionary<string, object?> or UndefinedValue,
        ["string"] = static (value, _) => value is TemplateString,
        ["true"] = static (value, _) => value is true,
        ["undefined"] = static (value, _) => value is UndefinedValue,
    };

    public static IEnumerable<string> Names => Tests.Keys;

    public static TemplateTest? Find(string name) => Tests.GetValueOrDefault(name);

    private static bool Equal(object? value, TemplateArguments arguments) => TemplateValue.AreEqual(value, arguments.Take("other"), arguments.Budget);

    private static long Remainder(object? value, long divisor, TemplateArguments arguments) =>
        value is long number ? (divisor == -1 ? 0 : number % divisor) : throw arguments.Error($"needs an integer, not {TemplateValue.Describe(value)}");
}
