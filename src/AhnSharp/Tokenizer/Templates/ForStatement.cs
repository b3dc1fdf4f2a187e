using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary><c>{% for names in items if filter recursive %} … {% else %} … {% endfor %}</c>; names set inside end with each turn.</summary>
internal sealed class ForStatement(
    int line, List<string> names, bool unpack, TemplateExpression items, TemplateExpression? filter, bool recursive,
    List<TemplateStatement> block, List<TemplateStatement>? otherwise)
    : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        Go(run.Evaluate(items), run.Scope, run, depth: 0);
        return TemplateFlow.Next;
    }

    private void Go(object? from, TemplateScope outer, TemplateRun run, int depth)
    {
        List<object?> all = TemplateValue.Items(from, run.Budget);
        if (filter is not null) all = Filtered(all, outer, run);
        if (all.Count == 0)
        {
            if (otherwise is not null) run.Within(new TemplateScope(outer), otherwise);
            return;
        }
        TemplateLoop loop = new(all, depth, recursive ? inner => run.Capture(() => Go(inner, outer, run, depth + 1)) : null);
        for (int i = 0; i < all.Count; i++)
        {
            run.Budget.Step();
            loop.Index = i;
            TemplateScope scope = new(outer);
            scope.Set("loop", loop);
            run.Assign(scope, names, unpack, all[i]);
            if (run.Within(scope, block) == TemplateFlow.Break) break;
        }
    }

    private List<object?> Filtered(List<object?> all, TemplateScope outer, TemplateRun run)
    {
        List<object?> kept = [];
        foreach (object? item in all)
        {
            TemplateScope scope = new(outer);
            run.Assign(scope, names, unpack, item);
            if (TemplateValue.IsTrue(run.EvaluateWithin(scope, filter!))) kept.Add(item);
        }
        return kept;
    }
}
