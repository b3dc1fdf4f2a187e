using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A filter: <c>value | name(arguments)</c>.</summary>
internal delegate object? TemplateFilter(object? value, TemplateArguments arguments);

/// <summary>The filters of the language by name. Source: the Jinja documentation, "List of Builtin Filters"; tojson as transformers
/// overrides it.</summary>
internal static class TemplateFilters
{
    private static readonly Dictionary<string, TemplateFilter> Filters = new(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Absolute,
        ["attr"] = static (value, a) => Attribute(value, a),
        ["batch"] = ListFilters.Batch,
        ["capitalize"] = static (value, a) => TextCase.Capitalize(Text(value, a), a.Budget),
        ["center"] = TextFilters.Center,
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = ListFilters.SortMap,
        ["e"] = TextFilters.Escape,
        ["escape"] = TextFilters.Escape,
        ["first"] = ListFilters.First,
        ["float"] = NumberFilters.ToFloat,
        ["forceescape"] = TextFilters.Escape,
        ["format"] = TextFilters.Format,
        ["groupby"] = ListFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.ToInteger,
        ["items"] = ListFilters.Items,
        ["join"] = ListFilters.Join,
        ["last"] = ListFilters.Last,
        ["length"] = Length,
        ["list"] = static (value, a) => ListFilters.Copy(value, a.Budget),
        ["lower"] = static (value, a) => TextCase.Lower(Text(value, a), a.Budget),
        ["map"] = SelectFilters.Map,
        ["max"] = static (value, a) => ListFilters.Extreme(value, a, 1),
        ["min"] = static (value, a) => ListFilters.Extreme(value, a, -1),
        ["reject"] = static (value, a) => SelectFilters.Select(value, a, wanted: false, byAttribute: false),
        ["rejectattr"] = static (value, a) => SelectFilters.Select(value, a, wanted: false, byAttribute: true),
        ["replace"] = static (value, a) => TextMethods.Call(Text(value, a), "replace", a),
        ["reverse"] = ListFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = Text,
        ["select"] = static (value, a) => SelectFilters.Select(value, a, wanted: true, byAttribute: false),
        ["selectattr"] = static (value, a) => SelectFilters.Select(value, a, wanted: true, byAttribute: true),
        ["slice"] = ListFilters.Slice,
        ["sort"] = ListFilters.Sort,
        ["string"] = Text,
        ["sum"] = ListFilters.Sum,
        ["title"] = static (value, a) => TextCase.TitleWords(Text(value, a), a.Budget),
        ["tojson"] = TextFilters.ToJson,
        ["trim"] = static (value, a) => TextMethods.Call(Text(value, a), "strip", a),
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = ListFilters.Unique,
        ["upper"] = static (value, a) => TextCase.Upper(Text(value, a), a.Budget),
        ["urlencode"] = TextFilters.UrlEncode,
        ["wordcount"] = TextFilters.CountWords,
    };

    public static IEnumerable<string> Names => Filters.Keys;

    public static TemplateFilter? Find(string name) => Filters.GetValueOrDefault(name);

    internal static TemplateString Text(object? value, TemplateArguments arguments) => TemplateValue.ToText(value, arguments.Budget);

    private static object? Length(object? value, TemplateArguments arguments) => value switch
    {
        TemplateString text => (long)text.CodePoints,
        TemplateSequence { Kind: TemplateSequenceKind.Generator } =>
            throw arguments.Error("cannot count a generator; make a list of it with '| list'"),
        List<object?> list => (long)list.Count,
        TemplateMap map => (long)map.Count,
        TemplateLoop loop => (long)loop.Count,
        UndefinedValue => 0L,
        _ => throw arguments.Error($"cannot count {TemplateValue.Describe(value)}"),
    };

    private static object? Default(object? value, TemplateArguments arguments)
    {
        object? fallback = arguments.TakeOr("default_value", TemplateString.Empty);
        bool alsoWhenFalse = arguments.TakeTruth("boolean", false);
        return value is UndefinedValue || (alsoWhenFalse && !TemplateValue.IsTrue(value)) ? fallback : value;
    }

    // Attributes alone, without the items of a mapping.
    private static object? Attribute(object? value, TemplateArguments arguments)
    {
        string name = arguments.TakeRequiredText("name").Text;
        return value is TemplateMap map ? (object?)CollectionMethods.Find(map, name) ?? new UndefinedValue(name)
            : TemplateAccess.Attribute(value, name, arguments.Budget);
    }
}
