using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The methods of mappings, lists and tuples that change nothing; Jinja's sandbox refuses the others too.</summary>
internal static class CollectionMethods
{
    public static TemplateCallable? Find(TemplateMap map, string name) => name switch
    {
        "get" => Method(name, a => Get(map, a)),
        "keys" => Method(name, a => View(map, TemplateSequenceKind.Keys, static pair => pair.Key.Value, a)),
        "values" => Method(name, a => View(map, TemplateSequenceKind.Values, static pair => pair.Value, a)),
        "items" => Method(name, a => Items(map, a.Budget)),
        "copy" => Method(name, a => Copy(map, a.Budget)),
        "clear" or "fromkeys" or "pop" or "popitem" or "setdefault" or "update" => Changes(name),
        _ => null,
    };

    public static TemplateCallable? Find(List<object?> list, string name) => (list as TemplateSequence)?.Kind switch
    {
        null or TemplateSequenceKind.Tuple or TemplateSequenceKind.Range => name switch
        {
            "index" => Method(name, a => Index(list, a)),
            "count" => Method(name, a => Count(list, a)),
            "copy" when list is not TemplateSequence => Method(name, a => Copy(list, a.Budget)),
            "append" or "clear" or "extend" or "insert" or "pop" or "remove" or "reverse" or "sort" when list is not TemplateSequence =>
                Changes(name),
            _ => null,
        },
        _ => null,
    };

    /// <summary>Pairs of key and value.</summary>
    public static TemplateSequence Items(TemplateMap map, TemplateBudget budget)
    {
        budget.Step(map.Count);
        return new TemplateSequence(TemplateSequenceKind.Items,
            map.Pairs.Select(static pair => (object?)TemplateSequence.Tuple(pair.Key.Value, pair.Value)));
    }

    /// <summary>A mapping of the same keys and values.</summary>
    public static TemplateMap Copy(TemplateMap map, TemplateBudget budget)
    {
        TemplateMap copy = new();
        foreach ((TemplateKey key, object? value) in map.Pairs) copy.Set(TemplateKey.Of(key.Value, budget), value);
        return copy;
    }

    private static TemplateCallable Method(string name, Func<TemplateArguments, object?> call) => new($"the method '{name}'", call);

    private static TemplateCallable Changes(string name) =>
        Method(name, a => throw a.Error("is not supported, since it would change a value: make a new one, as a namespace may hold"));

    private static object? Get(TemplateMap map, TemplateArguments a)
    {
        object? key = a.Take("key"), fallback = a.TakeOr("default", null);
        return map.TryGet(TemplateKey.Of(key, a.Budget), out object? value) ? value : fallback;
    }

    private static TemplateSequence View(TemplateMap map, TemplateSequenceKind kind, Func<KeyValuePair<TemplateKey, object?>,
        object?> take, TemplateArguments a)
    {
        a.Budget.Step(map.Count);
        return new TemplateSequence(kind, map.Pairs.Select(take));
    }

    private static List<object?> Copy(List<object?> list, TemplateBudget budget)
    {
        budget.Step(list.Count);
        return [.. list];
    }

    private static object? Index(List<object?> list, TemplateArguments a)
    {
        object? wanted = a.Take("value");
        (long start, long end) = SliceExpression.Clamp(list.Count, a.TakeOptionalInteger("start"), a.TakeOptionalInteger("stop"), 1);
        for (long i = start; i < end; i++)
        {
            if (TemplateValue.AreEqual(list[(int)i], wanted, a.Budget)) return i;
        }
        throw a.Error("does not find that value");
    }

    private static object? Count(List<object?> list, TemplateArguments a)
    {
        object? wanted = a.Take("value");
        return (long)list.Count(item => TemplateValue.AreEqual(item, wanted, a.Budget));
    }
}
