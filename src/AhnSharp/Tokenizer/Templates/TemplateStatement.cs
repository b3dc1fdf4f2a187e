using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A statement of a template; executed through <see cref="TemplateRun.Execute"/>, which counts it.</summary>
internal abstract class TemplateStatement(int line)
{
    public int Line => line;

    public abstract TemplateFlow Execute(TemplateRun run);
}

/// <summary>Text outside of tags.</summary>
internal sealed class TextStatement(int line, string text) : TemplateStatement(line)
{
    private readonly TemplateString _text = TemplateString.OfTemplate(text);

    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Print(_text);
        return TemplateFlow.Next;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(int line, TemplateExpression value) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Print(TemplateValue.ToText(run.Evaluate(value), run.Budget));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% if %} … {% elif %} … {% else %} … {% endif %}</c>; a branch without test is the else.</summary>
internal sealed class IfStatement(int line, List<(TemplateExpression? Test, List<TemplateStatement> Block)> branches) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        foreach ((TemplateExpression? test, List<TemplateStatement> block) in branches)
        {
            if (test is null || run.IsTrue(test)) return run.Execute(block);
        }
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% for names in items if filter %} … {% else %} … {% endfor %}</c>; names set inside end with each turn.</summary>
internal sealed class ForStatement(
    int line, List<string> names, bool unpack, TemplateExpression items, TemplateExpression? filter, List<TemplateStatement> block, List<TemplateStatement>? otherwise)
    : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        List<object?> all = TemplateValue.Items(run.Evaluate(items), run.Budget);
        if (filter is not null) all = Filtered(all, run);
        if (all.Count == 0) return otherwise is null ? TemplateFlow.Next : run.Within(new TemplateScope(run.Scope), otherwise);

        TemplateLoop loop = new(all);
        for (int i = 0; i < all.Count; i++)
        {
            run.Budget.Step();
            loop.Index = i;
            TemplateScope scope = new(run.Scope);
            scope.Set("loop", loop);
            run.Assign(scope, names, unpack, all[i]);
            if (run.Within(scope, block) == TemplateFlow.Break) break;
        }
        return TemplateFlow.Next;
    }

    private List<object?> Filtered(List<object?> all, TemplateRun run)
    {
        List<object?> kept = [];
        foreach (object? item in all)
        {
            TemplateScope scope = new(run.Scope);
            run.Assign(scope, names, unpack, item);
            if (TemplateValue.IsTrue(run.EvaluateWithin(scope, filter!))) kept.Add(item);
        }
        return kept;
    }
}

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed class FlowStatement(int line, TemplateFlow flow) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run) => flow;
}

/// <summary><c>{% set a, b = value %}</c>.</summary>
internal sealed class SetStatement(int line, List<string> names, bool unpack, TemplateExpression value) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Assign(run.Scope, names, unpack, run.Evaluate(value));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% set space.name = value %}</c>, where the space was made by <c>namespace()</c>.</summary>
internal sealed class SetAttributeStatement(int line, string space, string name, TemplateExpression value) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        object? assigned = run.Evaluate(value);
        run.Scope.TryGet(space, out object? target);
        if (target is not TemplateNamespace found) throw run.Error($"{GgufText.Quote(space)} is not a namespace, so its {GgufText.Quote(name)} cannot be set.");
        found.Values[name] = assigned;
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% set name %} … {% endset %}</c>: the name takes what the block prints.</summary>
internal sealed class SetBlockStatement(int line, string name, List<TemplateStatement> block) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Scope.Set(name, run.Capture(block, new TemplateScope(run.Scope)));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% macro name(a, b=default) %} … {% endmacro %}</c>.</summary>
internal sealed class MacroStatement(int line, string name, List<(string Name, TemplateExpression? Default)> parameters, List<TemplateStatement> block)
    : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Scope.Set(name, new Macro(this, run.Scope));
        return TemplateFlow.Next;
    }

    /// <summary>A macro and the scope it sees.</summary>
    internal sealed class Macro(MacroStatement statement, TemplateScope scope)
    {
        public string Name => statement.Name;

        public object? Call(TemplateArguments arguments, TemplateRun run) => statement.Call(arguments, scope, run);
    }

    private string Name => name;

    private TemplateString Call(TemplateArguments arguments, TemplateScope around, TemplateRun run)
    {
        TemplateScope scope = new(around);
        foreach ((string parameter, TemplateExpression? fallback) in parameters)
        {
            object? value = arguments.TryTake(parameter, out object? given) ? given
                : fallback is not null ? run.EvaluateWithin(scope, fallback)
                : new UndefinedValue(GgufText.Quote(parameter));
            scope.Set(parameter, value);
        }
        arguments.End();
        return run.Capture(block, scope);
    }
}
