using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The variable <c>loop</c> inside a for block.</summary>
/// <param name="items">What the loop goes through.</param>
/// <param name="depth">How many loops around it it stands in by calling itself, from 0.</param>
/// <param name="again">Runs the block over other items; null where the loop is not recursive.</param>
internal sealed class TemplateLoop(List<object?> items, int depth, Func<object?, TemplateString>? again)
{
    private List<object?>? _changing;

    /// <summary>Index of the present item, from 0.</summary>
    public int Index { get; set; }

    public int Count => items.Count;

    /// <summary><c>loop(items)</c>: what the block prints for other items.</summary>
    public TemplateString Call(TemplateArguments arguments) =>
        again is null ? throw arguments.Error("cannot be called: the for loop is not recursive") : again(arguments.Take("iterable"));

    /// <summary>An attribute of the loop; false where there is none of that name.</summary>
    public bool TryGet(string name, TemplateBudget budget, out object? value)
    {
        value = name switch
        {
            "index" => Index + 1L,
            "index0" => (long)Index,
            "revindex" => (long)items.Count - Index,
            "revindex0" => items.Count - Index - 1L,
            "first" => Index == 0,
            "last" => Index == items.Count - 1,
            "length" => (long)items.Count,
            "depth" => depth + 1L,
            "depth0" => (long)depth,
            "previtem" => Index > 0 ? items[Index - 1] : new UndefinedValue("loop.previtem"),
            "nextitem" => Index < items.Count - 1 ? items[Index + 1] : new UndefinedValue("loop.nextitem"),
            "cycle" => new TemplateCallable("the method 'loop.cycle'", Cycle),
            "changed" => new TemplateCallable("the method 'loop.changed'", a => HasChanged(a.TakeRest(), budget)),
            _ => this,
        };
        return !ReferenceEquals(value, this);
    }

    public override string ToString() => $"<LoopContext {Index + 1}/{items.Count}>";

    private object? Cycle(TemplateArguments arguments)
    {
        List<object?> values = arguments.TakeRest();
        return values.Count > 0 ? values[Index % values.Count] : throw arguments.Error("needs something to go through");
    }

    private object? HasChanged(List<object?> values, TemplateBudget budget)
    {
        if (_changing is not null && TemplateValue.AreEqual(_changing, values, budget)) return false;
        _changing = values;
        return true;
    }
}
