using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Constraints;

/// <summary>Which parts may be the empty text, and what they are without it: loops go on only over parts that take a byte.</summary>
internal sealed class NodeEmptiness
{
    private readonly HashSet<Rule> _empty = [], _known = [];
    private readonly Dictionary<Rule, Rule> _without = [];

    public bool MayBeEmpty(Node node)
    {
        List<Rule> rules = [];
        Collect(node, rules);
        // The least solution: a rule is empty only where an earlier round proves it.
        for (bool changed = rules.Count > 0; changed;)
        {
            changed = false;
            foreach (Rule rule in rules)
            {
                if (!_empty.Contains(rule) && Is(rule.Body)) changed |= _empty.Add(rule);
            }
        }
        return Is(node);
    }

    /// <summary>The same texts but for the empty one.</summary>
    public Node Without(Node node)
    {
        if (!MayBeEmpty(node)) return node;
        switch (node)
        {
            case Node.Either either:
                return new Node.Either([.. either.Alternatives.Select(Without).Where(part =>
                    part is not Node.Either { Alternatives.Length: 0 })]);
            case Node.Concat concat:
                // The first part that is not empty stands at one place: ab = a'b | b'.
                List<Node> alternatives = [];
                for (int i = 0; i < concat.Parts.Length; i++)
                    alternatives.Add(Node.All([Without(concat.Parts[i]), .. concat.Parts[(i + 1)..]]));
                return new Node.Either([.. alternatives.Where(part => !HasNever(part))]);
            case Node.Loop loop:
                return Node.Many(Without(loop.Part), 1, loop.Max);
            case Node.Call call:
                if (!_without.TryGetValue(call.Rule, out Rule? rule))
                {
                    _without.Add(call.Rule, rule = new Rule(call.Rule.Name));
                    rule.Body = Without(call.Rule.Body);
                }
                return rule.Call();
            case Node.Automaton automaton:
                return new Node.Automaton(automaton.Dfa.Intersect(CharDfa.Lengths(1, null)), automaton.Coding);
            case Node.Bounded bounded:
                return new Node.Bounded(bounded.Dfa.Intersect(CharDfa.Lengths(1, null)), bounded.Max, bounded.Coding);
            default:
                return Node.Never;
        }
    }

    private static bool HasNever(Node node) =>
        node is Node.Concat concat ? concat.Parts.Any(HasNever) : node is Node.Either { Alternatives.Length: 0 };

    private bool Is(Node node) => node switch
    {
        Node.Bytes bytes => bytes.Value.Length == 0,
        Node.Concat concat => concat.Parts.All(Is),
        Node.Either either => either.Alternatives.Any(Is),
        Node.Loop loop => loop.Min == 0 || Is(loop.Part),
        Node.Automaton automaton => automaton.Dfa.IsEnd(0),
        Node.Bounded bounded => bounded.Dfa.IsEnd(0),
        Node.Call call => _empty.Contains(call.Rule),
        _ => false,
    };

    private void Collect(Node start, List<Rule> rules)
    {
        Stack<Node> work = new([start]);
        while (work.TryPop(out Node? node))
        {
            foreach (Node part in node switch
            {
                Node.Concat concat => concat.Parts,
                Node.Either either => either.Alternatives,
                Node.Loop loop => [loop.Part],
                _ => [],
            }) work.Push(part);
            if (node is Node.Call call && _known.Add(call.Rule))
            {
                rules.Add(call.Rule);
                work.Push(call.Rule.Body);
            }
        }
    }
}
