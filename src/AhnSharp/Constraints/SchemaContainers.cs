using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Constraints;

/// <summary>Objects and arrays of schemas. Properties come in the schema's order, those it does not name behind them.</summary>
internal sealed class SchemaContainers(SchemaCompiler compiler)
{
    private const int MaxMembers = 5_000;

    public Node Object(Schema schema)
    {
        List<(Node Node, bool Required)> members = [];
        List<string> names = [.. schema.Properties.Select(property => property.Name)];
        CharDfa? allowed = schema.PropertyNames is null ? null : Names(schema.PropertyNames);
        foreach ((string name, Schema property) in schema.Properties.Concat(Unnamed(schema)))
        {
            bool required = schema.Required.Contains(name);
            Schema value = WithPatterns(schema, name, property);
            if (value.IsNever || (allowed is not null && !allowed.Matches(name)))
            {
                if (required) return Node.Never;
                continue;
            }
            members.Add((JsonSyntax.OpenMember(Node.Text(name, CharCoding.JsonPlain), compiler.NodeOf(value)), required));
        }
        if (members.Count > MaxMembers) throw SchemaReader.Error(schema.Path, $"expected at most {MaxMembers} properties",
            $"found {members.Count}");
        names.AddRange(Unnamed(schema).Select(property => property.Name));
        Node? others = Others(schema, names, allowed);
        (int min, int? max) = (0, null);
        if (schema.PropertyCount != (0, null))
        {
            (min, max) = schema.PropertyCount;
            int required = members.Count(member => member.Required);
            if (members.Count > 0 || others is null)
            {
                bool always = required >= min && (max is null || (others is null && members.Count <= max));
                if (!always) throw SchemaReader.Error(schema.Path,
                    "expected minProperties and maxProperties only of objects without named properties", "found both");
                (min, max) = (0, null);
            }
        }
        return Rule(schema, JsonSyntax.Braced('{', Members(schema, members, others, min, max), '}'));
    }

    public Node Array(Schema schema)
    {
        (int min, int? max) = schema.ItemCount;
        if (max < min) return Node.Never;
        Node item = schema.Items is null ? JsonSyntax.Value : Rule(schema.Items, compiler.NodeOf(schema.Items));
        bool more = schema.Items is not { IsNever: true };
        int prefix = Math.Min(schema.Prefix.Count, max ?? int.MaxValue);
        if (prefix > MaxMembers) throw SchemaReader.Error(schema.Path, $"expected at most {MaxMembers} items one by one",
            $"found {prefix}");
        if (!more && min > prefix) return Node.Never;

        // From the last item to the first: what may stand behind the first i items.
        Node behind = !more || max <= prefix
            ? Node.Empty
            : prefix == 0
                ? Listed(item, min, max)
                : Node.Many(Node.All(JsonSyntax.Comma, item), Math.Max(0, min - prefix), max - prefix);
        for (int i = prefix - 1; i >= 0; i--)
        {
            Node next = Node.All(i > 0 ? JsonSyntax.Comma : Node.Empty, compiler.NodeOf(schema.Prefix[i]), new Rule(schema.Path,
                behind).Call());
            behind = i < min ? next : Node.Optional(next);
        }
        return Rule(schema, JsonSyntax.Braced('[', behind, ']'));
    }

    private static Node Listed(Node item, int min, int? max)
    {
        Node list = Node.All(item, Node.Many(Node.All(JsonSyntax.Comma, item), Math.Max(0, min - 1), max - 1));
        return min == 0 ? Node.Optional(list) : list;
    }

    private static Node Rule(Schema schema, Node body) => new Rule(schema.Path, body).Call();

    // Required properties that are not named are additional ones, in the order of 'required'.
    private static IEnumerable<(string Name, Schema Schema)> Unnamed(Schema schema)
    {
        foreach (string name in schema.Required)
        {
            if (schema.Properties.Exists(property => property.Name == name)) continue;
            bool matched = schema.PatternProperties.Exists(property => KeyDfa(schema, property.Pattern).Matches(name));
            yield return (name, matched ? new Schema(schema.Path) : schema.Additional ?? new Schema(schema.Path));
        }
    }

    private Schema WithPatterns(Schema schema, string name, Schema property)
    {
        foreach ((string pattern, Schema value) in schema.PatternProperties)
        {
            if (KeyDfa(schema, pattern).Matches(name)) property = compiler.Merge.Both(property, value);
        }
        return property;
    }

    private static CharDfa KeyDfa(Schema schema, string pattern) =>
        SchemaCompiler.Named(schema, () => CharNfa.Determinize(RegexParser.Found(pattern)));

    private CharDfa Names(Schema schema)
    {
        Schema names = compiler.Resolve(schema);
        if (names.AnyOf.Count > 0) throw SchemaReader.Error(schema.Path, "expected propertyNames without alternatives", "found some");
        return (names.Types & SchemaTypes.String) == 0 ? CharDfa.Words([]) : SchemaCompiler.Dfa(names);
    }

    // A member of a name that is not in the list; null where there can be none.
    private Node? Others(Schema schema, List<string> names, CharDfa? allowed)
    {
        List<Node> kinds = [];
        List<CharDfa> patterns = [.. schema.PatternProperties.Select(property => KeyDfa(schema, property.Pattern))];
        bool additional = schema.Additional is not { IsNever: true };
        if (patterns.Count == 0 && !additional) return null;
        if (patterns.Count == 0 && names.Count == 0 && allowed is null) return Other(schema, Node.Many(JsonSyntax.AnyCharacter),
            schema.Additional);

        CharDfa free = CharDfa.Words(names).Complement();
        if (allowed is not null) free = free.Intersect(allowed);
        for (int i = 0; i < patterns.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!free.Intersect(patterns[i]).Intersect(patterns[j]).IsEmpty)
                    throw SchemaReader.Error(schema.Path + "/patternProperties", "expected patterns that no name matches at once",
                        $"found {j} and {i}");
            }
            CharDfa keys = free.Intersect(patterns[i]);
            if (keys.IsEmpty || schema.PatternProperties[i].Schema.IsNever) continue;
            kinds.Add(Other(schema, new Node.Automaton(keys, CharCoding.Json), schema.PatternProperties[i].Schema));
        }
        if (additional)
        {
            CharDfa keys = patterns.Aggregate(free, (left, pattern) => left.Intersect(pattern.Complement()));
            if (!keys.IsEmpty) kinds.Add(Other(schema, new Node.Automaton(keys, CharCoding.Json), schema.Additional));
        }
        return kinds.Count == 0 ? null : Node.Any([.. kinds]);
    }

    private Node Other(Schema schema, Node key, Schema? value) =>
        new Rule(schema.Path, JsonSyntax.Member(key, value is null ? JsonSyntax.Value : compiler.NodeOf(value))) { Apart = true }.Call();

    private static Node Members(Schema schema, List<(Node Node, bool Required)> members, Node? others, int min, int? max)
    {
        if (members.Count == 0) return others is null ? Node.Empty : Listed(others, min, max);
        // From the last to the first: the members that may come next, behind the quotation mark that their names begin with, and what
        // stands behind a member. Marks and commas stand once for all: each alternative of them would be a reading of its own.
        Node some = others is null ? Node.Empty : Node.Many(Node.All(JsonSyntax.Comma, others));
        Node? free = others is null ? null : Node.All(others, some), named = null;
        Node next = Node.Never;
        bool mayBeNone = true;
        for (int i = members.Count - 1; i >= 0; i--)
        {
            (Node member, bool required) = members[i];
            Node own = Node.All(member, some);
            named = new Rule(schema.Path, required || named is null ? own : Node.Any(own, named)).Call();
            mayBeNone &= !required;
            next = Node.All(Node.Text("\""), named);
            if (mayBeNone && free is not null) next = Node.Any(next, free);
            some = Node.All(JsonSyntax.Comma, next);
            if (mayBeNone) some = Node.Optional(some);
        }
        return mayBeNone ? Node.Optional(next) : next;
    }
}
