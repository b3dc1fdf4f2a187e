using System;
using System.Collections.Immutable;

namespace AhnSharp.Constraints;

/// <summary>
/// A compiled constraint: states of a network of rules over bytes. An edge takes a byte, nothing, a rule, or a rule so many times over.
/// </summary>
internal sealed class Grammar
{
    internal enum EdgeKind : byte { Byte, Empty, Call, Loop }

    /// <summary>A byte of First … Last, or rule <paramref name="Rule"/> (of a loop: its body, Min to Max times), leads to state To.</summary>
    internal readonly record struct Edge(EdgeKind Kind, byte First, byte Last, int To, int Rule = 0, int Min = 0, int Max = 0);

    /// <summary>Where a rule begins; whether it calls no other, so that it is as good as a part of its caller.</summary>
    internal readonly record struct Entry(string Name, int Start, int End, bool Leaf);

    /// <summary>A loop of which only the least number is said.</summary>
    public const int Endless = int.MaxValue;

    public required Edge[][] Edges { get; init; }
    public required Entry[] Rules { get; init; }

    /// <summary>Frames that a state's rule still needs on the stack until it can end; <see cref="Endless"/> where it never can.</summary>
    public required int[] Needs { get; init; }

    /// <summary>Per byte the number of its class: bytes of one class stand on the same edges.</summary>
    public required byte[] ClassOf { get; init; }

    /// <summary>One byte of each class.</summary>
    public required ImmutableArray<byte> Classes { get; init; }

    public int StartState => Rules[0].Start;

    /// <summary>Whether a state is the end of its rule and nothing else (ends have no edges), so that a call to it need not return.</summary>
    public bool IsEnd(int state) => Edges[state].Length == 0 && Needs[state] == 0;
}
