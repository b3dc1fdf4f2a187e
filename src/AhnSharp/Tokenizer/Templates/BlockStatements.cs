using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>{% set name | filters %} … {% endset %}</c>: the name takes what the block prints.</summary>
internal sealed class SetBlockStatement(int line, string name, TemplateExpression? filters, List<TemplateStatement> block)
    : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        TemplateString printed = run.Capture(block, new TemplateScope(run.Scope));
        run.Scope.Set(name, filters is null ? printed : run.Filter(printed, filters));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% filter filters %} … {% endfilter %}</c>: the block's output, filtered.</summary>
internal sealed class FilterStatement(int line, TemplateExpression filters, List<TemplateStatement> block) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        TemplateString printed = run.Capture(block, new TemplateScope(run.Scope));
        run.Print(TemplateValue.ToText(run.Filter(printed, filters), run.Budget));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% with a = 1, b = 2 %} … {% endwith %}</c>: names for the block alone; the values do not see each other.</summary>
internal sealed class WithStatement(int line, List<(List<string> Names, bool Unpack, TemplateExpression Value)> assigned,
    List<TemplateStatement> block) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        TemplateScope scope = new(run.Scope);
        foreach ((List<string> names, bool unpack, TemplateExpression value) in assigned) run.Assign(scope, names, unpack,
            run.Evaluate(value));
        return run.Within(scope, block);
    }
}

/// <summary><c>{% generation %} … {% endgeneration %}</c>: marks what an assistant says, for training; here it prints its block.</summary>
internal sealed class GenerationStatement(int line, List<TemplateStatement> block) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Within(new TemplateScope(run.Scope), block);
        return TemplateFlow.Next;
    }
}
