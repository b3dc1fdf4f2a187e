using System.Collections.Generic;
using System.Text.Json;

namespace AhnSharp.Constraints;

/// <summary>One schema as it was read, or several that were merged: what each keyword says, and where it stands.</summary>
internal sealed class Schema(string path)
{
    /// <summary>JSON pointer of where it stands, for errors.</summary>
    public string Path { get; } = path;

    public SchemaTypes Types { get; set; } = SchemaTypes.All;
    public string? Reference { get; set; }
    public bool Nullable { get; set; }

    /// <summary>enum or const; null: any value.</summary>
    public List<JsonElement>? Values { get; set; }

    public List<Schema> AllOf { get; set; } = [];

    /// <summary>Each a list of which one must hold: anyOf, and oneOf where it was shown that no two hold at once.</summary>
    public List<List<Schema>> AnyOf { get; set; } = [];

    /// <summary>oneOf, before that was shown.</summary>
    public List<Schema>? OneOf { get; set; }

    public List<(string Name, Schema Schema)> Properties { get; set; } = [];
    public List<string> Required { get; set; } = [];
    public List<(string Pattern, Schema Schema)> PatternProperties { get; set; } = [];

    /// <summary>Of properties that are not named; null: anything.</summary>
    public Schema? Additional { get; set; }
    public Schema? PropertyNames { get; set; }
    public (int Min, int? Max) PropertyCount { get; set; } = (0, null);

    public List<Schema> Prefix { get; set; } = [];

    /// <summary>Of items behind the prefix; null: anything.</summary>
    public Schema? Items { get; set; }
    public (int Min, int? Max) ItemCount { get; set; } = (0, null);

    public (Decimal10 Value, bool Inclusive)? Low { get; set; }
    public (Decimal10 Value, bool Inclusive)? High { get; set; }
    public Decimal10? MultipleOf { get; set; }

    public (int Min, int? Max) Length { get; set; } = (0, null);
    public List<string> Patterns { get; set; } = [];
    public List<string> Formats { get; set; } = [];

    /// <summary>Whether no value at all is valid.</summary>
    public bool IsNever => Types == SchemaTypes.None || Values is { Count: 0 };

    public bool LimitsObjects => Properties.Count > 0 || Required.Count > 0 || PatternProperties.Count > 0 || Additional is not null
        || PropertyNames is not null || PropertyCount != (0, null);

    public bool LimitsArrays => Prefix.Count > 0 || Items is not null || ItemCount != (0, null);

    public bool LimitsNumbers => Low is not null || High is not null || MultipleOf is not null;

    public bool LimitsStrings => Length != (0, null) || Patterns.Count > 0 || Formats.Count > 0;

    /// <summary>Whether anything is said beside the values and their types.</summary>
    public bool LimitsValues => LimitsObjects || LimitsArrays || LimitsNumbers || LimitsStrings;

    /// <summary>Whether anything is said at all.</summary>
    public bool LimitsAnything => Types != SchemaTypes.All || Values is not null || LimitsValues || AllOf.Count > 0 || AnyOf.Count > 0
        || OneOf is not null || Reference is not null;

    public Schema With(System.Action<Schema> change)
    {
        Schema copy = (Schema)MemberwiseClone();
        change(copy);
        return copy;
    }

    public static Schema Never(string path) => new(path) { Types = SchemaTypes.None };
}
