using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Constraints;

/// <summary>Makes the tree of texts that are valid for a JSON schema. Objects and arrays: <see cref="SchemaContainers"/>.</summary>
internal sealed class SchemaCompiler
{
    private const int MaxSource = 1 << 20, MaxAlternatives = 256, MaxNodes = 50_000;

    private readonly SchemaReader _reader;
    private readonly SchemaContainers _containers;
    private readonly Dictionary<string, Rule> _rules = [];
    private int _nodes, _depth;

    private SchemaCompiler(JsonElement root)
    {
        _reader = new SchemaReader(root);
        Merge = new SchemaMerge(Resolve);
        _containers = new SchemaContainers(this);
    }

    public SchemaMerge Merge { get; }

    public static Node Compile(string schema)
    {
        if (schema.Length > MaxSource) throw SchemaReader.Error("#", $"expected at most {MaxSource} characters", $"found {schema.Length}");
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema);
            root = document.RootElement.Clone();
        }
        catch (JsonException broken)
        {
            throw new ConstraintException($"JSON schema: expected JSON, found something else: {broken.Message}", broken);
        }
        return new SchemaCompiler(root).NodeOf("#");
    }

    /// <summary>A schema of which references, allOf and oneOf are followed: what is left are keywords and lists of alternatives.</summary>
    public Schema Resolve(Schema schema)
    {
        for (int followed = 0; schema.Reference is not null || schema.AllOf.Count > 0 || schema.OneOf is not null; followed++)
        {
            if (followed > 100) throw SchemaReader.Error(schema.Path, "expected references that lead somewhere", "found a circle");
            if (schema.OneOf is { } choices)
            {
                RefuseOverlap(schema.Path, choices);
                schema = schema.With(copy =>
                {
                    copy.OneOf = null;
                    copy.AnyOf = [.. schema.AnyOf, choices];
                });
            }
            else if (schema.Reference is string pointer)
            {
                Schema target = _reader.At(pointer, schema.Path + "/$ref");
                if (schema.Nullable)
                {
                    Schema orNull = new(schema.Path) { Types = SchemaTypes.Null };
                    target = new Schema(schema.Path) { AnyOf = [[target, orNull]] };
                }
                Schema rest = schema.With(copy => (copy.Reference, copy.Nullable) = (null, false));
                schema = rest.LimitsAnything ? Merge.Both(target, rest) : target;
            }
            else
            {
                Schema rest = schema.With(copy => copy.AllOf = []);
                foreach (Schema part in schema.AllOf) rest = Merge.Both(rest, part);
                schema = rest;
            }
        }
        return schema;
    }

    /// <summary>A call of the rule of what stands at a pointer, which may name itself.</summary>
    private Node NodeOf(string pointer, string? from = null)
    {
        if (!_rules.TryGetValue(pointer, out Rule? rule))
        {
            _rules.Add(pointer, rule = new Rule(pointer));
            rule.Body = NodeOf(_reader.At(pointer, from ?? pointer));
        }
        return rule.Call();
    }

    public Node NodeOf(Schema schema)
    {
        if (++_nodes > MaxNodes) throw SchemaReader.Error(schema.Path, $"expected a schema of at most {MaxNodes} parts", "found more");
        if (++_depth > 200) throw SchemaReader.Error(schema.Path, "expected a schema nested at most 200 deep", "found more");
        Node node = Follow(schema);
        _depth--;
        return node;
    }

    private Node Follow(Schema schema)
    {
        if (schema.Reference is string pointer)
        {
            // Alone it is a call, so that schemas may be about themselves; beside other keywords it is merged with them.
            Schema rest = schema.With(copy => (copy.Reference, copy.Nullable) = (null, false));
            if (!rest.LimitsAnything)
            {
                Node target = NodeOf(pointer, schema.Path + "/$ref");
                return schema.Nullable ? Node.Any(target, JsonSyntax.Null) : target;
            }
        }
        schema = Resolve(schema);
        if (schema.IsNever) return Node.Never;
        if (schema.AnyOf.Count == 0) return schema.Values is null ? Typed(schema) : Valued(schema);

        List<Schema> groups = schema.AnyOf[0];
        Schema others = schema.With(copy => copy.AnyOf = schema.AnyOf[1..]);
        if (groups.Count > MaxAlternatives * 8) throw SchemaReader.Error(schema.Path, "expected fewer alternatives",
            $"found {groups.Count}");
        return Node.Any([.. groups.Select(alternative => NodeOf(others.LimitsAnything ? Merge.Both(others, alternative) : alternative))]);
    }

    private void RefuseOverlap(string path, List<Schema> choices)
    {
        if (choices.Count > MaxAlternatives)
            throw SchemaReader.Error(path + "/oneOf", $"expected at most {MaxAlternatives} alternatives", $"found {choices.Count}");
        for (int i = 0; i < choices.Count; i++)
        {
            for (int j = i + 1; j < choices.Count; j++)
            {
                if (Merge.Exclude(choices[i], choices[j])) continue;
                throw SchemaReader.Error(path + "/oneOf",
                    "expected alternatives that exclude each other by type, by values or by a required "
                    + "property (or anyOf)", $"found that {i} and {j} may hold at once");
            }
        }
    }

    private Node Valued(Schema schema)
    {
        List<string> words = [];
        List<Node> others = [];
        Node? rest = null;
        foreach (JsonElement value in schema.Values!)
        {
            SchemaTypes type = SchemaMerge.TypeOf(value);
            if ((schema.Types & type) == 0) continue;
            if (Limits(schema, type))
            {
                if (type is SchemaTypes.Object or SchemaTypes.Array)
                    throw SchemaReader.Error(schema.Path, "expected enum or const of objects and lists without keywords beside it",
                        "found some");
                rest ??= Typed(schema.With(copy => copy.Values = null));
                if (!Constraint.Of(rest).Matches(value.GetRawText())) continue;
            }
            if (type == SchemaTypes.String) words.Add(value.GetString()!);
            else others.Add(JsonSyntax.Exactly(value));
        }
        if (words.Count > 0) others.Add(JsonSyntax.Quoted(new Node.Automaton(CharDfa.Words(words), CharCoding.JsonPlain)));
        return Node.Any([.. others]);
    }

    private static bool Limits(Schema schema, SchemaTypes type) => type switch
    {
        SchemaTypes.Object => schema.LimitsObjects,
        SchemaTypes.Array => schema.LimitsArrays,
        SchemaTypes.String => schema.LimitsStrings,
        SchemaTypes.Integer or SchemaTypes.Fraction => schema.LimitsNumbers,
        _ => false,
    };

    private Node Typed(Schema schema)
    {
        if (!schema.LimitsAnything) return JsonSyntax.Value;
        List<Node> kinds = [];
        if ((schema.Types & SchemaTypes.Null) != 0) kinds.Add(JsonSyntax.Null);
        if ((schema.Types & SchemaTypes.Boolean) != 0) kinds.Add(JsonSyntax.Boolean);
        if ((schema.Types & SchemaTypes.Number) != 0) kinds.Add(Number(schema));
        if ((schema.Types & SchemaTypes.String) != 0)
        {
            Node? characters = schema.LimitsStrings ? Characters(schema) : null;
            kinds.Add(characters is null ? JsonSyntax.String : JsonSyntax.Quoted(characters));
        }
        if ((schema.Types & SchemaTypes.Object) != 0) kinds.Add(schema.LimitsObjects ? _containers.Object(schema) : JsonSyntax.Object);
        if ((schema.Types & SchemaTypes.Array) != 0) kinds.Add(schema.LimitsArrays ? _containers.Array(schema) : JsonSyntax.Array);
        return Node.Any([.. kinds]);
    }

    private static Node Number(Schema schema)
    {
        bool integer = (schema.Types & SchemaTypes.Fraction) == 0;
        if (!schema.LimitsNumbers) return integer ? JsonSyntax.Integer : JsonSyntax.Number;
        CharDfa range = Named(schema, () => NumberRange.Of(integer, schema.Low, schema.High, schema.MultipleOf));
        return new Node.Automaton(range, CharCoding.Utf8);
    }

    // What stands between the quotation marks.
    private static Node Characters(Schema schema)
    {
        List<Node> parts = Parts(schema);
        if (parts.Count == 0) return Node.Many(JsonSyntax.AnyCharacter, schema.Length.Min, schema.Length.Max);
        if (parts.Count == 1 && schema.Length == (0, null)) return InJson(parts[0]);
        // The longest length is counted beside the automaton; the least one is part of it, since all states must still reach an end.
        CharDfa dfa = Dfa(schema.With(copy => copy.Length = (schema.Length.Min, null)));
        if (dfa.IsEmpty || dfa.Distances()[0] > schema.Length.Max) return Node.Never;
        return schema.Length.Max is int max ? new Node.Bounded(dfa, max, CharCoding.Json) : new Node.Automaton(dfa, CharCoding.Json);
    }

    /// <summary>The strings of a schema as an automaton, for what must be combined with others.</summary>
    public static CharDfa Dfa(Schema schema) => Named(schema, () =>
    {
        List<CharDfa> automata = [.. Parts(schema).Select(CharNfa.Determinize)];
        if (schema.Length != (0, null)) automata.Add(CharDfa.Lengths(schema.Length.Min, schema.Length.Max));
        if (schema.Values is not null)
        {
            automata.Add(CharDfa.Words(schema.Values.Where(value => value.ValueKind == JsonValueKind.String).Select(value =>
                value.GetString()!)));
        }
        return automata.Count == 0 ? CharDfa.Words([]).Complement() : automata.Aggregate((a, b) => a.Intersect(b));
    });

    private static List<Node> Parts(Schema schema)
    {
        List<Node> parts = [];
        foreach (string pattern in schema.Patterns) parts.Add(Named(schema, () => RegexParser.Found(pattern)));
        foreach (string format in schema.Formats)
        {
            parts.Add(StringFormats.Find(format)
                ?? throw SchemaReader.Error(schema.Path + "/format", $"expected one of {StringFormats.Names}", $"found {format}"));
        }
        return parts;
    }

    private static Node InJson(Node node) => node switch
    {
        Node.Chars chars => new Node.Chars(chars.Set, CharCoding.Json),
        Node.Concat concat => new Node.Concat([.. concat.Parts.Select(InJson)]),
        Node.Either either => new Node.Either([.. either.Alternatives.Select(InJson)]),
        Node.Loop loop => new Node.Loop(InJson(loop.Part), loop.Min, loop.Max),
        _ => node,
    };

    /// <summary>What is made of a schema's keywords, with its pointer in front of what is refused.</summary>
    public static T Named<T>(Schema schema, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ConstraintException refused) when (!refused.Message.StartsWith("JSON schema ", StringComparison.Ordinal))
        {
            throw new ConstraintException($"JSON schema {schema.Path}: {refused.Message.TrimEnd('.')}.", refused);
        }
    }
}
