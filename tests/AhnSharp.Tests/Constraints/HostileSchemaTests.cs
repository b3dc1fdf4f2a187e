using System;
using System.Diagnostics;
using System.Linq;
using AhnSharp.Constraints;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>Schemas that would be large or endless: each is refused, or compiled and masked, in about a second of a free
/// processor.</summary>
public sealed class HostileSchemaTests
{
    private static string Chain(int length, string link, string end) =>
        "{\"$defs\": {" + string.Concat(Enumerable.Range(0, length).Select(i =>
            $"\"d{i}\": {link.Replace("NEXT", $"{{\"$ref\": \"#/$defs/d{i + 1}\"}}", StringComparison.Ordinal)}, "))
        + $"\"d{length}\": {end}}}, \"$ref\": \"#/$defs/d0\"}}";

    private static string List(int length, Func<int, string> part) => string.Join(", ", Enumerable.Range(0, length).Select(part));

    public static TheoryData<string, string> Schemas => new()
    {
        { "a long string", """{"type": "string", "maxLength": 1000000000}""" },
        { "a longer one", """{"type": "string", "minLength": 1000000000}""" },
        { "long lists", """{"type": "array", "maxItems": 1000000000, "items": {"type": "array", "minItems": 100000}}""" },
        { "nested repeats", """{"type": "string", "pattern": "^(a{1000}){1000}$"}""" },
        { "nested repeats with a length", """{"type": "string", "pattern": "((a|b|c){0,100}d){0,200}", "maxLength": 5000}""" },
        { "an automaton of two to the twenty", """{"type": "string", "pattern": "a.{20}", "maxLength": 50}""" },
        { "all letters", """{"type": "string", "pattern": "\\p{L}{1,5000}\\P{L}*\\p{Lu}"}""" },
        { "a long chain", Chain(3_000, "NEXT", """{"type": "null"}""") },
        { "two to the forty alternatives", Chain(40, """{"anyOf": [NEXT, NEXT]}""", """{"type": "null"}""") },
        { "two to the thirty merges", Chain(30, """{"minLength": 1, "anyOf": [NEXT, NEXT]}""", """{"type": "string"}""") },
        { "merges in a circle",
            """{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}""" },
        { "names", "{\"enum\": [" + List(20_000, i => $"\"name number {i * 7919 % 100_003}\"") + "]}" },
        { "properties", "{\"properties\": {" + List(2_000, i => $"\"property {i}\": {{\"type\": \"integer\"}}") + "}}" },
        { "alternatives", "{\"oneOf\": [" + List(1_000, i => $"{{\"const\": {i}}}") + "]}" },
        { "large multiples", """{"type": "integer", "minimum": 123456789, "maximum": 987654321012, "multipleOf": 97}""" },
        { "large numbers", """{"type": "number", "minimum": 1e-300, "maximum": 1e300}""" },
    };

    [Theory, MemberData(nameof(Schemas))]
    public void Time_is_bounded(string name, string schema)
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            ConstraintMatcher matcher = new(Constraint.JsonSchema(schema), Vocabularies.Demo, Vocabularies.Demo.VocabularySize);
            Random random = new(1);
            for (int step = 0; step < 10 && !matcher.MustEnd; step++)
            {
                ulong[] mask = matcher.Allowed.ToArray();
                int[] ids = [.. Enumerable.Range(0, Vocabularies.Demo.VocabularySize).Where(id => (mask[id / 64] >> id % 64 & 1) != 0)];
                Assert.NotEmpty(ids);
                Assert.True(matcher.Accept(ids[random.Next(ids.Length)]));
                if (matcher.MayEnd) break;
            }
        }
        catch (ConstraintException refused)
        {
            Assert.InRange(refused.Message.Length, 20, 1_000);
        }
        // Machines of tests are shared; what is not bounded takes for ever.
        Assert.True(watch.Elapsed.TotalSeconds < 30, $"{name}: {watch.Elapsed}");
    }
}
