using System;
using System.Linq;
using AhnSharp.Constraints;
using Xunit;

namespace AhnSharp.Tests.Constraints;

/// <summary>Each keyword of JSON Schema: what is accepted, what is not, and what is refused by its pointer.</summary>
public sealed class SchemaConstraintTests
{
    // Texts are parted by |, schemas written with ' for ".
    [Theory]
    [InlineData("true", "1|null|{'a': [1, {}]}|[ ]|{\n  'a': 1\n}|-1.5e+10|'\\ud83d\\udca1é'",
        "|{,}|01|1.|[1,]|tru|'\\ud83d'|'\t'|{'a' 1}")]
    [InlineData("{'type': ['null', 'boolean']}", "null|true|false", "0|'null'")]
    [InlineData("{'type': 'integer'}", "0|-12|123456789012345678", "1.0|1e3|-|007|1234567890123456789")]
    [InlineData("{'type': 'number'}", "0.25|-1E-7|12", ".5|1e|--1|Infinity")]
    [InlineData("{'type': 'integer', 'minimum': -3, 'maximum': 120}", "-3|-1|-0|0|99|120", "-4|121|200|1000")]
    [InlineData("{'type': 'integer', 'exclusiveMinimum': 9, 'exclusiveMaximum': 101}", "10|99|100", "9|101|5")]
    [InlineData("{'type': 'integer', 'minimum': 0, 'exclusiveMinimum': true}", "1|5", "0|-0|-1")]
    [InlineData("{'type': 'number', 'minimum': 0.5, 'exclusiveMaximum': 2.25}", "0.5|0.50|1|2.2499|2.0",
        "0.4|0|2.25|2.2500|-1|3|0.49999|1e0")]
    [InlineData("{'type': 'number', 'minimum': -1.5, 'maximum': 0}", "-1.5|-1.50|-0.0|0|-1|-0.3", "-1.51|0.1|1|-2")]
    [InlineData("{'type': 'number', 'minimum': 1.5e2}", "150|1000.5", "149.99|-150")]
    [InlineData("{'type': 'number', 'multipleOf': 0.25}", "1|1.25|1.5|1.500|-0.75", "1.1|1.255|0.125")]
    [InlineData("{'type': 'integer', 'multipleOf': 7, 'minimum': 10}", "14|21|700", "7|15|0")]
    [InlineData("{'type': 'integer', 'multipleOf': 2.5}", "0|5|10", "2|3")]
    [InlineData("{'minimum': 5}", "5|'text'|null|{}", "4")]
    [InlineData("{'type': 'string', 'minLength': 2, 'maxLength': 3}", "'ab'|'éü💡'|'\\n\\u00e9\\ud83d\\udca1'", "'a'|'abcd'|''|'\\n'")]
    [InlineData("{'type': 'string', 'pattern': '^[a-z]+\\\\d$'}", "'ab1'|'\\u0061b1'", "'ab'|'1'|'ab1x'|'Ab1'")]
    [InlineData("{'type': 'string', 'pattern': '\\\\d{2}'}", "'12'|'a12b'|'\\n123'", "'1'|'1a2'")]
    [InlineData("{'type': 'string', 'pattern': '^\\\\S+$', 'minLength': 3, 'maxLength': 4}", "'abc'|'éééé'", "'ab'|'a c'|'abcde'")]
    [InlineData("{'type': 'string', 'format': 'date'}", "'2024-02-29'|'2000-02-29'|'1999-12-31'",
        "'2023-02-29'|'1900-02-29'|'2024-04-31'|'0000-01-01'")]
    [InlineData("{'type': 'string', 'format': 'time'}", "'23:59:59Z'|'00:00:00.25+02:00'", "'24:00:00Z'|'1:00:00Z'|'10:00:00'")]
    [InlineData("{'type': 'string', 'format': 'date-time'}", "'2026-11-30T08:00:00Z'", "'2026-11-30 08:00:00Z'|'2026-11-31T08:00:00Z'")]
    [InlineData("{'type': 'string', 'format': 'duration'}", "'P1Y2M3D'|'PT5M'|'P2W'|'P1DT12H'", "'P'|'PT'|'1Y'|'P1H'")]
    [InlineData("{'type': 'string', 'format': 'email'}", "'a.b+c@d-e.org'", "'a@b'|'@b.de'|'a b@c.de'")]
    [InlineData("{'type': 'string', 'format': 'uuid'}", "'123e4567-e89b-12d3-A456-426614174000'",
        "'123'|'123e4567e89b12d3a456426614174000'")]
    [InlineData("{'type': 'string', 'format': 'ipv4'}", "'1.2.3.255'|'0.0.0.0'", "'1.2.3.256'|'1.2.3'|'01.2.3.4'")]
    [InlineData("{'type': 'string', 'format': 'ipv6'}", "'2001:db8::1'|'::'|'1:2:3:4:5:6:7:8'", "'1::2::3'|'12345::'|'1:2:3'")]
    [InlineData("{'type': 'string', 'format': 'hostname', 'maxLength': 5}", "'a-b.c'", "'-a'|'a..b'|'abcdef'")]
    [InlineData("{'type': 'string', 'format': 'uri'}", "'https://a.b:80/c?d=e#f'|'mailto:a@b.de'", "'//x'|'a b:c'|'x'")]
    [InlineData("{'enum': ['red', 'r\\u00e9d', 'a\\\"b', 1, 2.50, null, [1, 2], {'b': 1, 'a': 2}]}",
        "'red'|'réd'|'r\\u00E9d'|'a\\\"b'|1|2.50|null|[1, 2]|[1,2]|{'b': 1, 'a': 2}", "'re'|'redd'|2|[2, 1]|{'a': 2, 'b': 1}")]
    [InlineData("{'const': 'x y'}", "'x y'", "'x'|'x  y'")]
    [InlineData("{'type': 'string', 'enum': ['a', 1, 'abc'], 'minLength': 2}", "'abc'", "'a'|1")]
    [InlineData("{'type': 'array', 'items': {'type': 'integer'}, 'minItems': 1, 'maxItems': 3}", "[1]|[1,2]|[ 1, 2, 3 ]|[\n1,\n2]",
        "[]|[1,2,3,4]|['a']|[1 ,2]")]
    [InlineData("{'type': 'array', 'prefixItems': [{'type': 'integer'}, {'type': 'string'}], 'items': false}", "[]|[1]|[1, 'a']",
        "['a']|[1, 'a', 2]")]
    [InlineData("{'type': 'array', 'prefixItems': [{'type': 'integer'}, {'type': 'string'}], 'items': {'type': 'null'}, 'minItems': "
        + "2, 'maxItems': 4}",
        "[1, 'a']|[1, 'a', null, null]", "[1]|[1, 'a', 2]|[1, 'a', null, null, null]")]
    [InlineData("{'type': 'array', 'items': [{'const': 1}], 'additionalItems': {'const': 2}}", "[]|[1]|[1, 2, 2]", "[2]|[1, 1]")]
    [InlineData("{'type': 'array', 'maxItems': 0}", "[]|[ ]", "[1]")]
    [InlineData("{'type': 'object', 'properties': {'a': {'const': 1}, 'b': {'const': 2}, 'c': {'const': 3}}, 'required': ['b'], "
        + "'additionalProperties': false}",
        "{'b': 2}|{'a': 1, 'b': 2}|{'b':2,'c':3}|{'a': 1, 'b': 2, 'c': 3}|{ 'b' : 2 }|{\n  'b': 2,\n  'c': 3\n}",
        "{}|{'a': 1}|{'b': 2, 'a': 1}|{'b': 2, 'd': 4}|{'b': 2,}|{'b': 2 , 'c': 3}")]
    [InlineData("{'type': 'object', 'properties': {'a': {'const': 1}, 'ab': {'const': 2}}}",
        "{}|{'a': 1}|{'ab': 2}|{'c': null}|{'a': 1, 'abc': [], '': 0}", "{'a': 2}|{'\\u0061': 2}|{'abc': 1, 'a': 2}|{'ab': 1}")]
    [InlineData("{'type': 'object', 'additionalProperties': {'type': 'integer'}}", "{}|{'x': 1, 'y': 2}", "{'x': 'y'}")]
    [InlineData("{'type': 'object', 'required': ['z', 'a'], 'properties': {'b': true, 'no': false}}",
        "{'z': 1, 'a': 2}|{'b': [], 'z': 1, 'a': 2, 'c': 3}", "{'z': 1}|{'z': 1, 'a': 1, 'no': 1}")]
    [InlineData("{'type': 'object', 'patternProperties': {'^x-': {'type': 'integer'}, '\\\\d$': {'type': 'null'}}, "
        + "'additionalProperties': false, 'propertyNames': {'pattern': '^(x-[a-z]+|a\\\\d)$'}}",
        "{}|{'x-a': 1, 'a1': null}", "{'y': 1}|{'x-1': 1}|{'a1': 1}")]
    [InlineData("{'type': 'object', 'patternProperties': {'^x-[a-z]': {'type': 'integer'}, '^\\\\d$': {'type': 'null'}}, "
        + "'additionalProperties': {'const': 0}}",
        "{'x-a': 5, '7': null, 'other': 0}", "{'x-a': null}|{'7': 5}|{'other': 5}")]
    [InlineData("{'type': 'object', 'properties': {'x-a': {'minimum': 5}}, 'patternProperties': {'^x-': {'type': 'integer'}}}",
        "{'x-a': 5, 'x-b': 1}", "{'x-a': 4}|{'x-a': 'b'}")]
    [InlineData("{'type': 'object', 'minProperties': 1, 'maxProperties': 2, 'propertyNames': {'maxLength': 2}}",
        "{'a': 1}|{'a': 1, 'bb': 2}", "{}|{'abc': 1}|{'a': 1, 'b': 2, 'c': 3}")]
    [InlineData("{'anyOf': [{'type': 'integer'}, {'type': 'string', 'maxLength': 1}]}", "1|'a'", "'ab'|null")]
    [InlineData("{'minimum': 5, 'type': ['integer', 'string'], 'anyOf': [{'maximum': 7}, {'const': 9}, {'const': 3}]}", "5|7|9|'a'",
        "8|3|4")]
    [InlineData("{'oneOf': [{'type': 'integer', 'maximum': 5}, {'type': 'integer', 'minimum': 6, 'multipleOf': 5}, {'type': 'null'}]}",
        "3|10|null", "7|'a'")]
    [InlineData("{'allOf': [{'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'required': ['a']}, {'properties': {'a': "
        + "{'minimum': 5}}, 'additionalProperties': {'type': 'null'}}]}",
        "{'a': 5}|{'a': 6, 'b': null}", "{'a': 4}|{'a': 5, 'b': 1}|{}|1")]
    [InlineData("{'allOf': [{'pattern': '^a'}, {'pattern': 'b$'}], 'type': 'string'}", "'ab'|'axb'", "'a'|'b'|'ba'")]
    [InlineData("{'$defs': {'a': {'type': 'integer'}}, 'type': 'array', 'items': {'$ref': '#/$defs/a'}}", "[1, 2]", "['a']")]
    [InlineData("{'$defs': {'a': {'type': 'integer'}}, '$ref': '#/$defs/a', 'maximum': 3}", "3", "4|'a'")]
    [InlineData("{'type': ['integer', 'array'], 'items': {'$ref': '#'}}", "1|[]|[1, [2, [3]]]", "['a']|[null]")]
    [InlineData("{'definitions': {'a/b': {'const': 1}}, '$ref': '#/definitions/a~1b'}", "1", "2")]
    [InlineData("{'type': 'integer', 'nullable': true, 'title': 't', 'description': 'd', 'default': 5, 'examples': [1], '$comment': "
        + "'c', '$id': 'x'}", "1|null", "'a'")]
    public void Keyword(string schema, string valid, string not)
    {
        Constraint constraint = Constraint.JsonSchema(schema.Replace('\'', '"'));
        foreach (string text in valid.Replace('\'', '"').Split('|')) Assert.True(constraint.Matches(text), text);
        foreach (string text in not.Replace('\'', '"').Split('|')) Assert.False(constraint.Matches(text), text);
    }

    [Theory]
    [InlineData("{'not': {}}", "#/not")]
    [InlineData("{'properties': {'a/b': {'if': true}}}", "#/properties/a~1b/if")]
    [InlineData("{'type': 'object', 'dependentRequired': {}}", "#/dependentRequired")]
    [InlineData("{'items': {'uniqueItems': true}}", "#/items/uniqueItems")]
    [InlineData("{'contains': {}}", "#/contains")]
    [InlineData("{'unevaluatedProperties': false}", "#/unevaluatedProperties")]
    [InlineData("{'maxLenght': 5}", "#/maxLenght")]
    [InlineData("{'$ref': '#/x'}", "#/$ref")]
    [InlineData("{'$ref': 'https://example.org/schema'}", "#/$ref")]
    [InlineData("{'$ref': '#'}", "left recursion")]
    [InlineData("{'type': 'objekt'}", "#/type")]
    [InlineData("{'type': 5}", "#/type")]
    [InlineData("{'minLength': -1}", "#/minLength")]
    [InlineData("{'minimum': '5'}", "#/minimum")]
    [InlineData("{'multipleOf': 0}", "#/multipleOf")]
    [InlineData("{'type': 'integer', 'multipleOf': 5000}", "#: expected a multiple")]
    [InlineData("{'enum': []}", "#/enum")]
    [InlineData("{'properties': {'d': {'type': 'string', 'format': 'klingon'}}}", "#/properties/d/format")]
    [InlineData("{'properties': {'p': {'type': 'string', 'pattern': 'a(?=b)'}}}", "#/properties/p: Regular expression 'a(?=b)' at 1")]
    [InlineData("{'oneOf': [{'type': 'integer'}, {'type': 'number'}]}", "#/oneOf")]
    [InlineData("{'oneOf': [{'type': 'object', 'properties': {'a': {}}}, {'type': 'object', 'properties': {'b': {}}}]}", "#/oneOf")]
    [InlineData("{'patternProperties': {'^a': {}, 'b$': {}}, 'type': 'object'}", "#/patternProperties")]
    [InlineData("{'type': 'object', 'properties': {'a': {}, 'b': {}}, 'maxProperties': 1}", "minProperties and maxProperties")]
    [InlineData("{'allOf': [{'multipleOf': 2}, {'multipleOf': 3}]}", "#/allOf/1/multipleOf")]
    [InlineData("{'type': 'integer', 'minimum': 5, 'maximum': 4}", "no text")]
    [InlineData("{'allOf': [{'type': 'string'}, {'type': 'integer'}]}", "no text")]
    [InlineData("{'type': 'object', 'properties': {'a': {'$ref': '#'}}, 'required': ['a']}", "no text")]
    [InlineData("{'$defs': {'a': {'allOf': [{'$ref': '#/$defs/a'}, {'type': 'object'}]}}, '$ref': '#/$defs/a'}", "circle")]
    [InlineData("{'type': ", "expected JSON")]
    [InlineData("[]", "expected a schema, found array")]
    public void What_is_not_supported_is_refused_by_its_pointer(string schema, string named)
    {
        string message = Assert.Throws<ConstraintException>(() => Constraint.JsonSchema(schema.Replace('\'', '"'))).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_mode_is_any_object()
    {
        Assert.True(Constraint.JsonObject.Matches("{\"a\": {\"b\": [1, null]}}") && !Constraint.JsonObject.Matches("[1]"));
        Assert.True(Constraint.JsonValue.Matches("[1]") && Constraint.JsonValue.Matches("\"a\"") && !Constraint.JsonValue.Matches("a"));
        string deep = string.Concat(Enumerable.Repeat("[", 200)) + string.Concat(Enumerable.Repeat("]", 200));
        Assert.True(Constraint.JsonValue.Matches(deep));
    }

    [Fact]
    public void Nesting_stops_where_it_can_still_be_closed()
    {
        ConstraintMatcher matcher = new(Constraint.JsonValue, Vocabularies.Demo, Vocabularies.Demo.VocabularySize);
        int open = Vocabularies.Demo.Encode("[")[0], close = Vocabularies.Demo.Encode("]")[0], depth = 0;
        while (matcher.Accept(open)) depth++;
        Assert.InRange(depth, 300, ConfigTable.MaxDepth);
        Assert.Equal(matcher.Fork().Allows(close), (matcher.Allowed[close / 64] >> close % 64 & 1) != 0);
        for (int i = 0; i < depth; i++) Assert.True(matcher.Accept(close));
        Assert.True(matcher.MustEnd);
    }

    [Fact]
    public void A_tool_call_is_a_composition()
    {
        Constraint call = Constraint.Sequence(
            Constraint.Literal("<tool_call>\n{\"name\": \"look_up\", \"arguments\": "),
            Constraint.JsonSchema("{\"type\": \"object\", \"properties\": {\"word\": {\"type\": \"string\"}}, \"required\": [\"word\"]}"),
            Constraint.Literal("}\n</tool_call>"));
        Constraint calls = Constraint.Sequence(call, Constraint.Repeat(Constraint.Sequence(Constraint.Literal("\n"), call), 0, 3));
        const string one = "<tool_call>\n{\"name\": \"look_up\", \"arguments\": {\"word\": \"wolf\"}}\n</tool_call>";
        Assert.True(calls.Matches(one) && calls.Matches(one + "\n" + one) && !calls.Matches(one + one));
    }
}
