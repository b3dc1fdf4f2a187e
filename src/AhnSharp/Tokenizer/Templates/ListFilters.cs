using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The filters of lists and mappings; every item looked at and every comparison is a step of the budget.</summary>
internal static class ListFilters
{
    public static List<object?> Copy(object? value, TemplateBudget budget)
    {
        List<object?> items = TemplateValue.Items(value, budget);
        budget.Step(items.Count);
        return new List<object?>(items);
    }

    public static object? First(object? value, TemplateArguments a)
    {
        if (value is TemplateSequence { Kind: TemplateSequenceKind.Generator } generator)
            return generator.Taken < generator.Count ? generator[generator.Taken++] : new UndefinedValue("the first item of nothing");
        if (value is TemplateString { Length: > 0 } text) return text.Slice(0, TemplateString.LengthAt(text.Text, 0));
        List<object?> items = TemplateValue.Items(value, a.Budget);
        return items.Count > 0 ? items[0] : new UndefinedValue("the first item of nothing");
    }

    public static object? Last(object? value, TemplateArguments a)
    {
        if (value is TemplateSequence { Kind: TemplateSequenceKind.Generator })
            throw a.Error("cannot go through a generator from its end; make a list of it with '| list'");
        List<object?> items = TemplateValue.Items(value, a.Budget);
        return items.Count > 0 ? items[^1] : new UndefinedValue("the last item of nothing");
    }

    public static object? Items(object? value, TemplateArguments a) => value switch
    {
        UndefinedValue => TemplateSequence.Generator([]),
        TemplateMap map => TemplateSequence.Generator(CollectionMethods.Items(map, a.Budget)),
        _ => throw a.Error($"needs a mapping, not {TemplateValue.Describe(value)}"),
    };

    public static object? Join(object? value, TemplateArguments a)
    {
        TemplateString between = TemplateFilters.Text(a.TakeOr("d", TemplateString.Empty), a);
        object? path = a.TakeOr("attribute", null);
        List<object?> items = TemplateValue.Items(value, a.Budget);
        return TextMethods.Join(between, path is null ? items : items.Select(item => TemplateAccess.Path(item, path, a.Budget)), a.Budget);
    }

    public static object? Reverse(object? value, TemplateArguments a)
    {
        if (value is TemplateString text) return TextMethods.Join(TemplateString.Empty,
            TemplateValue.Items(text, a.Budget).AsEnumerable().Reverse(), a.Budget);
        List<object?> items = Copy(value, a.Budget);
        items.Reverse();
        return TemplateSequence.Generator(items);
    }

    public static object? Sort(object? value, TemplateArguments a)
    {
        bool reverse = a.TakeTruth("reverse", false), caseSensitive = a.TakeTruth("case_sensitive", false);
        object? path = a.TakeOr("attribute", null);
        List<Func<object?, object?>> keys = [.. Paths(path).Select(p => Key(p, caseSensitive, a))];
        return Sorted(TemplateValue.Items(value, a.Budget), item => keys.Count == 1 ? keys[0](item)
            : TemplateSequence.Tuple([.. keys.Select(key => key(item))]), reverse, a);
    }

    public static object? SortMap(object? value, TemplateArguments a)
    {
        bool caseSensitive = a.TakeTruth("case_sensitive", false);
        string by = a.TakeText("by")?.Text ?? "key";
        bool reverse = a.TakeTruth("reverse", false);
        if (by is not ("key" or "value")) throw a.Error("sorts by 'key' or by 'value'");
        TemplateMap map = value as TemplateMap ?? throw a.Error($"needs a mapping, not {TemplateValue.Describe(value)}");
        return Sorted(CollectionMethods.Items(map, a.Budget), Key(by == "key" ? 0L : 1L, caseSensitive, a), reverse, a);
    }

    public static object? Unique(object? value, TemplateArguments a)
    {
        bool caseSensitive = a.TakeTruth("case_sensitive", false);
        Func<object?, object?> key = Key(a.TakeOr("attribute", null), caseSensitive, a);
        HashSet<TemplateKey> seen = [];
        return TemplateSequence.Generator([.. TemplateValue.Items(value, a.Budget).Where(item =>
            seen.Add(TemplateKey.Of(key(item), a.Budget)))]);
    }

    public static object? Extreme(object? value, TemplateArguments a, int sign)
    {
        bool caseSensitive = a.TakeTruth("case_sensitive", false);
        Func<object?, object?> key = Key(a.TakeOr("attribute", null), caseSensitive, a);
        List<object?> items = TemplateValue.Items(value, a.Budget);
        if (items.Count == 0) return new UndefinedValue("the smallest or largest of nothing");
        (object? best, object? bestKey) = (items[0], key(items[0]));
        foreach (object? item in items.Skip(1))
        {
            object? candidate = key(item);
            if (TemplateValue.Compare(candidate, bestKey, a.Budget) * (long)sign > 0) (best, bestKey) = (item, candidate);
        }
        return best;
    }

    public static object? GroupBy(object? value, TemplateArguments a)
    {
        object? path = a.Take("attribute"), fallback = a.TakeOr("default", null);
        bool caseSensitive = a.TakeTruth("case_sensitive", false);
        Func<object?, object?> exact = item => TemplateAccess.Path(item, path, a.Budget) is var found && found is UndefinedValue
            && fallback is not null ? fallback : found;
        Func<object?, object?> key = item => caseSensitive ? exact(item) : Folded(exact(item), a.Budget);
        List<object?> groups = [];
        TemplateSequence? group = null;
        object? known = null;
        foreach (object? item in Sorted(TemplateValue.Items(value, a.Budget), key, reverse: false, a))
        {
            object? mine = key(item);
            if (group is null || !TemplateValue.AreEqual(known, mine, a.Budget))
            {
                group = new TemplateSequence(TemplateSequenceKind.Tuple, [exact(item), new List<object?>()]) { IsGroup = true };
                groups.Add(group);
                known = mine;
            }
            ((List<object?>)group[1]!).Add(item);
        }
        return groups;
    }

    public static object? Batch(object? value, TemplateArguments a)
    {
        long size = a.TakeInteger("linecount", 0);
        object? fill = a.TakeOr("fill_with", null);
        List<object?> items = TemplateValue.Items(value, a.Budget), batches = [];
        if (size < 1) throw a.Error("needs a size of at least 1");
        for (int i = 0; i < items.Count;)
        {
            int count = (int)Math.Min(size, items.Count - i);
            List<object?> batch = items.GetRange(i, count);
            i += count;
            a.Budget.Step(fill is null ? count : size);
            for (long missing = size - count; fill is not null && missing > 0; missing--) batch.Add(fill);
            batches.Add(batch);
        }
        return TemplateSequence.Generator(batches);
    }

    public static object? Slice(object? value, TemplateArguments a)
    {
        long slices = a.TakeInteger("slices", 0);
        object? fill = a.TakeOr("fill_with", null);
        List<object?> items = TemplateValue.Items(value, a.Budget), made = [];
        if (slices < 1) throw a.Error("needs at least 1 slice");
        a.Budget.Step(slices + items.Count);
        long size = items.Count / slices, longer = items.Count % slices;
        for (long i = 0, at = 0; i < slices; i++)
        {
            long count = size + (i < longer ? 1 : 0);
            List<object?> slice = items.GetRange((int)at, (int)count);
            at += count;
            if (fill is not null && i >= longer) slice.Add(fill);
            made.Add(slice);
        }
        return TemplateSequence.Generator(made);
    }

    public static object? Sum(object? value, TemplateArguments a)
    {
        object? path = a.TakeOr("attribute", null), sum = a.TakeOr("start", 0L);
        foreach (object? item in TemplateValue.Items(value, a.Budget))
        {
            a.Budget.Step();
            sum = ArithmeticExpression.Add(sum, path is null ? item : TemplateAccess.Path(item, path, a.Budget), a.Run);
        }
        return sum;
    }

    private static List<object?> Sorted(List<object?> items, Func<object?, object?> key, bool reverse, TemplateArguments a)
    {
        a.Budget.Step(items.Count);
        Comparer<object?> order = Comparer<object?>.Create((x, y) => TemplateValue.Compare(x, y, a.Budget));
        try
        {
            // Stable both ways, as Python's sort is.
            return [.. reverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is ChatTemplateException wrong)
        {
            throw wrong;
        }
    }

    private static IEnumerable<object?> Paths(object? path) => path is TemplateString text
        && text.Text.Contains(',', StringComparison.Ordinal)
        ? text.Text.Split(',').Select(static part => (object?)TemplateString.OfValue(part)) : [path];

    private static Func<object?, object?> Key(object? path, bool caseSensitive, TemplateArguments a) => item =>
    {
        object? found = path is null ? item : TemplateAccess.Path(item, path, a.Budget);
        return caseSensitive ? found : Folded(found, a.Budget);
    };

    private static object? Folded(object? value, TemplateBudget budget) => value is TemplateString text ? TextCase.Lower(text, budget)
        : value;
}
