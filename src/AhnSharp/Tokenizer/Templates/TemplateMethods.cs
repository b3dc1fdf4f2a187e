using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The methods of strings and mappings that templates of Qwen use, as Python defines them, and the language's functions.</summary>
internal static class TemplateMethods
{
    // Jinja's sandbox refuses longer ranges too.
    private const long MaximumRange = 100_000;

    /// <summary>Names that are methods of a mapping before they are keys, as attributes (<c>map.items</c>); Python's dict has no others.</summary>
    public static bool IsMapMethod(string name) =>
        name is "get" or "items" or "keys" or "values" or "clear" or "copy" or "fromkeys" or "pop" or "popitem" or "setdefault" or "update";

    /// <summary>The methods of strings.</summary>
    public static bool IsTextMethod(string name) =>
        name is "strip" or "lstrip" or "rstrip" or "startswith" or "endswith" or "upper" or "lower" or "join" or "replace" or "split";

    /// <summary>Calls a method of a value and checks that it took all its arguments.</summary>
    public static object? Call(object? target, string name, TemplateArguments arguments)
    {
        object? result = target switch
        {
            TemplateString text => CallText(text, name, arguments),
            OrderedDictionary<string, object?> map => CallMap(map, name, arguments),
            _ => throw Unsupported(target, name, arguments.Budget),
        };
        arguments.End();
        return result;
    }

    /// <summary>Calls a function that the language knows by name.</summary>
    public static object? CallFunction(string name, TemplateArguments arguments)
    {
        switch (name)
        {
            case "range":
                return Range(arguments);
            case "namespace":
                TemplateNamespace made = new();
                foreach ((string key, object? value) in arguments.Named) made.Values[key] = value;
                arguments.Named.Clear();
                arguments.End();
                return made;
            default: // raise_exception, as transformers defines it
                TemplateString message = TemplateValue.ToText(arguments.Take("message"), arguments.Budget);
                throw new ChatTemplateException(arguments.Budget.Line, $"the template refuses this conversation: {GgufText.Quote(message.Text)}.");
        }
    }

    public static bool IsFunction(string name) => name is "range" or "namespace" or "raise_exception";

    public static TemplateString Join(TemplateString between, List<object?> items, TemplateBudget budget)
    {
        List<TemplateString> pieces = [];
        foreach (object? item in items)
        {
            if (pieces.Count > 0) pieces.Add(between);
            pieces.Add(TemplateValue.ToText(item, budget));
            budget.Step();
            budget.Characters(between.Length + pieces[^1].Length);
        }
        return pieces.Count == 0 ? TemplateString.Empty : TemplateString.Join(pieces);
    }

    private static ChatTemplateException Unsupported(object? target, string name, TemplateBudget budget) =>
        new(budget.Line, $"the method {GgufText.Quote(name)} of {TemplateValue.Describe(target)} is not supported.");

    private static object? CallText(TemplateString text, string name, TemplateArguments a)
    {
        a.Budget.Characters(text.Length);
        switch (name)
        {
            case "strip": return text.Trim(a.TakeText("chars")?.Text, atStart: true, atEnd: true);
            case "lstrip": return text.Trim(a.TakeText("chars")?.Text, atStart: true, atEnd: false);
            case "rstrip": return text.Trim(a.TakeText("chars")?.Text, atStart: false, atEnd: true);
            case "startswith": return AnyOf(a.Take("prefix"), a, prefix => text.Text.StartsWith(prefix, StringComparison.Ordinal));
            case "endswith": return AnyOf(a.Take("suffix"), a, suffix => text.Text.EndsWith(suffix, StringComparison.Ordinal));
            case "upper": return text.InCase(upper: true);
            case "lower": return text.InCase(upper: false);
            case "join": return Join(text, TemplateValue.Items(a.Take("iterable"), a.Budget), a.Budget);
            case "replace": return Replace(text, a);
            case "split": return Split(text, a);
            default: throw Unsupported(text, name, a.Budget);
        }
    }

    private static bool AnyOf(object? affix, TemplateArguments a, Func<string, bool> matches) => affix switch
    {
        TemplateString one => matches(one.Text),
        List<object?> several => several.Exists(item => item is TemplateString one && matches(one.Text)),
        _ => throw a.Error($"needs a string, not {TemplateValue.Describe(affix)}"),
    };

    private static List<object?> Split(TemplateString text, TemplateArguments a)
    {
        string? separator = a.TakeText("sep")?.Text;
        if (separator is "") throw a.Error("needs a separator that is not empty");
        List<TemplateString> pieces = text.Split(separator, a.TakeInteger("maxsplit", -1));
        a.Budget.Step(pieces.Count);
        return [.. pieces];
    }

    private static TemplateString Replace(TemplateString text, TemplateArguments a)
    {
        TemplateString old = a.TakeRequiredText("old"), replacement = a.TakeRequiredText("new");
        long count = a.TakeInteger("count", -1);
        if (old.Length == 0) throw a.Error("needs a text to replace that is not empty");
        List<TemplateString> pieces = text.Split(old.Text, count);
        a.Budget.Step(pieces.Count);
        return Join(replacement, [.. pieces], a.Budget);
    }

    private static object? CallMap(OrderedDictionary<string, object?> map, string name, TemplateArguments a)
    {
        if (name == "get")
        {
            object? key = a.Take("key");
            object? fallback = a.TryTake("default", out object? given) ? given : null;
            return key is TemplateString text && map.TryGetValue(text.Text, out object? value) ? value : fallback;
        }
        a.Budget.Step(map.Count);
        return name switch
        {
            "keys" => TemplateValue.KeysOf(map).ToList(),
            "values" => map.Values.ToList(),
            "items" => map.Select(static pair => (object?)new List<object?> { TemplateString.OfValue(pair.Key), pair.Value }).ToList(),
            _ => throw Unsupported(map, name, a.Budget),
        };
    }

    private static List<object?> Range(TemplateArguments a)
    {
        long first = a.TakeInteger("start", 0);
        bool hasStop = a.TryTake("stop", out object? second);
        long step = a.TakeInteger("step", 1);
        a.End();
        (long start, long stop) = hasStop ? (first, second is long end ? end : throw a.Error("needs integers")) : (0, first);
        if (step == 0) throw a.Error("needs a step that is not 0");
        List<object?> numbers = [];
        if (step > 0 ? start >= stop : start <= stop) return numbers;
        Int128 count = ((Int128)stop - start + (step > 0 ? step - 1 : step + 1)) / step;
        if (count > MaximumRange) throw a.Error($"would make {count} numbers; at most {MaximumRange} are allowed");
        a.Budget.Step((long)count);
        for (long i = 0; i < (long)count; i++) numbers.Add(start + i * step);
        return numbers;
    }
}
