using System;
using System.Collections.Generic;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>
/// Per state of a grammar the way to the end of its rule that takes the fewest bytes, and of those the fewest frames: what closes an answer
/// whose tokens run out.
/// </summary>
/// <remarks>
/// Dijkstra's search from the ends backwards, in which an edge that calls costs what its rule costs (Knuth 1977, "A generalization of
/// Dijkstra's algorithm"). Immutable.
/// </remarks>
internal sealed class ShortestWays
{
    /// <summary>Ways of so many bytes and more are all alike: nobody waits for them.</summary>
    public const long Far = 1L << 40;

    private const int NoEdge = -1;
    private readonly Grammar _grammar;
    private readonly bool _flat;
    private readonly long[] _bytes;
    private readonly int[] _frames, _edges;

    /// <param name="grammar">The grammar.</param>
    /// <param name="flat">Only ways that take the fewest frames: for stacks that have no room for others.</param>
    public ShortestWays(Grammar grammar, bool flat)
    {
        (_grammar, _flat) = (grammar, flat);
        int count = grammar.Edges.Length;
        (_bytes, _frames, _edges) = (new long[count], new int[count], new int[count]);
        Array.Fill(_bytes, long.MaxValue);
        Array.Fill(_edges, NoEdge);
        Search();
    }

    /// <summary>Bytes to the end of the state's rule, <see cref="Far"/> at most.</summary>
    public long Bytes(int state) => _bytes[state];

    /// <summary>Frames that the way pushes at most.</summary>
    public int Frames(int state) => _frames[state];

    /// <summary>Where the way goes from a state; null at its end.</summary>
    public Edge? Next(int state) => _edges[state] == NoEdge ? null : _grammar.Edges[state][_edges[state]];

    /// <summary>How often the way goes round a loop.</summary>
    public long Times(Edge loop) => GrammarChecks.Skips(loop, _grammar.Rules) ? 0 : Math.Max(1, loop.Min);

    /// <summary>The byte that the way takes at an edge: a letter where one will do.</summary>
    public static byte ByteOf(Edge edge) => HasLetter(edge) ? (byte)'a' : edge.First;

    public static long Sum(long a, long b) => Math.Min(Far, a + b);

    public static long Product(long times, long bytes) => times > 0 && bytes > Far / times ? Far : times * bytes;

    private static bool HasLetter(Edge edge) => edge.First <= 'a' && 'a' <= edge.Last;

    private void Search()
    {
        Edge[][] edges = _grammar.Edges;
        Entry[] rules = _grammar.Rules;
        List<(int Source, int Index)>?[] callers = new List<(int, int)>?[edges.Length];
        for (int state = 0; state < edges.Length; state++)
        {
            for (int i = 0; i < edges[state].Length; i++)
            {
                Edge edge = edges[state][i];
                (callers[edge.To] ??= []).Add((state, i));
                if (edge.Kind is EdgeKind.Call or EdgeKind.Loop or EdgeKind.Next) (callers[rules[edge.Rule].Start] ??= []).Add((state, i));
            }
        }
        PriorityQueue<int, (long, int)> work = new();
        bool[] done = new bool[edges.Length];
        foreach (Entry rule in rules) End(rule.End);
        for (int state = 0; state < edges.Length; state++)
        {
            if (edges[state] is [{ Kind: EdgeKind.Next } next] && rules[next.Rule].MayStop) End(state);
        }
        while (work.TryDequeue(out int state, out _))
        {
            if (done[state]) continue;
            done[state] = true;
            foreach ((int source, int index) in callers[state] ?? [])
            {
                if (Cost(source, edges[source][index], done) is not (long, int) cost) continue;
                Edge edge = edges[source][index];
                int compared = cost.CompareTo((_bytes[source], _frames[source]));
                bool nicer = compared == 0 && edge.Kind == EdgeKind.Byte && HasLetter(edge);
                if (compared > 0 || (compared == 0 && !nicer) || (done[source] && !nicer)) continue;
                (_bytes[source], _frames[source]) = cost;
                _edges[source] = index;
                if (!done[source]) work.Enqueue(source, cost);
            }
        }

        void End(int state)
        {
            (_bytes[state], _frames[state]) = (0, 0);
            work.Enqueue(state, (0, 0));
        }
    }

    // What an edge costs once all that it leads through is known.
    private (long Bytes, int Frames)? Cost(int source, Edge edge, bool[] done)
    {
        if (_flat && GrammarChecks.Need(edge, _grammar.Needs, _grammar.Rules) > _grammar.Needs[source]) return null;
        Entry rule = _grammar.Rules[edge.Rule];
        switch (edge.Kind)
        {
            // A counted text keeps to the fewest characters: whether it has room for more is nothing that a state knows.
            case EdgeKind.Byte when done[edge.To] && _grammar.Least[edge.To] == _grammar.Least[source]:
                return (Sum(_bytes[edge.To], 1), _frames[edge.To]);
            case EdgeKind.Empty when done[edge.To]:
                return (_bytes[edge.To], _frames[edge.To]);
            case EdgeKind.Loop when done[edge.To] && Times(edge) == 0:
                return (_bytes[edge.To], _frames[edge.To]);
            case EdgeKind.Call or EdgeKind.Loop when done[edge.To] && done[rule.Start]:
                bool loops = edge.Kind == EdgeKind.Loop;
                return (
                    Sum(_bytes[edge.To], Product(loops ? Times(edge) : 1, _bytes[rule.Start])),
                    Math.Max(_frames[edge.To], _frames[rule.Start] + (loops ? 2 : 1)));
            case EdgeKind.Next when done[rule.Start] && !rule.MayStop:
                return (_bytes[rule.Start], _frames[rule.Start]);
            default:
                return null;
        }
    }
}
