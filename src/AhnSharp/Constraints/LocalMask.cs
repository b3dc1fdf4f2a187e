using System.Collections.Generic;
using System.Numerics;

namespace AhnSharp.Constraints;

/// <summary>
/// What a place with cut stacks says of the vocabulary: tokens that are allowed whatever lies below the cut, and the parts of the tree
/// that only the whole stack can decide. All else is not allowed.
/// </summary>
internal sealed class LocalMask
{
    private const int MaxFew = 512;

    /// <summary>Of allowed tokens a list, where they are few; else null.</summary>
    public int[]? Few { get; init; }

    /// <summary>Of allowed tokens the bits, where they are many; else null.</summary>
    public ulong[]? Many { get; init; }

    /// <summary>Nodes on the way to undecided parts, and their roots, in the order of a walk.</summary>
    public required Stop[] Stops { get; init; }

    /// <summary>
    /// A node of the tree; Whole: it and all below are undecided, else it is only on the way. Next: the stop behind those below it.
    /// </summary>
    internal record struct Stop(int Node, bool Whole, int Next);

    /// <summary>Of the bits of allowed tokens.</summary>
    public static LocalMask Of(ulong[] mask, Stop[] stops)
    {
        int count = 0;
        foreach (ulong word in mask) count += BitOperations.PopCount(word);
        return count > MaxFew ? new LocalMask { Many = mask, Stops = stops } : new LocalMask { Few = Ids(mask, count), Stops = stops };
    }

    public long Weight => (Few?.Length ?? 0) + (Many?.Length ?? 0) * 2L + Stops.Length * 3L + 32;

    private static int[] Ids(ulong[] mask, int count)
    {
        int[] ids = new int[count];
        int next = 0;
        for (int word = 0; word < mask.Length; word++)
        {
            for (ulong bits = mask[word]; bits != 0; bits &= bits - 1) ids[next++] = word * 64 + BitOperations.TrailingZeroCount(bits);
        }
        return ids;
    }

    /// <summary>Collects stops: parents are added when the first of their children is undecided.</summary>
    internal sealed class StopList
    {
        private readonly List<Stop> _stops = [];
        private readonly List<(int Node, int Stop)> _open = [];

        public void Add(int node, System.ReadOnlySpan<int> path)
        {
            int common = 0;
            while (common < _open.Count && common < path.Length && _open[common].Node == path[common]) common++;
            Close(common);
            for (int i = common; i < path.Length; i++)
            {
                _open.Add((path[i], _stops.Count));
                _stops.Add(new Stop(path[i], false, 0));
            }
            _stops.Add(new Stop(node, true, _stops.Count + 1));
        }

        /// <summary>The stops of another list at the nodes of a part of the tree that begins at the top.</summary>
        public void AddFrom(Stop[] other, int begin, int end)
        {
            Close(0);
            int first = 0, behind = other.Length;
            while (first < behind)
            {
                int middle = (first + behind) >> 1;
                if (other[middle].Node < begin) first = middle + 1;
                else behind = middle;
            }
            int moved = _stops.Count - first;
            for (int i = first; i < other.Length && other[i].Node < end; i++) _stops.Add(other[i] with { Next = other[i].Next + moved });
        }

        public Stop[] Finish()
        {
            Close(0);
            return [.. _stops];
        }

        private void Close(int count)
        {
            for (int i = count; i < _open.Count; i++) _stops[_open[i].Stop] = _stops[_open[i].Stop] with { Next = _stops.Count };
            _open.RemoveRange(count, _open.Count - count);
        }
    }
}
