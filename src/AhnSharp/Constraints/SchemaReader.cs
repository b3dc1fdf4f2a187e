using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Constraints;

/// <summary>Reads schemas from their JSON, keyword by keyword. A keyword that has no row here is refused by its pointer.</summary>
internal sealed class SchemaReader(JsonElement root)
{
    private static readonly HashSet<string> s_annotations =
    [
        "title", "description", "default", "examples", "example", "$schema", "$id", "$comment", "$defs", "definitions", "deprecated",
        "readOnly", "writeOnly",
    ];

    private readonly Dictionary<string, Schema> _known = [];

    /// <summary>The schema at a JSON pointer such as #/$defs/node.</summary>
    public Schema At(string pointer, string from)
    {
        if (_known.TryGetValue(pointer, out Schema? schema)) return schema;
        if (pointer.Length == 0 || pointer[0] != '#' || (pointer.Length > 1 && pointer[1] != '/'))
            throw Error(from, "expected a reference within the schema such as #/$defs/name", $"found {pointer}");
        JsonElement at = root;
        foreach (string part in pointer.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~",
                StringComparison.Ordinal);
            bool found = at.ValueKind == JsonValueKind.Object
                ? at.TryGetProperty(name, out at)
                : at.ValueKind == JsonValueKind.Array && int.TryParse(name, out int index) && index >= 0 && index < at.GetArrayLength()
                    && (at = at[index]).ValueKind != JsonValueKind.Undefined;
            if (!found) throw Error(from, "expected a reference to what is there", $"found {pointer}");
        }
        schema = Read(at, pointer);
        _known.Add(pointer, schema);
        return schema;
    }

    public Schema Read(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.True) return new Schema(path);
        if (element.ValueKind == JsonValueKind.False) return Schema.Never(path);
        if (element.ValueKind != JsonValueKind.Object) throw Error(path, "expected a schema", $"found {Kind(element)}");
        Schema schema = new(path);
        foreach (JsonProperty property in element.EnumerateObject())
            ReadKeyword(schema, element, property.Name, property.Value, path + "/" + Escape(property.Name));
        if (schema.Nullable && schema.Reference is null) schema.Types |= element.TryGetProperty("type", out _) ? SchemaTypes.Null : 0;
        return schema;
    }

    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static ConstraintException Error(string path, string expected, string found) => new($"JSON schema {path}: {expected}, {found}.");

    private void ReadKeyword(Schema schema, JsonElement all, string name, JsonElement value, string path)
    {
        switch (name)
        {
            case "type":
                schema.Types = Types(value, path);
                break;
            case "nullable":
                schema.Nullable = Flag(value, path);
                break;
            case "enum":
                if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw Error(path, "expected a list of values",
                    $"found {Kind(value)}");
                schema.Values = [.. value.EnumerateArray().Where(item => schema.Values is null || schema.Values.Exists(other =>
                    JsonElement.DeepEquals(item, other)))];
                break;
            case "const":
                schema.Values = schema.Values is null || schema.Values.Exists(other => JsonElement.DeepEquals(value, other)) ? [value] : [];
                break;
            case "$ref":
                schema.Reference = Text(value, path);
                break;
            case "allOf":
                schema.AllOf = Schemas(value, path);
                break;
            case "anyOf":
                schema.AnyOf.Add(Schemas(value, path));
                break;
            case "oneOf":
                // Which of them hold at once is looked at when references can be followed.
                schema.OneOf = Schemas(value, path);
                break;
            case "properties":
                foreach (JsonProperty property in Members(value, path))
                    schema.Properties.Add((property.Name, Read(property.Value, path + "/" + Escape(property.Name))));
                break;
            case "required":
                schema.Required = [.. Items(value, path).Select(item => Text(item, path)).Distinct(StringComparer.Ordinal)];
                break;
            case "patternProperties":
                foreach (JsonProperty property in Members(value, path))
                    schema.PatternProperties.Add((property.Name, Read(property.Value, path + "/" + Escape(property.Name))));
                break;
            case "additionalProperties":
                schema.Additional = value.ValueKind == JsonValueKind.True ? null : Read(value, path);
                break;
            case "propertyNames":
                schema.PropertyNames = Read(value, path);
                break;
            case "minProperties":
                schema.PropertyCount = schema.PropertyCount with { Min = Count(value, path) };
                break;
            case "maxProperties":
                schema.PropertyCount = schema.PropertyCount with { Max = Count(value, path) };
                break;
            case "prefixItems":
                schema.Prefix = Schemas(value, path);
                break;
            case "items" when value.ValueKind == JsonValueKind.Array:
                schema.Prefix = Schemas(value, path);
                break;
            case "items":
                schema.Items = value.ValueKind == JsonValueKind.True ? null : Read(value, path);
                break;
            case "additionalItems" when all.TryGetProperty("items", out JsonElement items) && items.ValueKind == JsonValueKind.Array:
                schema.Items = value.ValueKind == JsonValueKind.True ? null : Read(value, path);
                break;
            case "minItems":
                schema.ItemCount = schema.ItemCount with { Min = Count(value, path) };
                break;
            case "maxItems":
                schema.ItemCount = schema.ItemCount with { Max = Count(value, path) };
                break;
            case "uniqueItems" when value.ValueKind == JsonValueKind.False:
                break;
            case "minimum" or "exclusiveMinimum":
                ReadLow(schema, all, name, value, path);
                break;
            case "maximum" or "exclusiveMaximum":
                ReadHigh(schema, all, name, value, path);
                break;
            case "multipleOf":
                schema.MultipleOf = Number(value, path);
                if (schema.MultipleOf.Value.Digits.Sign <= 0) throw Error(path, "expected a number above 0", $"found {value.GetRawText()}");
                break;
            case "minLength":
                schema.Length = schema.Length with { Min = Count(value, path) };
                break;
            case "maxLength":
                schema.Length = schema.Length with { Max = Count(value, path) };
                break;
            case "pattern":
                schema.Patterns.Add(Text(value, path));
                break;
            case "format":
                schema.Formats.Add(Text(value, path));
                break;
            default:
                if (!s_annotations.Contains(name)) throw Error(path, "expected a keyword that is supported (docs/constraints.md)",
                    $"found {name}");
                break;
        }
    }

    // exclusiveMinimum is a bound of its own, or (draft 4) says of minimum that it is none of the values.
    private static void ReadLow(Schema schema, JsonElement all, string name, JsonElement value, string path)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False && name == "exclusiveMinimum") return;
        bool inclusive = name == "minimum" && !(all.TryGetProperty("exclusiveMinimum", out JsonElement exclusive)
            && exclusive.ValueKind == JsonValueKind.True);
        schema.Low = SchemaMerge.Higher(schema.Low, (Number(value, path), inclusive));
    }

    private static void ReadHigh(Schema schema, JsonElement all, string name, JsonElement value, string path)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False && name == "exclusiveMaximum") return;
        bool inclusive = name == "maximum" && !(all.TryGetProperty("exclusiveMaximum", out JsonElement exclusive)
            && exclusive.ValueKind == JsonValueKind.True);
        schema.High = SchemaMerge.Lower(schema.High, (Number(value, path), inclusive));
    }

    private static SchemaTypes Types(JsonElement value, string path)
    {
        SchemaTypes types = SchemaTypes.None;
        foreach (JsonElement item in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            types |= Text(item, path) switch
            {
                "null" => SchemaTypes.Null,
                "boolean" => SchemaTypes.Boolean,
                "object" => SchemaTypes.Object,
                "array" => SchemaTypes.Array,
                "number" => SchemaTypes.Number,
                "integer" => SchemaTypes.Integer,
                "string" => SchemaTypes.String,
                string other => throw Error(path, "expected null, boolean, object, array, number, integer or string", $"found {other}"),
            };
        }
        return types;
    }

    private List<Schema> Schemas(JsonElement value, string path)
    {
        List<Schema> schemas = [.. Items(value, path).Select((item, i) => Read(item, $"{path}/{i}"))];
        return schemas.Count > 0 ? schemas : throw Error(path, "expected at least one schema", "found none");
    }

    private static JsonElement.ArrayEnumerator Items(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw Error(path, "expected a list", $"found {Kind(value)}");

    private static JsonElement.ObjectEnumerator Members(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Error(path, "expected an object", $"found {Kind(value)}");

    private static string Text(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Error(path, "expected a string", $"found {Kind(value)}");

    private static bool Flag(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error(path, "expected true or false", $"found {Kind(value)}"),
    };

    private static int Count(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count >= 0
            ? count
            : throw Error(path, $"expected a whole number from 0 to {int.MaxValue}", $"found {value.GetRawText()}");

    private static Decimal10 Number(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && Decimal10.Parse(value.GetRawText()) is Decimal10 number
            ? number
            : throw Error(path, "expected a number of at most 40 digits before and behind the point", $"found {value.GetRawText()}");

    private static string Kind(JsonElement value) => value.ValueKind.ToString().ToLowerInvariant();
}
