using System.Text.Json;

namespace AhnSharp.Constraints;

/// <summary>JSON as models write it: what stands between the parts, and each kind of value without a schema.</summary>
/// <remarks>
/// White space is bounded, since a model that is only allowed to go on may write it for ever. Between parts: nothing, one space, or a
/// line end and up to 200 spaces or tabs; before a colon: nothing or one space; before a comma nothing. Numbers have at most 18 digits
/// before the point, 20 behind it and 2 in the exponent: each is a finite double, and digits too are no way to go on for ever.
/// </remarks>
internal static class JsonSyntax
{
    private const int MaxIndent = 200;

    /// <summary>Any character of a JSON string, in any way to write it.</summary>
    public static Node AnyCharacter { get; } = new Node.Chars(CharSet.All, CharCoding.Json);

    private static readonly Rule s_space = new("white space", Node.Any(
        Node.Empty,
        Node.Text(" "),
        Node.All(
            Node.Optional(Node.Text("\r")),
            Node.Text("\n"),
            Node.Many(new Node.Chars(CharSet.Of((' ', ' '), ('\t', '\t')), CharCoding.Utf8), 0, MaxIndent))));

    private static readonly Rule s_string = new("string", Quoted(Node.Many(AnyCharacter)));
    private static readonly Rule s_integer = new("integer", RegexParser.Whole("-?(0|[1-9][0-9]{0,17})"));
    private static readonly Rule s_number = new(
        "number", RegexParser.Whole("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?"));

    private static readonly Rule s_value = new("value"), s_object = new("object"), s_array = new("array");

    static JsonSyntax()
    {
        Node member = Member(Node.Many(AnyCharacter), s_value.Call());
        s_object.Body = Braced('{', Node.Optional(Node.All(member, Node.Many(Node.All(Comma, member)))), '}');
        s_array.Body = Braced('[', Node.Optional(Node.All(s_value.Call(), Node.Many(Node.All(Comma, s_value.Call())))), ']');
        s_value.Body = Node.Any(String, Number, Boolean, Null, Object, Array);
    }

    public static Node Space => s_space.Call();
    public static Node Comma => Node.All(Node.Text(","), Space);
    public static Node String => s_string.Call();
    public static Node Integer => s_integer.Call();
    public static Node Number => s_number.Call();
    public static Node Boolean => Node.Any(Node.Text("true"), Node.Text("false"));
    public static Node Null => Node.Text("null");
    public static Node Object => s_object.Call();
    public static Node Array => s_array.Call();
    public static Node Value => s_value.Call();

    public static Node Quoted(Node characters) => Node.All(Node.Text("\""), characters, Node.Text("\""));

    public static Node Member(Node key, Node value) => Node.All(Node.Text("\""), OpenMember(key, value));

    /// <summary>A member whose first quotation mark stands before it.</summary>
    public static Node OpenMember(Node key, Node value) =>
        Node.All(key, Node.Text("\""), Node.Optional(Node.Text(" ")), Node.Text(":"), Space, value);

    /// <summary>Content between brackets. What may be empty is so with or without white space.</summary>
    public static Node Braced(char open, Node content, char close) => Node.All(
        Node.Text(open.ToString()),
        Space,
        content is Node.Either { Alternatives: [var some, Node.Concat { Parts.Length: 0 }] }
            ? Node.Optional(Node.All(some, Space))
            : content is Node.Concat { Parts.Length: 0 } ? content : Node.All(content, Space),
        Node.Text(close.ToString()));

    /// <summary>Exactly one value; objects have their members in its order.</summary>
    public static Node Exactly(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return Quoted(Node.Text(value.GetString()!, CharCoding.JsonPlain));
            case JsonValueKind.Object:
                Node members = Node.Empty;
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    Node member = Member(Node.Text(property.Name, CharCoding.JsonPlain), Exactly(property.Value));
                    members = members == Node.Empty ? member : Node.All(members, Comma, member);
                }
                return Braced('{', members, '}');
            case JsonValueKind.Array:
                Node items = Node.Empty;
                foreach (JsonElement item in value.EnumerateArray())
                    items = items == Node.Empty ? Exactly(item) : Node.All(items, Comma, Exactly(item));
                return Braced('[', items, ']');
            default:
                return Node.Text(value.GetRawText());
        }
    }
}
