using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A filter: <c>value | name(arguments)</c>.</summary>
internal delegate object? TemplateFilter(object? value, TemplateArguments arguments);

/// <summary>The filters of the language that templates of Qwen2 and Qwen2.5 use, and their closest kin.</summary>
/// <remarks>Source: the Jinja documentation, "List of Builtin Filters"; tojson as transformers overrides it (no HTML escapes, no ASCII escapes).</remarks>
internal static class TemplateFilters
{
    private const int MaximumIndent = 16;

    private static readonly Dictionary<string, TemplateFilter> Filters = new(StringComparer.Ordinal)
    {
        ["count"] = static (value, a) => Length(value, a),
        ["d"] = Default,
        ["default"] = Default,
        ["first"] = static (value, a) => End(value, a, first: true),
        ["items"] = static (value, a) => value is UndefinedValue ? new List<object?>() : TemplateMethods.Call(value, "items", a),
        ["join"] = Join,
        ["last"] = static (value, a) => End(value, a, first: false),
        ["length"] = static (value, a) => Length(value, a),
        ["list"] = static (value, a) => new List<object?>(TemplateValue.Items(value, a.Budget)),
        ["lower"] = static (value, a) => TemplateMethods.Call(Text(value, a), "lower", a),
        ["replace"] = static (value, a) => TemplateMethods.Call(Text(value, a), "replace", a),
        ["string"] = Text,
        ["tojson"] = ToJson,
        ["trim"] = static (value, a) => TemplateMethods.Call(Text(value, a), "strip", a),
        ["upper"] = static (value, a) => TemplateMethods.Call(Text(value, a), "upper", a),
    };

    public static IEnumerable<string> Names => Filters.Keys;

    public static TemplateFilter? Find(string name) => Filters.GetValueOrDefault(name);

    private static TemplateString Text(object? value, TemplateArguments arguments) => TemplateValue.ToText(value, arguments.Budget);

    private static long Length(object? value, TemplateArguments arguments) => value switch
    {
        TemplateString text => text.CodePoints,
        List<object?> list => list.Count,
        OrderedDictionary<string, object?> map => map.Count,
        UndefinedValue => 0,
        _ => throw arguments.Error($"cannot count {TemplateValue.Describe(value)}"),
    };

    private static object? Default(object? value, TemplateArguments arguments)
    {
        object? fallback = arguments.TryTake("default_value", out object? given) ? given : TemplateString.Empty;
        bool alsoWhenFalse = arguments.TryTake("boolean", out object? boolean) && TemplateValue.IsTrue(boolean);
        return value is UndefinedValue || (alsoWhenFalse && !TemplateValue.IsTrue(value)) ? fallback : value;
    }

    private static object? End(object? value, TemplateArguments arguments, bool first)
    {
        List<object?> items = TemplateValue.Items(value, arguments.Budget);
        if (items.Count > 0) return first ? items[0] : items[^1];
        return new UndefinedValue(first ? "the first item of nothing" : "the last item of nothing");
    }

    private static TemplateString Join(object? value, TemplateArguments arguments)
    {
        TemplateString between = arguments.TryTake("d", out object? given) ? Text(given, arguments) : TemplateString.Empty;
        return TemplateMethods.Join(between, TemplateValue.Items(value, arguments.Budget), arguments.Budget);
    }

    private static TemplateString ToJson(object? value, TemplateArguments arguments)
    {
        int? indent = null;
        if (arguments.Named.Remove("indent", out object? given) && given is not null)
        {
            indent = given is long spaces and >= 0 and <= MaximumIndent ? (int)spaces : throw arguments.Error($"needs an indent of 0 to {MaximumIndent} spaces");
        }
        return TemplateJson.Write(value, indent, arguments.Budget);
    }
}
