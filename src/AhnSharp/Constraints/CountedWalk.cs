using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>
/// The masks of all places that differ only in how many times a loop may still go round: the tree of the vocabulary is walked once, and
/// each token knows how many times it takes.
/// </summary>
/// <remarks>
/// The end of a string with a longest length was a walk per character: 33 walks, 5 to 12 ms each over 152k tokens. In the walk the loop has
/// more times left than any token takes. A reading that is in the loop has the times on its frame; one that has left it took what the one
/// had in which it left. Where that cannot be told apart byte by byte, there is no such walk, and places are walked one by one.
/// </remarks>
internal sealed class CountedWalk
{
    /// <summary>Times that are counted. Tokens that take more are decided with the whole stack: few are so long.</summary>
    public const int MaxCount = 32;

    private const byte Never = byte.MaxValue;
    private readonly byte[] _times; // [64 · words]: per token the times it takes
    private readonly LocalMask.Stop[] _stops;

    private CountedWalk(byte[] times, LocalMask.Stop[] stops) => (_times, _stops) = (times, stops);

    /// <summary>The mask of a place where the loop may still go round so many times.</summary>
    public LocalMask Of(int count)
    {
        ulong[] mask = new ulong[_times.Length / 64];
        Span<uint> halves = MemoryMarshal.Cast<ulong, uint>(mask.AsSpan());
        Vector256<byte> most = Vector256.Create((byte)count);
        for (int i = 0; i < halves.Length; i++)
        {
            // Words are written as halves, the lower first, as every supported platform is little-endian.
            Vector256<byte> times = Vector256.LoadUnsafe(in _times[0], (nuint)(32 * i));
            halves[i] = Vector256.LessThanOrEqual(times, most).ExtractMostSignificantBits();
        }
        return LocalMask.Of(mask, _stops);
    }

    /// <summary>The loop whose times are few and known: the topmost of a place above its cut; null where there is none, or two of
    /// it.</summary>
    public static Frame? LoopOf(Config place, Frame? cut)
    {
        Frame? loop = null;
        foreach (Config.Reading reading in place.Readings)
        {
            for (Frame? frame = reading.Stack; loop is null && !IsCut(frame, cut); frame = frame!.Parent)
            {
                if (frame is { Target: < 0, Most: <= MaxCount }) loop = frame;
            }
        }
        foreach (Config.Reading reading in loop is null ? [] : place.Readings)
        {
            for (Frame? frame = reading.Stack; !IsCut(frame, cut); frame = frame!.Parent)
            {
                if (frame!.Target == loop!.Target && !ReferenceEquals(frame, loop)) return null;
            }
        }
        return loop;
    }

    private static bool IsCut(Frame? frame, Frame? cut) => frame is null || ReferenceEquals(frame, cut);

    /// <summary>Walks the tree from a place whose loop was widened to more than <see cref="MaxCount"/> times.</summary>
    /// <returns>null where the times of tokens cannot be told.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CountedWalk? Make(Grammar grammar, VocabularyIndex index, ConfigTable table, Config place, Frame loop, out int steps)
    {
        Times known = new(grammar, place, loop.Target);
        byte[] times = new byte[64 * index.Words];
        Array.Fill(times, Never);
        LocalMask.StopList stops = new();
        int length = index.MaxLength + 1;
        int[] configs = new int[length], path = new int[length], outer = new int[length];
        Times.Place?[] places = new Times.Place?[length];
        bool[] leaves = new bool[length];
        (configs[0], places[0], steps) = (place.Id, known.Of(place), 0);
        if (places[0] is not { } start) return null;
        outer[0] = start.HasOuter ? 0 : Never;
        VocabularyIndex.Node[] nodes = index.Nodes;
        for (int i = 0; i < nodes.Length;)
        {
            ref readonly VocabularyIndex.Node node = ref nodes[i];
            int depth = node.Depth, at = table.Step(configs[depth - 1], grammar.ClassOf[node.Value]);
            steps++;
            if (at == ConfigTable.Dead && !leaves[depth - 1])
            {
                i = node.End;
                continue;
            }
            ConfigTable.Ways ways = table.WaysOf(at);
            path[depth - 1] = i;
            leaves[depth] = leaves[depth - 1] | (ways & ConfigTable.Ways.End) != 0;
            if ((ways & ConfigTable.Ways.GoOn) == 0)
            {
                stops.Add(i, path.AsSpan(0, depth - 1));
                i = node.End;
                continue;
            }
            // What left below the cut may go on there, however many times the loop had: but where it only ran out of what is counted.
            Times.Place before = places[depth - 1]!;
            if ((leaves[depth] && before.Inner != MaxCount) || known.Of(table[at]) is not { } here) return null;
            bool wasInside = before.Inside[grammar.ClassOf[node.Value]];
            if (!wasInside && here.Inner != Never) return null;
            outer[depth] = !here.HasOuter ? Never : wasInside ? before.Inner : outer[depth - 1];
            places[depth] = here;
            if (node.Token >= 0)
            {
                byte least = (byte)Math.Min(here.Inner, outer[depth]);
                times[node.Token] = least;
                foreach (int other in index.Others(node.Token)) times[other] = least;
            }
            configs[depth] = at;
            i++;
        }
        return new CountedWalk(times, stops.Finish());
    }

    /// <summary>What places say of the loop, each worked out once.</summary>
    private sealed class Times
    {
        private readonly Grammar _grammar;
        private readonly int _target;
        private readonly Frame? _parent;
        private readonly Dictionary<int, Place?> _places = [];

        public Times(Grammar grammar, Config place, int target)
        {
            (_grammar, _target) = (grammar, target);
            foreach (Config.Reading reading in place.Readings)
            {
                for (Frame? frame = reading.Stack; frame is not null; frame = frame.Parent)
                {
                    if (frame.Target == target) _parent = frame.Parent;
                }
            }
        }

        /// <summary>
        /// Times that readings in the loop have taken (Never: none is there), whether there are others, and classes of the bytes that go on
        /// in the loop.
        /// </summary>
        internal sealed record Place(int Inner, bool HasOuter, bool[] Inside);

        /// <summary>null: readings in the loop have taken different times, or a byte may be one of theirs and of another's.</summary>
        public Place? Of(Config config)
        {
            if (!_places.TryGetValue(config.Id, out Place? place)) _places.Add(config.Id, place = Look(config));
            return place;
        }

        private Place? Look(Config config)
        {
            int inner = Never;
            bool hasOuter = false;
            bool[] inside = new bool[_grammar.Classes.Length], outside = new bool[_grammar.Classes.Length];
            foreach (Config.Reading reading in config.Readings)
            {
                Frame? frame = reading.Stack;
                while (frame is not null && !IsLoop(frame)) frame = frame.Parent;
                // A counted pattern goes on with other bodies in the same loop.
                if (frame is not null && frame.Target != _target) return null;
                int taken = frame is null ? Never : MaxCount - (frame.Most - ConfigTable.Unknown);
                if (frame is not null && inner != Never && inner != taken) return null;
                if (frame is null) hasOuter = true;
                else inner = taken;
                foreach (Edge edge in _grammar.Edges[reading.State])
                {
                    if (edge.Kind != EdgeKind.Byte) continue;
                    for (int i = _grammar.ClassOf[edge.First]; i <= _grammar.ClassOf[edge.Last]; i++)
                        (frame is null ? outside : inside)[i] = true;
                }
            }
            for (int i = 0; i < inside.Length; i++)
            {
                if (inside[i] && outside[i]) return null;
            }
            return new Place(inner, hasOuter, inside);
        }

        private bool IsLoop(Frame frame) => frame.Target < 0 && frame.Most is >= ConfigTable.Unknown and not Endless
            && ReferenceEquals(frame.Parent, _parent);
    }
}
