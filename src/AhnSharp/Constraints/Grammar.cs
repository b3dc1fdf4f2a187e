using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Constraints;

/// <summary>
/// A compiled constraint: states of a network of rules over bytes. An edge takes a byte, nothing, a rule, or a rule so many times over.
/// </summary>
internal sealed class Grammar
{
    internal enum EdgeKind : byte { Byte, Empty, Call, Loop, Next }

    /// <summary>
    /// A byte of First … Last, or rule <paramref name="Rule"/> (of a loop: its body, Min to Max times), leads to state To. Next
    /// ends the body of a loop that goes on with another body.
    /// </summary>
    internal readonly record struct Edge(EdgeKind Kind, byte First, byte Last, int To, int Rule = 0, int Min = 0, int Max = 0);

    /// <summary>
    /// Where a rule begins, and what its frames are. Of the body of a loop: whether the loop may end before it, and how many bodies there
    /// must still be at least.
    /// </summary>
    internal readonly record struct Entry(string Name, int Start, int End, FrameKind Kind, bool MayStop, int Distance);

    /// <summary>A loop of which only the least number is said.</summary>
    public const int Endless = int.MaxValue;

    public required Edge[][] Edges { get; init; }
    public required Entry[] Rules { get; init; }

    /// <summary>Frames that a state's rule still needs on the stack until it can end; <see cref="Endless"/> where it never can.</summary>
    public required int[] Needs { get; init; }

    /// <summary>Of a state within a body of a bounded automaton: the bodies that must still come behind this one; 0 of all
    /// others.</summary>
    public required int[] Least { get; init; }

    /// <summary>Per byte the number of its class: bytes of one class stand on the same edges.</summary>
    public required byte[] ClassOf { get; init; }

    /// <summary>One byte of each class.</summary>
    public required ImmutableArray<byte> Classes { get; init; }

    private int[]?[]?[]? _targets;
    private ShortestWays? _shortest, _flattest;

    /// <summary>Per state the shortest way to the end of its rule.</summary>
    public ShortestWays Shortest => _shortest ??= new ShortestWays(this, flat: false);

    /// <summary>Per state the shortest of the ways to the end of its rule that take the fewest frames.</summary>
    public ShortestWays Flattest => _flattest ??= new ShortestWays(this, flat: true);

    /// <summary>Whether a state has so many edges that <see cref="TargetsOf"/> is faster than to look through them.</summary>
    public bool IsWide(int state) => Edges[state].Length > 16;

    /// <summary>Per class of bytes the states that a state's edges lead to; null where there are none.</summary>
    public int[]?[] TargetsOf(int state)
    {
        // Answers of several threads may both make it: they make the same.
        int[]?[]?[] all = _targets ??= new int[]?[]?[Edges.Length];
        return all[state] ??= MakeTargets(Edges[state]);
    }

    private int[]?[] MakeTargets(Edge[] edges)
    {
        List<int>?[] lists = new List<int>?[Classes.Length];
        foreach (Edge edge in edges)
        {
            if (edge.Kind != EdgeKind.Byte) continue;
            for (int i = ClassOf[edge.First]; i <= ClassOf[edge.Last]; i++) (lists[i] ??= []).Add(edge.To);
        }
        return [.. lists.Select(list => list?.ToArray())];
    }

    public int StartState => Rules[0].Start;

    /// <summary>Whether a state is the end of its rule and nothing else (ends have no edges), so that a call to it need not
    /// return.</summary>
    public bool IsEnd(int state) => Edges[state].Length == 0 && Needs[state] == 0;
}
