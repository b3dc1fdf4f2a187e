using AhnSharp.Constraints;
using Xunit;

namespace AhnSharp.Tests.Constraints;

public sealed class ClosedSchemaTests
{
    [Theory]
    [InlineData("""{"properties": {"a": {"type": "integer"}}}""", """{"a": 1}""", """{"a": 1, "b": 2}""")]
    [InlineData("""{"type": "object"}""", "{}", """{"b": 2}""")]
    [InlineData("""{"type": "array", "items": {"properties": {"a": {}}}}""", """[{"a": 1}]""", """[{"b": 1}]""")]
    [InlineData("""{"anyOf": [{"type": "object", "properties": {"a": {}}}, {"type": "null"}]}""", """{"a": 1}""", """{"b": 1}""")]
    [InlineData(
        """{"$defs": {"x": {"type": "object"}}, "properties": {"a": {"$ref": "#/$defs/x"}}}""", """{"a": {}}""", """{"a": {"b": 1}}""")]
    [InlineData("""{"properties": {"properties": {"type": "string"}}}""", """{"properties": "x"}""", """{"b": 1}""")]
    public void Members_that_it_does_not_name_are_none(string schema, string both, string openAlone)
    {
        Constraint open = Constraint.JsonSchema(schema), closed = Constraint.JsonSchema(schema, closed: true);
        Assert.Equal((true, true), (open.Matches(both), closed.Matches(both)));
        Assert.Equal((true, false), (open.Matches(openAlone), closed.Matches(openAlone)));
    }

    [Fact]
    public void What_it_says_itself_stays()
    {
        Constraint closed = Constraint.JsonSchema(
            """{"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "integer"}}""", closed: true);
        Assert.True(closed.Matches("""{"a": "x", "b": 2}"""));
    }

    [Fact]
    public void What_is_no_schema_is_refused_as_without_it() =>
        Assert.Throws<ConstraintException>(() => Constraint.JsonSchema("{", closed: true));
}
