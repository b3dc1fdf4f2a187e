using System;
using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The functions that the language knows by name: Jinja's own, and the two of transformers.</summary>
internal static class TemplateFunctions
{
    // Jinja's sandbox refuses longer ranges too.
    private const long MaximumRange = 100_000;

    private static readonly Dictionary<string, TemplateCallable> Functions = new(StringComparer.Ordinal)
    {
        ["range"] = new("the function 'range'", Range),
        ["dict"] = new("the function 'dict'", Map),
        ["namespace"] = new("the function 'namespace'", Namespace),
        ["cycler"] = new("the function 'cycler'", static a =>
            new TemplateCycler(a.TakeRest() is { Count: > 0 } items ? items : throw a.Error("needs something to go through"))),
        ["joiner"] = new("the function 'joiner'", Joiner),
        ["raise_exception"] = new("the function 'raise_exception'", Refuse),
        ["strftime_now"] = new("the function 'strftime_now'", static a =>
            TemplateClock.Format(a.Run.Now, a.TakeRequiredText("format"), a.Budget)),
    };

    public static TemplateCallable? Find(string name) => Functions.GetValueOrDefault(name);

    private static object? Refuse(TemplateArguments a)
    {
        TemplateString message = TemplateValue.ToText(a.Take("message"), a.Budget);
        throw new ChatTemplateException(a.Budget.Line, $"the template refuses this conversation: {GgufText.Quote(message.Text)}.");
    }

    private static TemplateMap Map(TemplateArguments a)
    {
        TemplateMap map = new();
        if (a.TryTake("mapping", out object? from))
        {
            if (from is TemplateMap other)
            {
                map = CollectionMethods.Copy(other, a.Budget);
            }
            else
            {
                foreach (object? pair in TemplateValue.Items(from, a.Budget))
                {
                    List<object?> two = TemplateValue.Items(pair, a.Budget);
                    if (two.Count != 2) throw a.Error($"needs pairs, not {two.Count} values");
                    map.Set(TemplateKey.Of(two[0], a.Budget), two[1]);
                }
            }
        }
        foreach ((string name, object? value) in a.TakeNamed()) map.Set(name, value);
        return map;
    }

    private static TemplateNamespace Namespace(TemplateArguments a)
    {
        TemplateNamespace made = new();
        foreach ((TemplateKey key, object? value) in Map(a).Pairs)
        {
            made.Values[key.Value is TemplateString name ? name.Text
                : throw a.Error($"needs names, not {TemplateValue.Describe(key.Value)}")] = value;
        }
        return made;
    }

    private static TemplateCallable Joiner(TemplateArguments a)
    {
        object? between = a.TakeOr("sep", TemplateString.OfTemplate(", "));
        bool used = false;
        return new TemplateCallable("the joiner", _ =>
        {
            object? text = used ? between : TemplateString.Empty;
            used = true;
            return text;
        });
    }

    private static TemplateSequence Range(TemplateArguments a)
    {
        long first = a.Take("start") is long number ? number : throw a.Error("needs integers");
        bool hasStop = a.TryTake("stop", out object? second);
        long step = a.TakeInteger("step", 1);
        a.End();
        (long start, long stop) = !hasStop ? (0, first) : second is long end ? (first, end) : throw a.Error("needs integers");
        if (step == 0) throw a.Error("needs a step that is not 0");
        Int128 count = (step > 0 ? start >= stop : start <= stop) ? 0 : ((Int128)stop - start + (step > 0 ? step - 1 : step + 1)) / step;
        if (count > MaximumRange) throw a.Error($"would make {count} numbers; at most {MaximumRange} are allowed");
        a.Budget.Step((long)count);
        List<object?> numbers = [];
        for (long i = 0; i < (long)count; i++) numbers.Add(start + i * step);
        return new TemplateSequence(TemplateSequenceKind.Range, numbers)
        {
            Printed = step == 1 ? $"range({start}, {stop})"
            : $"range({start}, {stop}, {step})"
        };
    }
}

/// <summary>What <c>cycler(...)</c> makes: values one after the other, around and around.</summary>
internal sealed class TemplateCycler(List<object?> items)
{
    private int _at;

    public bool TryGet(string name, out object? value)
    {
        value = name switch
        {
            "current" => items[_at],
            "next" => new TemplateCallable("the method 'next'", _ => Next()),
            "reset" => new TemplateCallable("the method 'reset'", _ => Reset()),
            _ => this,
        };
        return !ReferenceEquals(value, this);
    }

    private object? Next()
    {
        object? item = items[_at];
        _at = (_at + 1) % items.Count;
        return item;
    }

    private object? Reset()
    {
        _at = 0;
        return null;
    }
}
