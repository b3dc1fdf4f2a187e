namespace AhnSharp.Constraints;

/// <summary>A named part of a grammar. Its body is set once, after it exists: rules name each other.</summary>
internal sealed class Rule(string name, Node? body = null)
{
    public string Name => name;
    public Node Body { get; set; } = body ?? Node.Never;

    /// <summary>
    /// Whether masks should look at it apart from what else may stand at its place: a name of any letters beside hundreds of given names.
    /// </summary>
    public bool Apart { get; init; }

    public Node Call() => new Node.Call(this);
}
