using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The arguments of a call, filter or test in the source; <paramref name="Rest"/> is <c>*rest</c>, <paramref name="NamedRest"/>
/// is <c>**rest</c>.</summary>
internal sealed record ArgumentList(
    List<TemplateExpression> Positional, List<(string Name, TemplateExpression Value)> Named, TemplateExpression? Rest = null,
        TemplateExpression? NamedRest = null)
{
    public static readonly ArgumentList None = new([], []);

    public TemplateArguments Evaluate(string callee, TemplateRun run)
    {
        int line = run.Budget.Line;
        List<object?> positional = new(Positional.Count);
        foreach (TemplateExpression argument in Positional) positional.Add(run.Evaluate(argument));
        OrderedDictionary<string, object?> named = [];
        foreach ((string name, TemplateExpression value) in Named) named[name] = run.Evaluate(value);
        if (Rest is not null)
        {
            List<object?> rest = TemplateValue.Items(run.Evaluate(Rest), run.Budget);
            run.Budget.Step(rest.Count);
            positional.AddRange(rest);
        }
        if (NamedRest is not null)
        {
            if (run.Evaluate(NamedRest) is not TemplateMap map) throw run.Error("'**' needs a mapping.");
            run.Budget.Step(map.Count);
            foreach ((TemplateKey key, object? value) in map.Pairs)
            {
                if (key.Value is not TemplateString name) throw run.Error("'**' needs a mapping whose keys are names.");
                if (!named.TryAdd(name.Text, value)) throw run.Error($"the argument {GgufText.Quote(name.Text)} is given twice.");
            }
        }
        run.Budget.Line = line;
        return new TemplateArguments(callee, run, positional, named);
    }
}

/// <summary><c>callee(arguments)</c>: a macro, a method, or a function of the language.</summary>
internal sealed class CallExpression(int line, TemplateExpression callee, ArgumentList arguments) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => Evaluate(run, null);

    /// <param name="run">The run.</param>
    /// <param name="caller">What a macro may call by <c>caller</c>; null where the call has no block.</param>
    public object? Evaluate(TemplateRun run, TemplateMacro? caller)
    {
        object? target = run.Evaluate(callee);
        string described = target switch
        {
            TemplateMacro macro => $"the macro {GgufText.Quote(macro.Name)}",
            TemplateLoop => "the loop variable",
            TemplateCallable function => function.Described,
            UndefinedValue undefined => throw run.Error($"the function or method {undefined.Name} is not supported."),
            _ => throw run.Error($"{TemplateValue.Describe(target)} cannot be called."),
        };
        TemplateArguments taken = arguments.Evaluate(described, run);
        if (caller is not null) taken.Named["caller"] = caller;
        object? result = target switch
        {
            TemplateMacro macro => macro.Call(taken),
            TemplateLoop loop => loop.Call(taken),
            _ => ((TemplateCallable)target!).Call(taken),
        };
        taken.End();
        return result;
    }
}

/// <summary><c>value | name(arguments)</c>; of a filter block, without a value of its own.</summary>
internal sealed class FilterExpression(int line, TemplateExpression? value, string name, TemplateFilter filter, ArgumentList arguments)
    : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run) => Apply(value is null ? run.Filtered : run.Evaluate(value), run);

    private object? Apply(object? input, TemplateRun run)
    {
        TemplateArguments taken = arguments.Evaluate($"the filter '{name}'", run);
        object? result = filter(input, taken);
        taken.End();
        return result;
    }
}

/// <summary><c>value is name arguments</c>, or <c>is not</c>.</summary>
internal sealed class TestExpression(int line, TemplateExpression value, string name, TemplateTest test, bool negated,
    ArgumentList arguments) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? input = run.Evaluate(value);
        TemplateArguments taken = arguments.Evaluate($"the test '{name}'", run);
        bool result = test(input, taken);
        taken.End();
        return result != negated;
    }
}
