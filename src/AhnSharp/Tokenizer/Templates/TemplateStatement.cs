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
internal sealed class IfStatement(int line, List<(TemplateExpression? Test, List<TemplateStatement> Block)> branches)
    : TemplateStatement(line)
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
        if (target is not TemplateNamespace found)
            throw run.Error($"{GgufText.Quote(space)} is not a namespace, so its {GgufText.Quote(name)} cannot be set.");
        found.Values[name] = assigned;
        return TemplateFlow.Next;
    }
}
