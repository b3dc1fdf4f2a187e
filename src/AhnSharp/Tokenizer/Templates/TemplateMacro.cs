using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The parameters and block of a macro or call block.</summary>
/// <param name="Name">Its name, for errors.</param>
/// <param name="Parameters">Names and, where they have one, what they are where they are not given.</param>
/// <param name="Block">What a call prints.</param>
/// <param name="TakesRest">Whether the block uses <c>varargs</c>, so that more arguments may be given.</param>
/// <param name="TakesNamed">Whether it uses <c>kwargs</c>.</param>
/// <param name="TakesCaller">Whether it uses <c>caller</c>.</param>
internal sealed record MacroDefinition(
    string Name, List<(string Name, TemplateExpression? Default)> Parameters, List<TemplateStatement> Block, bool TakesRest,
        bool TakesNamed, bool TakesCaller);

/// <summary>A macro and the scope it sees.</summary>
internal sealed class TemplateMacro(MacroDefinition definition, TemplateScope around)
{
    public string Name => definition.Name;

    public TemplateString Call(TemplateArguments arguments)
    {
        TemplateRun run = arguments.Run;
        TemplateScope scope = new(around);
        if (definition.TakesCaller) scope.Set("caller", arguments.Named.Remove("caller", out object? caller) ? caller
            : new UndefinedValue("'caller'"));
        List<(string, TemplateExpression?)> missing = [];
        foreach ((string parameter, TemplateExpression? fallback) in definition.Parameters)
        {
            if (arguments.TryTake(parameter, out object? given)) scope.Set(parameter, given);
            else missing.Add((parameter, fallback));
        }
        if (definition.TakesRest) scope.Set("varargs", TemplateSequence.Tuple([.. arguments.TakeRest()]));
        if (definition.TakesNamed)
        {
            TemplateMap rest = new();
            foreach ((string name, object? value) in arguments.TakeNamed()) rest.Set(name, value);
            scope.Set("kwargs", rest);
        }
        arguments.End();
        foreach ((string parameter, TemplateExpression? fallback) in missing)
            scope.Set(parameter, fallback is null ? new UndefinedValue($"the parameter {GgufText.Quote(parameter)}")
                : run.EvaluateWithin(scope, fallback));
        return run.Capture(definition.Block, scope);
    }
}

/// <summary><c>{% macro name(a, b=default) %} … {% endmacro %}</c>.</summary>
internal sealed class MacroStatement(int line, MacroDefinition definition) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        run.Scope.Set(definition.Name, new TemplateMacro(definition, run.Scope));
        return TemplateFlow.Next;
    }
}

/// <summary><c>{% call(names) macro(arguments) %} … {% endcall %}</c>: the macro may print the block by calling <c>caller</c>.</summary>
internal sealed class CallStatement(int line, CallExpression call, MacroDefinition block) : TemplateStatement(line)
{
    public override TemplateFlow Execute(TemplateRun run)
    {
        object? printed = call.Evaluate(run, new TemplateMacro(block, run.Scope));
        run.Print(TemplateValue.ToText(printed, run.Budget));
        return TemplateFlow.Next;
    }
}
