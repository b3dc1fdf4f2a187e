using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>target.name</c>: a method or attribute, or else the item of that key.</summary>
internal sealed class AttributeExpression(int line, TemplateExpression target, string name) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = run.Evaluate(target);
        switch (value)
        {
            case OrderedDictionary<string, object?> map:
                if (TemplateMethods.IsMapMethod(name)) return new TemplateCallable(map, name);
                if (map.TryGetValue(name, out object? item)) return item;
                break;
            case TemplateString text when TemplateMethods.IsTextMethod(name):
                return new TemplateCallable(text, name);
            case TemplateNamespace space:
                if (space.Values.TryGetValue(name, out item)) return item;
                break;
            case TemplateLoop loop:
                return loop.TryGet(name, out item) ? item : throw run.Error($"the attribute {GgufText.Quote("loop." + name)} is not supported.");
            case UndefinedValue undefined:
                throw run.Error($"{undefined.Name} is undefined and so has no {GgufText.Quote(name)}.");
        }
        return new UndefinedValue(GgufText.Quote(name));
    }
}

/// <summary><c>target[index]</c>: an item of a list, string or mapping; undefined where there is none.</summary>
internal sealed class SubscriptExpression(int line, TemplateExpression target, TemplateExpression index) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = run.Evaluate(target), key = run.Evaluate(index);
        switch (value, key)
        {
            case (OrderedDictionary<string, object?> map, TemplateString name):
                if (map.TryGetValue(name.Text, out object? item)) return item;
                return TemplateMethods.IsMapMethod(name.Text) ? new TemplateCallable(map, name.Text) : new UndefinedValue(GgufText.Quote(name.Text));
            case (TemplateNamespace space, TemplateString name):
                return space.Values.TryGetValue(name.Text, out item) ? item : new UndefinedValue(GgufText.Quote(name.Text));
            case (List<object?> list, long at):
                at = at < 0 ? at + list.Count : at;
                return at >= 0 && at < list.Count ? list[(int)at] : new UndefinedValue($"item {key} of a list of {list.Count}");
            case (TemplateString text, long at):
                if (text.CodePoints != text.Length) run.Budget.Characters(text.Length);
                at = at < 0 ? at + text.CodePoints : at;
                if (at < 0 || at >= text.CodePoints) return new UndefinedValue($"character {key} of a string of {text.CodePoints}");
                int start = text.OffsetOf((int)at);
                return text.Slice(start, text.OffsetOf((int)at + 1) - start);
            case (UndefinedValue undefined, _):
                throw run.Error($"{undefined.Name} is undefined and so has no items.");
            default:
                return new UndefinedValue($"an item of {TemplateValue.Describe(value)}");
        }
    }
}

/// <summary><c>target[start:stop:step]</c> of a list or string, each part optional.</summary>
internal sealed class SliceExpression(int line, TemplateExpression target, TemplateExpression?[] bounds) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = run.Evaluate(target);
        long? start = Bound(0, run), stop = Bound(1, run), step = Bound(2, run);
        if (step == 0) throw run.Error("the step of a slice must not be 0.");
        switch (value)
        {
            case List<object?> list:
                run.Budget.Step(list.Count);
                return Pick(list, start, stop, step ?? 1);
            case TemplateString text when (step ?? 1) == 1:
                run.Budget.Characters(text.Length);
                (long from, long to) = Clamp(text.CodePoints, start, stop, 1);
                int offset = text.OffsetOf((int)from);
                return text.Slice(offset, text.OffsetOf((int)Math.Max(from, to)) - offset);
            case TemplateString text:
                return TemplateMethods.Join(TemplateString.Empty, Pick(TemplateValue.Items(text, run.Budget), start, stop, step ?? 1), run.Budget);
            default:
                throw run.Error($"cannot take a slice of {TemplateValue.Describe(value)}.");
        }
    }

    private long? Bound(int index, TemplateRun run)
    {
        if (bounds[index] is not TemplateExpression bound) return null;
        object? value = run.Evaluate(bound);
        return value is null ? null : value is long number ? number : throw run.Error($"a slice needs integers, not {TemplateValue.Describe(value)}.");
    }

    private static List<object?> Pick(List<object?> items, long? start, long? stop, long step)
    {
        (long from, long to) = Clamp(items.Count, start, stop, step);
        List<object?> picked = [];
        step = Math.Clamp(step, -(long)items.Count - 1, (long)items.Count + 1);
        for (long i = from; step > 0 ? i < to : i > to; i += step) picked.Add(items[(int)i]);
        return picked;
    }

    /// <summary>Bounds as Python clamps them: negative ones count from the end, and none lies outside.</summary>
    private static (long From, long To) Clamp(int length, long? start, long? stop, long step)
    {
        (long low, long high) = step > 0 ? (0L, (long)length) : (-1L, length - 1L);
        return (At(start, step > 0 ? low : high), At(stop, step > 0 ? high : low));

        long At(long? bound, long missing)
        {
            if (bound is not long at) return missing;
            return Math.Clamp(at < 0 ? at + length : at, low, high);
        }
    }
}
