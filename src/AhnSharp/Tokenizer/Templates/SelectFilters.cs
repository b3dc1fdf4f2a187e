using System.Collections.Generic;
using AhnSharp.Gguf;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>The filters that take a test or a filter by its name: select, reject, selectattr, rejectattr, map.</summary>
internal static class SelectFilters
{
    public static object? Select(object? value, TemplateArguments a, bool wanted, bool byAttribute)
    {
        object? path = byAttribute ? a.Take("attribute") : null;
        TemplateTest? test = null;
        string name = "true";
        if (a.TryTake("test", out object? given))
        {
            name = (given as TemplateString)?.Text ?? throw a.Error($"needs the name of a test, not {TemplateValue.Describe(given)}");
            test = TemplateTests.Find(name) ?? throw a.Error($"does not know the test {GgufText.Quote(name)}");
        }
        List<object?> rest = a.TakeRest(), kept = [];
        OrderedDictionary<string, object?> named = a.TakeNamed();
        foreach (object? item in TemplateValue.Items(value, a.Budget))
        {
            a.Budget.Step();
            object? tested = byAttribute ? TemplateAccess.Path(item, path, a.Budget) : item;
            if (IsSo(tested) == wanted) kept.Add(item);
        }
        return TemplateSequence.Generator(kept);

        bool IsSo(object? tested)
        {
            if (test is null) return TemplateValue.IsTrue(tested);
            TemplateArguments arguments = new($"the test '{name}'", a.Run, rest, new(named));
            bool isSo = test(tested, arguments);
            arguments.End();
            return isSo;
        }
    }

    public static object? Map(object? value, TemplateArguments a)
    {
        List<object?> mapped = [];
        if (a.Named.Remove("attribute", out object? path))
        {
            bool hasDefault = a.Named.Remove("default", out object? fallback);
            foreach (object? item in TemplateValue.Items(value, a.Budget))
            {
                a.Budget.Step();
                object? found = TemplateAccess.Path(item, path, a.Budget);
                mapped.Add(found is UndefinedValue && hasDefault ? fallback : found);
            }
            return TemplateSequence.Generator(mapped);
        }
        string name = a.TakeRequiredText("filter").Text;
        TemplateFilter filter = TemplateFilters.Find(name) ?? throw a.Error($"does not know the filter '{name}'");
        List<object?> rest = a.TakeRest();
        OrderedDictionary<string, object?> named = a.TakeNamed();
        // A filter may name a filter: map('map', 'map', …).
        a.Budget.Enter();
        foreach (object? item in TemplateValue.Items(value, a.Budget))
        {
            a.Budget.Step();
            TemplateArguments arguments = new($"the filter '{name}'", a.Run, rest, new(named));
            mapped.Add(filter(item, arguments));
            arguments.End();
        }
        a.Budget.Leave();
        return TemplateSequence.Generator(mapped);
    }
}
