using System;
using System.Collections.Generic;

namespace AhnSharp.Tokenizer.Templates;

/// <summary>A key of a mapping, equal to another as Python's are: 1, 1.0 and True are one, strings are their text.</summary>
internal readonly struct TemplateKey : IEquatable<TemplateKey>
{
    private TemplateKey(object? value) => Value = value;

    public object? Value { get; }

    /// <summary>A value as a key, or an error where Python could not hash it; charges its length, which is gone through.</summary>
    public static TemplateKey Of(object? value, TemplateBudget budget)
    {
        budget.Step();
        switch (value)
        {
            case TemplateString text:
                budget.Characters(text.Length);
                break;
            case TemplateSequence { Kind: TemplateSequenceKind.Tuple } tuple:
                budget.Enter();
                foreach (object? item in tuple) Of(item, budget);
                budget.Leave();
                break;
            case TemplateSequence { Kind: TemplateSequenceKind.Generator or TemplateSequenceKind.Range }:
                break;
            case List<object?> or TemplateMap:
                throw new ChatTemplateException(budget.Line,
                    $"the key of a mapping must be a string, number or tuple, not {TemplateValue.Describe(value)}.");
        }
        return new TemplateKey(value);
    }

    /// <summary>A short key from outside a run.</summary>
    public static TemplateKey OfText(TemplateString text) => new(text);

    public bool Equals(TemplateKey other) => Same(Value, other.Value);

    public override bool Equals(object? obj) => obj is TemplateKey other && Equals(other);

    public override int GetHashCode() => Hash(Value);

    private static bool Same(object? a, object? b)
    {
        switch (a, b)
        {
            case (TemplateString x, TemplateString y):
                return x.Equals(y);
            case (TemplateSequence { Kind: TemplateSequenceKind.Tuple } x, TemplateSequence { Kind: TemplateSequenceKind.Tuple } y):
                if (x.Count != y.Count) return false;
                for (int i = 0; i < x.Count; i++)
                {
                    if (!Same(x[i], y[i])) return false;
                }
                return true;
        }
        return TemplateNumber.AreEqual(a, b) ?? ReferenceEquals(a, b);
    }

    private static int Hash(object? value)
    {
        switch (value)
        {
            case TemplateString text:
                return text.GetHashCode();
            case TemplateSequence { Kind: TemplateSequenceKind.Tuple } tuple:
                HashCode hash = new();
                foreach (object? item in tuple) hash.Add(Hash(item));
                return hash.ToHashCode();
        }
        return TemplateNumber.AsDouble(value) is double number ? number.GetHashCode() : value?.GetHashCode() ?? 0;
    }
}

/// <summary>A mapping: values by key, in the order in which the keys came. Built once, then read.</summary>
internal sealed class TemplateMap
{
    private readonly OrderedDictionary<TemplateKey, object?> _values = [];

    public int Count => _values.Count;

    public IEnumerable<KeyValuePair<TemplateKey, object?>> Pairs => _values;

    public void Set(TemplateKey key, object? value) => _values[key] = value;

    /// <summary>Sets a value by a name that a message, a tool or this program gives.</summary>
    public void Set(string name, object? value) => _values[TemplateKey.OfText(TemplateString.OfValue(name))] = value;

    public bool TryGet(TemplateKey key, out object? value) => _values.TryGetValue(key, out value);
}
