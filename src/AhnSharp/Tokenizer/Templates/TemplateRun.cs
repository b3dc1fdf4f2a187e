using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The names of one scope and, behind it, those around it.</summary>
internal sealed class TemplateScope(TemplateScope? outer)
{
    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);

    public TemplateScope? Outer => outer;

    public void Set(string name, object? value) => _names[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (TemplateScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._names.TryGetValue(name, out value)) return true;
        }
        value = null;
        return false;
    }
}

/// <summary>How the execution of a block ended.</summary>
internal enum TemplateFlow
{
    Next,
    Break,
    Continue,
}

/// <summary>All that changes while a template runs: the scope, the output so far, and what it has cost.</summary>
/// <param name="budget">What it may cost.</param>
/// <param name="now">The time that strftime_now says; one for the whole run.</param>
internal sealed class TemplateRun(TemplateBudget budget, DateTimeOffset now)
{
    private List<TemplateString> _output = [];

    public TemplateBudget Budget => budget;

    public DateTimeOffset Now => now;

    /// <summary>What a block printed, while its filters run.</summary>
    public TemplateString Filtered { get; private set; } = TemplateString.Empty;

    public TemplateScope Scope { get; private set; } = new(null);

    public object? Evaluate(TemplateExpression expression)
    {
        budget.Line = expression.Line;
        budget.Step();
        budget.Enter();
        object? value = expression.Evaluate(this);
        budget.Leave();
        budget.Line = expression.Line;
        return value;
    }

    /// <summary>Evaluates in the given scope and returns to the present one.</summary>
    public object? EvaluateWithin(TemplateScope scope, TemplateExpression expression)
    {
        TemplateScope before = Scope;
        Scope = scope;
        object? value = Evaluate(expression);
        Scope = before;
        return value;
    }

    public bool IsTrue(TemplateExpression expression) => TemplateValue.IsTrue(Evaluate(expression));

    public TemplateFlow Execute(List<TemplateStatement> block)
    {
        budget.Enter();
        TemplateFlow flow = TemplateFlow.Next;
        foreach (TemplateStatement statement in block)
        {
            budget.Line = statement.Line;
            budget.Step();
            flow = statement.Execute(this);
            if (flow != TemplateFlow.Next) break;
        }
        budget.Leave();
        return flow;
    }

    public void Print(TemplateString text)
    {
        budget.Characters(text.Length);
        if (text.Length > 0) _output.Add(text);
    }

    /// <summary>What was printed since the beginning, or since the capture began.</summary>
    public TemplateString Output => _output.Count == 0 ? TemplateString.Empty : TemplateString.Join(_output);

    /// <summary>Executes a block in a scope of its own; what it prints is returned and not printed.</summary>
    public TemplateString Capture(List<TemplateStatement> block, TemplateScope scope) => Capture(() => Within(scope, block));

    /// <summary>Runs an action; what it prints is returned and not printed.</summary>
    public TemplateString Capture(Action action)
    {
        List<TemplateString> outer = _output;
        _output = [];
        action();
        TemplateString text = Output;
        budget.Characters(text.Length);
        _output = outer;
        return text;
    }

    /// <summary>Executes a block in the given scope and returns to the present one.</summary>
    public TemplateFlow Within(TemplateScope scope, List<TemplateStatement> block)
    {
        TemplateScope before = Scope;
        Scope = scope;
        TemplateFlow flow = Execute(block);
        Scope = before;
        return flow;
    }

    /// <summary>The output of a block through the filters of its tag.</summary>
    public object? Filter(TemplateString printed, TemplateExpression filters)
    {
        TemplateString outer = Filtered;
        Filtered = printed;
        object? value = Evaluate(filters);
        Filtered = outer;
        return value;
    }

    /// <summary>Gives names their values: one name, or as many as the value has items.</summary>
    public void Assign(TemplateScope scope, List<string> names, bool unpack, object? value)
    {
        if (!unpack)
        {
            scope.Set(names[0], value);
            return;
        }
        List<object?> items = TemplateValue.Items(value, budget);
        if (items.Count != names.Count) throw Error($"{names.Count} names cannot take {items.Count} values.");
        for (int i = 0; i < names.Count; i++) scope.Set(names[i], items[i]);
    }

    public ChatTemplateException Error(string message) => new(budget.Line, message);
}
