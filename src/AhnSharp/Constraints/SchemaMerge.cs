using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Constraints;

/// <summary>The schema of values for which two schemas hold, and whether two schemas can hold at once.</summary>
internal sealed class SchemaMerge(Func<Schema, Schema> resolve)
{
    private const int MaxDepth = 40, MaxMerges = 5_000;

    private int _depth, _merges;

    public static (Decimal10 Value, bool Inclusive)? Higher((Decimal10 Value, bool Inclusive)? a, (Decimal10 Value, bool Inclusive)? b)
    {
        if (a is not var (left, leftIn) || b is not var (right, rightIn)) return a ?? b;
        int order = left.CompareTo(right);
        return order == 0 ? (left, leftIn && rightIn) : order > 0 ? a : b;
    }

    public static (Decimal10 Value, bool Inclusive)? Lower((Decimal10 Value, bool Inclusive)? a, (Decimal10 Value, bool Inclusive)? b)
    {
        if (a is not var (left, leftIn) || b is not var (right, rightIn)) return a ?? b;
        int order = left.CompareTo(right);
        return order == 0 ? (left, leftIn && rightIn) : order < 0 ? a : b;
    }

    public Schema Both(Schema a, Schema b)
    {
        if (ReferenceEquals(a, b) || !b.LimitsAnything) return a;
        if (!a.LimitsAnything) return b;
        if (++_merges > MaxMerges || _depth >= MaxDepth)
            throw SchemaReader.Error(b.Path, "expected schemas that can be merged",
                "found too many or too deep ones (a reference in a circle?)");
        _depth++;
        Schema merged = Merge(resolve(a), resolve(b));
        _depth--;
        return merged;
    }

    private Schema Merge(Schema a, Schema b)
    {
        if (a.MultipleOf is not null && b.MultipleOf is not null && a.MultipleOf != b.MultipleOf)
            throw SchemaReader.Error(b.Path + "/multipleOf", "expected one multipleOf for a value", "found two");
        if (a.PropertyNames is not null && b.PropertyNames is not null)
            throw SchemaReader.Error(b.Path + "/propertyNames", "expected one propertyNames for a value", "found two");
        bool patterns = a.PatternProperties.Count > 0 || b.PatternProperties.Count > 0;
        if (patterns && (a.LimitsObjects && b.LimitsObjects) && (a.Additional is not null || b.Additional is not null))
            throw SchemaReader.Error(b.Path, "expected patternProperties without another additionalProperties", "found both");
        List<JsonElement>? values = a.Values is null || b.Values is null
            ? a.Values ?? b.Values
            : [.. a.Values.Where(value => b.Values.Exists(other => JsonElement.DeepEquals(value, other)))];
        return new Schema(b.Path)
        {
            Types = a.Types & b.Types,
            Values = values,
            AllOf = [.. a.AllOf, .. b.AllOf],
            AnyOf = [.. a.AnyOf, .. b.AnyOf],
            Properties = Properties(a, b),
            Required = [.. a.Required.Union(b.Required)],
            PatternProperties = [.. a.PatternProperties, .. b.PatternProperties],
            Additional = OfBoth(a.Additional, b.Additional),
            PropertyNames = a.PropertyNames ?? b.PropertyNames,
            PropertyCount = Narrower(a.PropertyCount, b.PropertyCount),
            Prefix = Prefix(a, b),
            Items = OfBoth(a.Items, b.Items),
            ItemCount = Narrower(a.ItemCount, b.ItemCount),
            Low = Higher(a.Low, b.Low),
            High = Lower(a.High, b.High),
            MultipleOf = a.MultipleOf ?? b.MultipleOf,
            Length = Narrower(a.Length, b.Length),
            Patterns = [.. a.Patterns.Union(b.Patterns)],
            Formats = [.. a.Formats.Union(b.Formats)],
        };
    }

    private Schema? OfBoth(Schema? a, Schema? b) => a is null || b is null ? a ?? b : Both(a, b);

    // A property that one of the two does not name is, for that one, an additional one.
    private List<(string, Schema)> Properties(Schema a, Schema b)
    {
        List<(string, Schema)> merged = [];
        foreach (string name in a.Properties.Select(property => property.Name).Union(b.Properties.Select(property => property.Name)))
        {
            Schema? left = Named(a, name) ?? a.Additional, right = Named(b, name) ?? b.Additional;
            merged.Add((name, OfBoth(left, right) ?? new Schema(a.Path)));
        }
        return merged;
    }

    private List<Schema> Prefix(Schema a, Schema b)
    {
        List<Schema> merged = [];
        for (int i = 0; i < Math.Max(a.Prefix.Count, b.Prefix.Count); i++)
        {
            Schema? left = i < a.Prefix.Count ? a.Prefix[i] : a.Items, right = i < b.Prefix.Count ? b.Prefix[i] : b.Items;
            merged.Add(OfBoth(left, right) ?? new Schema(a.Path));
        }
        return merged;
    }

    private static Schema? Named(Schema schema, string name)
    {
        foreach ((string other, Schema property) in schema.Properties)
        {
            if (other == name) return property;
        }
        return null;
    }

    private static (int Min, int? Max) Narrower((int Min, int? Max) a, (int Min, int? Max) b) =>
        (Math.Max(a.Min, b.Min), a.Max is null || b.Max is null ? a.Max ?? b.Max : Math.Min(a.Max.Value, b.Max.Value));

    /// <summary>Whether it can be shown that no value is valid for both: by type, by values, or by a property that both require.</summary>
    public bool Exclude(Schema a, Schema b) => Exclude(a, b, 0);

    private bool Exclude(Schema first, Schema second, int depth)
    {
        if (depth > 4) return false;
        Schema a = resolve(first), b = resolve(second);
        if (a.IsNever || b.IsNever) return true;
        if (Alternatives(a) is { } left) return left.TrueForAll(alternative => Exclude(alternative, b, depth + 1));
        if (Alternatives(b) is { } right) return right.TrueForAll(alternative => Exclude(a, alternative, depth + 1));
        SchemaTypes types = TypesOf(a) & TypesOf(b);
        if (types == SchemaTypes.None) return true;
        if (a.Values is not null && b.Values is not null) return !a.Values.Exists(value => b.Values.Exists(other =>
            JsonElement.DeepEquals(value, other)));
        if (types == SchemaTypes.Object) return Objects(a, b, depth) || Objects(b, a, depth);
        // Numbers that end before the others begin.
        return (types & ~SchemaTypes.Number) == 0 && (Apart(a, b) || Apart(b, a));
    }

    private static bool Apart(Schema a, Schema b) =>
        a.High is var (high, highIn) && b.Low is var (low, lowIn)
        && (high.CompareTo(low) < 0 || (high.CompareTo(low) == 0 && !(highIn && lowIn)));

    private bool Objects(Schema a, Schema b, int depth)
    {
        foreach (string name in a.Required)
        {
            Schema? left = Named(a, name) ?? a.Additional, right = Named(b, name) ?? (b.PatternProperties.Count == 0 ? b.Additional : null);
            if (right is { IsNever: true }) return true;
            if (left is not null && right is not null && b.Required.Contains(name) && Exclude(left, right, depth + 1)) return true;
        }
        return false;
    }

    // Of one list without anything beside it; values with both would have to be merged first.
    private static List<Schema>? Alternatives(Schema schema) =>
        schema is { AnyOf.Count: 1, AllOf.Count: 0 } && schema.Types == SchemaTypes.All && schema.Values is null && !schema.LimitsValues
            ? schema.AnyOf[0]
            : null;

    private static SchemaTypes TypesOf(Schema schema)
    {
        if (schema.Values is null) return schema.Types;
        SchemaTypes types = SchemaTypes.None;
        foreach (JsonElement value in schema.Values) types |= TypeOf(value);
        return types & schema.Types;
    }

    public static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => SchemaTypes.Null,
        JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
        JsonValueKind.Object => SchemaTypes.Object,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.String => SchemaTypes.String,
        _ => Decimal10.Parse(value.GetRawText()) is { Places: 0 } ? SchemaTypes.Integer : SchemaTypes.Fraction,
    };
}
