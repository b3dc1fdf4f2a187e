using System;
using System.Collections.Generic;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>What must hold of a network of rules before a text is matched, so that matching needs no bounds in time.</summary>
internal static class GrammarChecks
{
    /// <summary>A rule that can come back to itself before it has taken a byte would be called for ever.</summary>
    public static void RefuseLeftRecursion(Edge[][] edges, Entry[] rules)
    {
        bool[] empty = EmptyRules(edges, rules);
        List<int>[] first = new List<int>[rules.Length];
        for (int i = 0; i < rules.Length; i++) first[i] = [.. Beginning(edges, rules, i, empty, out _)];
        byte[] colour = new byte[rules.Length];
        for (int root = 0; root < rules.Length; root++)
        {
            if (colour[root] != 0) continue;
            Stack<(int Rule, int Next)> path = new([(root, 0)]);
            colour[root] = 1;
            while (path.TryPop(out (int Rule, int Next) at))
            {
                if (at.Next == first[at.Rule].Count)
                {
                    colour[at.Rule] = 2;
                    continue;
                }
                path.Push((at.Rule, at.Next + 1));
                int callee = first[at.Rule][at.Next];
                if (colour[callee] == 1)
                {
                    throw new ConstraintException($"Rule {rules[callee].Name}: expected a part of the text before it names itself, found "
                        + "left recursion; write 'list ::= item list?' or 'list ::= item+' instead of 'list ::= list item'.");
                }
                if (colour[callee] != 0) continue;
                colour[callee] = 1;
                path.Push((callee, 0));
            }
        }
    }

    /// <summary>Per state the frames that its rule needs until it can end, along the way that needs fewest.</summary>
    public static int[] Needs(Edge[][] edges, Entry[] rules)
    {
        int[] needs = new int[edges.Length];
        Array.Fill(needs, Endless);
        List<int>[] sources = new List<int>[edges.Length];
        for (int state = 0; state < edges.Length; state++)
        {
            foreach (Edge edge in edges[state])
            {
                (sources[edge.To] ??= []).Add(state);
                if (edge.Kind is EdgeKind.Call or EdgeKind.Loop) (sources[rules[edge.Rule].Start] ??= []).Add(state);
            }
        }
        Queue<int> work = new();
        foreach (Entry rule in rules)
        {
            needs[rule.End] = 0;
            work.Enqueue(rule.End);
        }
        for (int state = 0; state < edges.Length; state++)
        {
            // A loop that goes on with another body does so in the frame it has; bodies that lead nowhere were left out before.
            if (edges[state] is not [{ Kind: EdgeKind.Next }]) continue;
            needs[state] = 0;
            work.Enqueue(state);
        }
        while (work.TryDequeue(out int changed))
        {
            foreach (int source in sources[changed] ?? [])
            {
                int best = needs[source];
                if (best == 0) continue;
                foreach (Edge edge in edges[source]) best = Math.Min(best, Need(edge, needs, rules));
                if (best == needs[source]) continue;
                needs[source] = best;
                work.Enqueue(source);
            }
        }
        return needs;
    }

    /// <summary>Per state of a bounded automaton's bodies the least number of bodies that must come behind it.</summary>
    public static int[] Least(Edge[][] edges, Entry[] rules)
    {
        int[] least = new int[edges.Length];
        Queue<int> work = new();
        bool[] known = new bool[edges.Length];
        for (int state = 0; state < edges.Length; state++)
        {
            if (edges[state] is not [{ Kind: EdgeKind.Next } next]) continue;
            (least[state], known[state]) = (rules[next.Rule].Distance, true);
            work.Enqueue(state);
        }
        if (work.Count == 0) return least;
        List<int>[] sources = new List<int>[edges.Length];
        for (int state = 0; state < edges.Length; state++)
        {
            foreach (Edge edge in edges[state])
            {
                if (edge.Kind == EdgeKind.Byte) (sources[edge.To] ??= []).Add(state);
            }
        }
        while (work.TryDequeue(out int changed))
        {
            foreach (int source in sources[changed] ?? [])
            {
                if (known[source] && least[source] <= least[changed]) continue;
                (least[source], known[source]) = (least[changed], true);
                work.Enqueue(source);
            }
        }
        return least;
    }

    /// <summary>
    /// Per rule whether its texts are a character or a few: it calls nothing, and no state of it comes again. A quoted string of any length
    /// calls nothing either, but is a part of the text of its own: masks are shared by all places where one stands.
    /// </summary>
    public static bool[] Leaves(Edge[][] edges, List<int> starts)
    {
        bool[] leaves = new bool[starts.Count];
        int[] entering = new int[edges.Length];
        // States of two rules are never the same. Where a body goes on with the next one (Next), it ends.
        List<int> states = [];
        for (int rule = 0; rule < leaves.Length; rule++)
        {
            states.Clear();
            states.Add(starts[rule]);
            entering[starts[rule]]++;
            bool calls = false;
            for (int i = 0; i < states.Count; i++)
            {
                foreach (Edge edge in edges[states[i]])
                {
                    calls |= edge.Kind is EdgeKind.Call or EdgeKind.Loop;
                    if (edge.Kind != EdgeKind.Next && entering[edge.To]++ == 0) states.Add(edge.To);
                }
            }
            leaves[rule] = !calls && NoneComesAgain(edges, starts[rule], entering, states.Count);
        }
        return leaves;
    }

    // In an order in which each state stands behind all that lead to it there is room for those alone that do not come again.
    private static bool NoneComesAgain(Edge[][] edges, int start, int[] entering, int count)
    {
        Stack<int> work = new();
        if (--entering[start] == 0) work.Push(start);
        while (work.TryPop(out int state))
        {
            count--;
            foreach (Edge edge in edges[state])
            {
                if (edge.Kind != EdgeKind.Next && --entering[edge.To] == 0) work.Push(edge.To);
            }
        }
        return count == 0;
    }

    /// <summary>Frames that a way needs which begins with an edge.</summary>
    public static int Need(Edge edge, int[] needs, Entry[] rules)
    {
        int behind = needs[edge.To];
        if (edge.Kind is EdgeKind.Byte or EdgeKind.Empty || Skips(edge, rules) || behind == Endless) return behind;
        int inside = needs[rules[edge.Rule].Start];
        if (inside == Endless) return Endless;
        return Math.Max(behind, inside + (edge.Kind == EdgeKind.Loop ? 2 : 1));
    }

    /// <summary>Whether a loop may be left before it has begun.</summary>
    public static bool Skips(Edge edge, Entry[] rules) => edge.Kind == EdgeKind.Loop && edge.Min == 0 && rules[edge.Rule].MayStop;

    private static bool[] EmptyRules(Edge[][] edges, Entry[] rules)
    {
        bool[] empty = new bool[rules.Length];
        HashSet<int>[] callers = new HashSet<int>[rules.Length];
        Queue<int> work = new();
        for (int i = 0; i < rules.Length; i++) work.Enqueue(i);
        while (work.TryDequeue(out int rule))
        {
            if (empty[rule]) continue;
            HashSet<int> called = Beginning(edges, rules, rule, empty, out HashSet<int> reached);
            foreach (int callee in called) (callers[callee] ??= []).Add(rule);
            empty[rule] = reached.Contains(rules[rule].End);
            if (!empty[rule]) continue;
            foreach (int caller in callers[rule] ?? []) work.Enqueue(caller);
        }
        return empty;
    }

    // The rules that are called, and the states that are reached, before a byte is taken.
    private static HashSet<int> Beginning(Edge[][] edges, Entry[] rules, int rule, bool[] empty, out HashSet<int> reached)
    {
        HashSet<int> called = [];
        reached = [];
        Stack<int> work = new([rules[rule].Start]);
        while (work.TryPop(out int state))
        {
            if (!reached.Add(state)) continue;
            foreach (Edge edge in edges[state])
            {
                if (edge.Kind is EdgeKind.Call or EdgeKind.Loop) called.Add(edge.Rule);
                if (edge.Kind == EdgeKind.Empty || (edge.Kind == EdgeKind.Call && empty[edge.Rule])
                    || Skips(edge, rules) || (edge.Kind == EdgeKind.Loop && empty[edge.Rule])) work.Push(edge.To);
            }
        }
        return called;
    }
}
