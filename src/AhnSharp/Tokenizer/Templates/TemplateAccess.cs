using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>Attributes, methods and items of values.</summary>
internal static class TemplateAccess
{
    /// <summary><c>value.name</c>: a method or attribute, or else the item of that key.</summary>
    public static object? Attribute(object? value, string name, TemplateBudget budget)
    {
        if (Own(value, name, budget) is { } found) return found.Value;
        return value switch
        {
            TemplateMap map when map.TryGet(TemplateKey.OfText(TemplateString.OfValue(name)), out object? item) => item,
            UndefinedValue undefined =>
                throw new ChatTemplateException(budget.Line, $"{undefined.Name} is undefined and so has no {GgufText.Quote(name)}."),
            _ => new UndefinedValue(GgufText.Quote(name)),
        };
    }

    /// <summary><c>value[key]</c>: an item of a list, string or mapping, or else an attribute; undefined where there is none.</summary>
    public static object? Item(object? value, object? key, TemplateBudget budget)
    {
        switch (value, key is bool truth ? (truth ? 1L : 0L) : key)
        {
            case (TemplateMap map, _):
                if (key is not (List<object?> and not TemplateSequence or TemplateMap)
                    && map.TryGet(TemplateKey.Of(key, budget), out object? item)) return item;
                break;
            case (TemplateSequence
            {
                Kind: TemplateSequenceKind.Generator or TemplateSequenceKind.Keys or TemplateSequenceKind.Values
                or TemplateSequenceKind.Items
            }, long):
                return new UndefinedValue("an item of what cannot be indexed");
            case (List<object?> list, long at):
                at = at < 0 ? at + list.Count : at;
                return at >= 0 && at < list.Count ? list[(int)at] : new UndefinedValue($"item {key} of a list of {list.Count}");
            case (TemplateString text, long at):
                if (text.CodePoints != text.Length) budget.Characters(text.Length);
                at = at < 0 ? at + text.CodePoints : at;
                if (at < 0 || at >= text.CodePoints) return new UndefinedValue($"character {key} of a string of {text.CodePoints}");
                int start = text.OffsetOf((int)at);
                return text.Slice(start, TemplateString.LengthAt(text.Text, start));
            case (UndefinedValue undefined, _):
                throw new ChatTemplateException(budget.Line, $"{undefined.Name} is undefined and so has no items.");
        }
        if (key is TemplateString name && Own(value, name.Text, budget) is { } found) return found.Value;
        return new UndefinedValue(key is TemplateString missing ? GgufText.Quote(missing.Text)
            : $"an item of {TemplateValue.Describe(value)}");
    }

    /// <summary>An attribute by a path such as <c>a.b.0</c>, as filters take it.</summary>
    public static object? Path(object? value, object? path, TemplateBudget budget)
    {
        if (path is not TemplateString text) return Item(value, path, budget);
        budget.Characters(text.Length);
        foreach (string part in text.Text.Split('.'))
        {
            budget.Step();
            value = Item(value, part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit) ? long.Parse(part, null)
                : TemplateString.OfValue(part), budget);
        }
        return value;
    }

    // A method or attribute that the kind of value has; null where it has none of that name.
    private static (object? Value, bool _)? Own(object? value, string name, TemplateBudget budget)
    {
        switch (value)
        {
            case TemplateString text:
                return TextMethods.Find(text, name) is { } method ? (method, true) : null;
            case TemplateMap map:
                return CollectionMethods.Find(map, name) is { } ofMap ? (ofMap, true) : null;
            case TemplateSequence { IsGroup: true } group when name is "grouper" or "list":
                return (group[name == "list" ? 1 : 0], true);
            case List<object?> list:
                return CollectionMethods.Find(list, name) is { } ofList ? (ofList, true) : null;
            case TemplateNamespace space:
                return space.Values.TryGetValue(name, out object? held) ? (held, true) : null;
            case TemplateLoop loop:
                return loop.TryGet(name, budget, out object? state) ? (state, true) : null;
            case TemplateMacro macro:
                return name == "name" ? (TemplateString.OfValue(macro.Name), true) : null;
            case TemplateCycler cycler:
                return cycler.TryGet(name, out object? member) ? (member, true) : null;
            default:
                return null;
        }
    }
}
