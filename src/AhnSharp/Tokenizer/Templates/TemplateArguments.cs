using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The arguments of a call, filter or test, taken one by one by position or name; what is left over is an error.</summary>
/// <param name="callee">What is called, for errors: "the filter 'trim'".</param>
/// <param name="run">Knows the line and what it has cost.</param>
/// <param name="positional">Arguments by position.</param>
/// <param name="named">Arguments by name.</param>
internal sealed class TemplateArguments(string callee, TemplateRun run, List<object?> positional, OrderedDictionary<string, object?> named)
{
    private int _next;

    public TemplateRun Run => run;

    public TemplateBudget Budget => run.Budget;

    /// <summary>Arguments by name that no position took.</summary>
    public OrderedDictionary<string, object?> Named => named;

    /// <summary>The next argument, by position or by name; false where it is not given.</summary>
    public bool TryTake(string name, out object? value)
    {
        if (_next < positional.Count)
        {
            value = positional[_next++];
            if (named.ContainsKey(name)) throw Error($"has two values for its argument '{name}'");
            return true;
        }
        _next++;
        return named.Remove(name, out value);
    }

    public object? Take(string name) => TryTake(name, out object? value) ? value : throw Error($"needs its argument '{name}'");

    /// <summary>An argument, or another value where it is not given.</summary>
    public object? TakeOr(string name, object? fallback) => TryTake(name, out object? value) ? value : fallback;

    /// <summary>All that are left: the positional ones.</summary>
    public List<object?> TakeRest()
    {
        List<object?> rest = _next < positional.Count ? positional[_next..] : [];
        _next = positional.Count;
        return rest;
    }

    /// <summary>All that are left by name.</summary>
    public OrderedDictionary<string, object?> TakeNamed()
    {
        OrderedDictionary<string, object?> rest = new(named);
        named.Clear();
        return rest;
    }

    /// <summary>A string, or null where it is not given or None.</summary>
    public TemplateString? TakeText(string name)
    {
        if (!TryTake(name, out object? value) || value is null) return null;
        return value as TemplateString ?? throw Error($"needs a string for '{name}', not {TemplateValue.Describe(value)}");
    }

    /// <summary>A string that must be given.</summary>
    public TemplateString TakeRequiredText(string name) => TakeText(name) ?? throw Error($"needs a string for '{name}'");

    public long TakeInteger(string name, long fallback) => TryTake(name, out object? value) ? Integer(name, value) : fallback;

    /// <summary>An integer; null where it is not given or None.</summary>
    public long? TakeOptionalInteger(string name) => TryTake(name, out object? value) && value is not null ? Integer(name, value) : null;

    public bool TakeTruth(string name, bool fallback) => TryTake(name, out object? value) ? TemplateValue.IsTrue(value) : fallback;

    /// <summary>Says that all arguments were taken.</summary>
    public void End()
    {
        if (_next < positional.Count) throw Error($"takes {_next} arguments, not {positional.Count}");
        if (named.Count > 0) throw Error($"has no argument {GgufText.Quote(named.Keys.First())} here");
    }

    public ChatTemplateException Error(string message) => new(Budget.Line, $"{callee} {message}.");

    private long Integer(string name, object? value) => value switch
    {
        long number => number,
        bool truth => truth ? 1 : 0,
        BigInteger => throw Error($"needs a smaller integer for '{name}'"),
        _ => throw Error($"needs an integer for '{name}', not {TemplateValue.Describe(value)}"),
    };
}
