using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>target.name</c>: a method or attribute, or else the item of that key.</summary>
internal sealed class AttributeExpression(int line, TemplateExpression target, string name) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => TemplateAccess.Attribute(run.Evaluate(target), name, run.Budget);
}

/// <summary><c>target[index]</c>: an item of a list, string or mapping; undefined where there is none.</summary>
internal sealed class SubscriptExpression(int line, TemplateExpression target, TemplateExpression index) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? value = run.Evaluate(target), key = run.Evaluate(index);
        return TemplateAccess.Item(value, key, run.Budget);
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
                if (list is TemplateSequence { Kind: not (TemplateSequenceKind.Tuple or TemplateSequenceKind.Range) }) goto default;
                run.Budget.Step(list.Count);
                List<object?> picked = Pick(list, start, stop, step ?? 1);
                return list is TemplateSequence ? new TemplateSequence(TemplateSequenceKind.Tuple, picked) : picked;
            case TemplateString text when (step ?? 1) == 1:
                run.Budget.Characters(text.Length);
                (long from, long to) = Clamp(text.CodePoints, start, stop, 1);
                int offset = text.OffsetOf((int)from);
                return text.Slice(offset, text.OffsetOf((int)Math.Max(from, to)) - offset);
            case UndefinedValue undefined:
                throw run.Error($"{undefined.Name} is undefined and so has no slices.");
            case TemplateString text:
                return TextMethods.Join(TemplateString.Empty, Pick(TemplateValue.Items(text, run.Budget), start, stop, step ?? 1),
                    run.Budget);
            default:
                throw run.Error($"cannot take a slice of {TemplateValue.Describe(value)}.");
        }
    }

    private long? Bound(int index, TemplateRun run)
    {
        if (bounds[index] is not TemplateExpression bound) return null;
        object? value = run.Evaluate(bound);
        return value is null ? null : value is long number ? number
            : throw run.Error($"a slice needs integers, not {TemplateValue.Describe(value)}.");
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
    public static (long From, long To) Clamp(int length, long? start, long? stop, long step)
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
