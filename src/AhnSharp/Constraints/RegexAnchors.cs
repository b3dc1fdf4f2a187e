using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Constraints;

/// <summary>Takes ^ and $ out of a tree, which may stand at the ends of alternatives.</summary>
internal sealed class RegexAnchors(string pattern)
{
    private const int MaxBranches = 256;

    private static readonly Node s_anything = Node.Many(new Node.Chars(CharSet.All, CharCoding.Utf8));

    private readonly List<(bool Begins, bool Ends, Node Inner)> _branches = [];

    /// <summary>The texts that match from beginning to end.</summary>
    public static Node Whole(string pattern, Node node) =>
        !Has(node) ? node : Node.Any([.. Of(pattern, node).Select(branch => branch.Inner)]);

    /// <summary>The texts in which the pattern is found.</summary>
    public static Node Found(string pattern, Node node) =>
        Node.Any([.. Of(pattern, node).Select(branch =>
            Node.All(branch.Begins ? Node.Empty : s_anything, branch.Inner, branch.Ends ? Node.Empty : s_anything))]);

    private static List<(bool Begins, bool Ends, Node Inner)> Of(string pattern, Node node)
    {
        RegexAnchors anchors = new(pattern);
        anchors.Split(node, false, false);
        return anchors._branches;
    }

    private static bool Has(Node node) => node switch
    {
        Node.Anchor => true,
        Node.Concat concat => concat.Parts.Any(Has),
        Node.Either either => either.Alternatives.Any(Has),
        Node.Loop loop => Has(loop.Part),
        _ => false,
    };

    private void Split(Node node, bool begins, bool ends)
    {
        if (!Has(node))
        {
            if (_branches.Count >= MaxBranches)
                throw new ConstraintException($"Regular expression '{pattern}': too many alternatives with anchors.");
            _branches.Add((begins, ends, node));
            return;
        }
        Node[] parts = node is Node.Concat concat ? concat.Parts : [node];
        if (parts[0] is Node.Anchor { AtEnd: false })
        {
            Split(Node.All(parts[1..]), true, ends);
            return;
        }
        if (parts[^1] is Node.Anchor { AtEnd: true })
        {
            Split(Node.All(parts[..^1]), begins, true);
            return;
        }
        int at = Has(parts[0]) ? 0 : parts.Length - 1;
        if (parts[at] is not Node.Either either || parts[1..^1].Any(Has)) throw Misplaced(node);
        foreach (Node alternative in either.Alternatives) Split(Node.All([.. parts[..at], alternative, .. parts[(at + 1)..]]), begins,
            ends);
    }

    private ConstraintException Misplaced(Node node)
    {
        Stack<Node> work = new([node]);
        int position = 0;
        while (work.TryPop(out Node? part))
        {
            if (part is Node.Anchor anchor) position = anchor.Position;
            foreach (Node inner in part switch
            {
                Node.Concat concat => concat.Parts,
                Node.Either either => either.Alternatives,
                Node.Loop loop => [loop.Part],
                _ => [],
            }) work.Push(inner);
        }
        return new ConstraintException($"Regular expression '{pattern}' at {position}: expected ^ at the beginning and $ at the end of an "
            + "alternative, found one inside.");
    }
}
