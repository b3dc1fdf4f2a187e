using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The arguments of a call, filter or test in the source.</summary>
internal sealed record ArgumentList(List<TemplateExpression> Positional, List<(string Name, TemplateExpression Value)> Named)
{
    public static readonly ArgumentList None = new([], []);

    public TemplateArguments Evaluate(string callee, TemplateRun run)
    {
        int line = run.Budget.Line;
        List<object?> positional = new(Positional.Count);
        foreach (TemplateExpression argument in Positional) positional.Add(run.Evaluate(argument));
        OrderedDictionary<string, object?> named = [];
        foreach ((string name, TemplateExpression value) in Named) named[name] = run.Evaluate(value);
        run.Budget.Line = line;
        return new TemplateArguments(callee, run.Budget, positional, named);
    }
}

/// <summary><c>callee(arguments)</c>: a macro, a method, or a function of the language.</summary>
internal sealed class CallExpression(int line, TemplateExpression callee, ArgumentList arguments) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? target = run.Evaluate(callee);
        switch (target)
        {
            case MacroStatement.Macro macro:
                return macro.Call(arguments.Evaluate($"the macro {GgufText.Quote(macro.Name)}", run), run);
            case TemplateCallable { Target: null } function:
                return TemplateMethods.CallFunction(function.Name, arguments.Evaluate($"the function '{function.Name}'", run));
            case TemplateCallable method:
                return TemplateMethods.Call(method.Target, method.Name, arguments.Evaluate($"the method {GgufText.Quote(method.Name)}", run));
            case UndefinedValue undefined:
                throw run.Error($"the function or method {undefined.Name} is not supported.");
            default:
                throw run.Error($"{TemplateValue.Describe(target)} cannot be called.");
        }
    }
}

/// <summary><c>value | name(arguments)</c>.</summary>
internal sealed class FilterExpression(int line, TemplateExpression value, string name, TemplateFilter filter, ArgumentList arguments) : TemplateExpression(line)
{
    public override object? Evaluate(TemplateRun run)
    {
        object? input = run.Evaluate(value);
        TemplateArguments taken = arguments.Evaluate($"the filter '{name}'", run);
        object? result = filter(input, taken);
        taken.End();
        return result;
    }
}

/// <summary><c>value is name arguments</c>, or <c>is not</c>.</summary>
internal sealed class TestExpression(int line, TemplateExpression value, string name, TemplateTest test, bool negated, ArgumentList arguments) : TemplateExpression(line)
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
