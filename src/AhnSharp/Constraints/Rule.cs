namespace AhnSharp.Constraints;

/// <summary>A named part of a grammar. Its body is set once, after it exists: rules name each other.</summary>
internal sealed class Rule(string name, Node? body = null)
{
    public string Name => name;
    public Node Body { get; set; } = body ?? Node.Never;

    public Node Call() => new Node.Call(this);
}
