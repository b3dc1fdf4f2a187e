using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Constraints;

/// <summary>Makes the deterministic automaton of a tree without rules: for patterns that are combined with lengths or other
/// patterns.</summary>
internal sealed class CharNfa
{
    private const int MaxStates = 20_000;

    private readonly List<List<(CharSet? Set, int To)>> _states = [];

    public static CharDfa Determinize(Node node)
    {
        CharNfa nfa = new();
        int start = nfa.New(), end = nfa.New();
        nfa.Add(node, start, end);
        return CharDfa.Explore(nfa.Close([start]), nfa.Moves, set => set.Contains(end));
    }

    private int New()
    {
        if (_states.Count >= MaxStates) throw CharDfa.TooLarge();
        _states.Add([]);
        return _states.Count - 1;
    }

    private void Add(Node node, int from, int to)
    {
        switch (node)
        {
            case Node.Chars chars:
                _states[from].Add((chars.Set, to));
                break;
            case Node.Concat concat:
                int at = from;
                foreach (Node part in concat.Parts)
                {
                    int next = New();
                    Add(part, at, next);
                    at = next;
                }
                _states[at].Add((null, to));
                break;
            case Node.Either either:
                foreach (Node alternative in either.Alternatives)
                {
                    int start = New();
                    _states[from].Add((null, start));
                    Add(alternative, start, to);
                }
                break;
            case Node.Loop loop:
                AddLoop(loop, from, to);
                break;
            default:
                throw new InvalidOperationException($"{node.GetType().Name} has no automaton over characters.");
        }
    }

    private void AddLoop(Node.Loop loop, int from, int to)
    {
        int at = from;
        for (int i = 0; i < loop.Min; i++) at = Behind(loop.Part, at);
        if (loop.Max is null)
        {
            int head = New();
            _states[at].Add((null, head));
            _states[Behind(loop.Part, head)].Add((null, head));
            at = head;
        }
        for (int i = loop.Min; i < loop.Max; i++)
        {
            _states[at].Add((null, to));
            at = Behind(loop.Part, at);
        }
        _states[at].Add((null, to));
    }

    private int Behind(Node part, int from)
    {
        int start = New(), end = New();
        _states[from].Add((null, start));
        Add(part, start, end);
        return end;
    }

    private StateSet Close(IEnumerable<int> states)
    {
        SortedSet<int> closed = [];
        Stack<int> work = new(states);
        while (work.TryPop(out int state))
        {
            if (!closed.Add(state)) continue;
            foreach ((CharSet? set, int to) in _states[state])
            {
                if (set is null) work.Push(to);
            }
        }
        return new StateSet([.. closed]);
    }

    private IEnumerable<(int, int, StateSet)> Moves(StateSet states)
    {
        List<(CharSet Set, int To)> edges = [.. states.Ids.SelectMany(state => _states[state]).Where(edge => edge.Set is not null)
            .Select(edge => (edge.Set!, edge.To))];
        SortedSet<int> starts = [];
        foreach ((CharSet set, _) in edges)
        {
            foreach ((int first, int last) in set.Ranges)
            {
                starts.Add(first);
                starts.Add(last + 1);
            }
        }
        int[] cuts = [.. starts];
        Dictionary<StateSet, StateSet> closures = [];
        for (int i = 0; i + 1 < cuts.Length; i++)
        {
            int[] targets = [.. edges.Where(edge => edge.Set.Contains(cuts[i])).Select(edge => edge.To).Distinct().Order()];
            if (targets.Length == 0) continue;
            StateSet kernel = new(targets);
            if (!closures.TryGetValue(kernel, out StateSet closed)) closures.Add(kernel, closed = Close(targets));
            yield return (cuts[i], cuts[i + 1] - 1, closed);
        }
    }

    private readonly struct StateSet(int[] ids) : IEquatable<StateSet>
    {
        public int[] Ids => ids;

        public bool Contains(int id) => Array.BinarySearch(ids, id) >= 0;

        public bool Equals(StateSet other) => ids.AsSpan().SequenceEqual(other.Ids);

        public override bool Equals(object? obj) => obj is StateSet other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            foreach (int id in ids) hash.Add(id);
            return hash.ToHashCode();
        }
    }
}
