using System;
using System.Collections.Generic;
using System.Linq;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>Makes a <see cref="Grammar"/> of a tree. Bounded: a tree that would take more than 200,000 states is refused.</summary>
internal sealed class GrammarBuilder
{
    public const int MaxStates = 200_000;
    private const int MaxDepth = 400;

    // A part is copied up to this many states; beyond, the loop counts. 64 holds four hex digits, dates, the digits of a number.
    private const int MaxCopied = 64;

    private readonly List<List<Edge>> _states = [];
    private readonly List<(Rule Rule, int Start, int End)> _rules = [];
    private readonly Dictionary<Rule, int> _idOfRule = [];
    private readonly Dictionary<Node, Rule> _bodies = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<int, (bool MayStop, int Distance)> _bounded = [];
    private readonly NodeEmptiness _emptiness = new();
    private readonly CharEdges _chars;
    private int _edgeCount, _depth;

    private GrammarBuilder() => _chars = new CharEdges(NewState, AddBytes);

    public static Grammar Build(Node node)
    {
        GrammarBuilder builder = new();
        builder.IdOf(new Rule("the whole text", node));
        for (int i = 0; i < builder._rules.Count; i++)
        {
            (Rule rule, int start, int end) = builder._rules[i];
            builder.Add(rule.Body, start, end);
        }
        return builder.Finish();
    }

    private Grammar Finish()
    {
        Edge[][] edges = [.. _states.Select(state => state.ToArray())];
        Entry[] rules = new Entry[_rules.Count];
        bool[] leaf = GrammarChecks.Leaves(edges, _rules.ConvertAll(rule => rule.Start));
        for (int i = 0; i < rules.Length; i++)
        {
            Rule rule = _rules[i].Rule;
            FrameKind kind = rule.Apart ? FrameKind.Apart : leaf[i] ? FrameKind.Shallow : FrameKind.Usual;
            (bool mayStop, int distance) = _bounded.TryGetValue(i, out (bool, int) bounded) ? bounded : (true, 0);
            rules[i] = new Entry(rule.Name, _rules[i].Start, _rules[i].End, kind, mayStop, distance);
        }
        GrammarChecks.RefuseLeftRecursion(edges, rules);
        int[] needs = GrammarChecks.Needs(edges, rules);
        if (needs[rules[0].Start] == Endless)
            throw new ConstraintException("Expected a constraint that some text meets, found one that no text can meet.");
        if (needs[rules[0].Start] > ConfigTable.MaxDepth / 4)
        {
            throw new ConstraintException(
                $"Expected rules nested at most {ConfigTable.MaxDepth / 4} deep in the shortest text, found {needs[rules[0].Start]}.");
        }
        (byte[] classOf, byte[] classes) = ByteClasses(edges);
        return new Grammar
        {
            Edges = edges,
            Rules = rules,
            Needs = needs,
            Least = GrammarChecks.Least(edges, rules),
            ClassOf = classOf,
            Classes = [.. classes],
        };
    }

    private static (byte[] ClassOf, byte[] Classes) ByteClasses(Edge[][] edges)
    {
        bool[] cut = new bool[257];
        cut[0] = true;
        foreach (Edge[] row in edges)
        {
            foreach (Edge edge in row)
            {
                if (edge.Kind != EdgeKind.Byte) continue;
                cut[edge.First] = true;
                cut[edge.Last + 1] = true;
            }
        }
        byte[] classOf = new byte[256];
        List<byte> classes = [];
        for (int value = 0; value < 256; value++)
        {
            if (cut[value]) classes.Add((byte)value);
            classOf[value] = (byte)(classes.Count - 1);
        }
        return (classOf, [.. classes]);
    }

    private int NewState()
    {
        if (_states.Count >= MaxStates)
        {
            throw new ConstraintException(
                $"Expected a constraint of at most {MaxStates} states, found more: use smaller bounds, fewer names or simpler patterns.");
        }
        _states.Add([]);
        return _states.Count - 1;
    }

    private void AddEdge(int from, Edge edge)
    {
        if (++_edgeCount > 8 * MaxStates)
            throw new ConstraintException($"Expected a constraint of at most {8 * MaxStates} edges, found more: use simpler patterns.");
        _states[from].Add(edge);
    }

    private void AddBytes(int from, byte first, byte last, int to) => AddEdge(from, new Edge(EdgeKind.Byte, first, last, to));

    private void AddEmpty(int from, int to) => AddEdge(from, new Edge(EdgeKind.Empty, 0, 0, to));

    private int IdOf(Rule rule)
    {
        if (_idOfRule.TryGetValue(rule, out int id)) return id;
        _idOfRule.Add(rule, id = _rules.Count);
        _rules.Add((rule, NewState(), NewState()));
        return id;
    }

    private void Add(Node node, int from, int to)
    {
        if (++_depth > MaxDepth) throw new ConstraintException($"Expected parts nested at most {MaxDepth} deep, found more.");
        switch (node)
        {
            case Node.Bytes bytes:
                AddLiteral(bytes.Value, from, to);
                break;
            case Node.Chars chars:
                _chars.Add(from, to, chars.Set, chars.Coding);
                break;
            case Node.Concat concat:
                AddConcat(concat.Parts, from, to);
                break;
            case Node.Either either:
                foreach (Node alternative in either.Alternatives) Add(alternative, from, to);
                break;
            case Node.Loop loop:
                AddLoop(loop, from, to);
                break;
            case Node.Bounded bounded:
                AddBounded(bounded, from, to);
                break;
            case Node.Automaton automaton:
                AddAutomaton(automaton.Dfa, automaton.Coding, from, to);
                break;
            case Node.Call call:
                AddEdge(from, new Edge(EdgeKind.Call, 0, 0, to, IdOf(call.Rule)));
                break;
            default:
                throw new InvalidOperationException($"A node of kind {node.GetType().Name} cannot be compiled.");
        }
        _depth--;
    }

    private void AddLiteral(byte[] value, int from, int to)
    {
        if (value.Length == 0) AddEmpty(from, to);
        for (int i = 0; i < value.Length; i++)
        {
            int next = i + 1 == value.Length ? to : NewState();
            AddBytes(from, value[i], value[i], next);
            from = next;
        }
    }

    private void AddConcat(Node[] parts, int from, int to)
    {
        if (parts.Length == 0) AddEmpty(from, to);
        for (int i = 0; i < parts.Length; i++)
        {
            int next = i + 1 == parts.Length ? to : NewState();
            Add(parts[i], from, next);
            from = next;
        }
    }

    private void AddLoop(Node.Loop loop, int from, int to)
    {
        bool empty = _emptiness.MayBeEmpty(loop.Part);
        Node part = empty ? _emptiness.Without(loop.Part) : loop.Part;
        int min = empty ? 0 : loop.Min;
        if (part is Node.Either { Alternatives.Length: 0 })
        {
            if (min == 0) AddEmpty(from, to);
            return;
        }
        if (loop.Max is null && min <= 1 && (min == 0 || part.Size <= MaxCopied))
        {
            // A state of its own: the caller may have further edges into 'to' and out of 'from'.
            int head = NewState();
            if (min == 0) AddEmpty(from, head);
            else Add(part, from, head);
            Add(part, head, head);
            AddEmpty(head, to);
            return;
        }
        if (loop.Max is int max && (long)max * Math.Max(1, part.Size) <= MaxCopied)
        {
            for (int i = 0; i < max; i++)
            {
                if (i >= min) AddEmpty(from, to);
                int next = i + 1 == max ? to : NewState();
                Add(part, from, next);
                from = next;
            }
            return;
        }
        // One body for all loops over the same part: their masks are the same.
        if (!_bodies.TryGetValue(part, out Rule? body))
            _bodies.Add(part, body = part is Node.Call call ? call.Rule : new Rule("a repeated part", part));
        int most = loop.Max is int bound && bound < ConfigTable.Unknown ? bound : Endless;
        if (min >= ConfigTable.Unknown)
            throw new ConstraintException($"Expected at least {ConfigTable.Unknown - 1} repeats at most, found {min}.");
        AddEdge(from, new Edge(EdgeKind.Loop, 0, 0, to, IdOf(body), min, most));
    }

    // A loop that counts the characters; which body comes next is the automaton's state.
    private void AddBounded(Node.Bounded bounded, int from, int to)
    {
        CharDfa dfa = bounded.Dfa;
        int[] bodies = new int[dfa.Count], distances = dfa.Distances();
        int[] next = new int[dfa.Count];
        for (int i = 0; i < bodies.Length; i++)
        {
            bodies[i] = IdOf(new Rule("a character"));
            _bounded.Add(bodies[i], (dfa.IsEnd(i), distances[i]));
            next[i] = NewState();
            AddEdge(next[i], new Edge(EdgeKind.Next, 0, 0, next[i], bodies[i]));
        }
        for (int i = 0; i < bodies.Length; i++) AddCharacters(dfa, i, _rules[bodies[i]].Start, next, bounded.Coding);
        AddEdge(from, new Edge(EdgeKind.Loop, 0, 0, to, bodies[0], 0, Math.Min(bounded.Max, ConfigTable.Unknown - 1)));
    }

    private void AddAutomaton(CharDfa dfa, CharCoding coding, int from, int to)
    {
        int[] states = new int[dfa.Count];
        for (int i = 0; i < states.Length; i++) states[i] = NewState();
        AddEmpty(from, states[0]);
        for (int i = 0; i < states.Length; i++)
        {
            if (dfa.IsEnd(i)) AddEmpty(states[i], to);
            AddCharacters(dfa, i, states[i], states, coding);
        }
    }

    private void AddCharacters(CharDfa dfa, int state, int from, int[] states, CharCoding coding)
    {
        Dictionary<int, List<(int, int)>> targets = [];
        foreach ((int first, int last, int target) in dfa.Edges(state))
        {
            if (!targets.TryGetValue(target, out List<(int, int)>? ranges)) targets.Add(target, ranges = []);
            ranges.Add((first, last));
        }
        foreach ((int target, List<(int, int)> ranges) in targets) _chars.Add(from, states[target], CharSet.Of([.. ranges]), coding);
    }
}
