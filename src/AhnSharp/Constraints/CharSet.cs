using System;
using System.Collections.Generic;

namespace AhnSharp.Constraints;

/// <summary>A set of code points as ranges in ascending order that neither meet nor overlap. Halves of surrogate pairs are in
/// none.</summary>
internal sealed class CharSet : IEquatable<CharSet>
{
    public const int Largest = 0x10FFFF;

    private readonly (int First, int Last)[] _ranges;

    private CharSet((int First, int Last)[] ranges) => _ranges = ranges;

    public static CharSet None { get; } = new([]);
    public static CharSet All { get; } = Of((0, Largest));

    public ReadOnlySpan<(int First, int Last)> Ranges => _ranges;
    public bool IsEmpty => _ranges.Length == 0;

    /// <summary>The union of ranges in any order.</summary>
    public static CharSet Of(params ReadOnlySpan<(int First, int Last)> ranges)
    {
        List<(int First, int Last)> parts = [];
        foreach ((int first, int last) in ranges)
        {
            if (first <= Math.Min(last, 0xD7FF)) parts.Add((first, Math.Min(last, 0xD7FF)));
            if (Math.Max(first, 0xE000) <= last) parts.Add((Math.Max(first, 0xE000), last));
        }
        parts.Sort();
        List<(int First, int Last)> merged = [];
        foreach ((int first, int last) in parts)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            else merged.Add((first, last));
        }
        return new CharSet([.. merged]);
    }

    public static CharSet Of(int character) => Of((character, character));

    public CharSet Union(CharSet other) => Of([.. _ranges, .. other._ranges]);

    public CharSet Complement()
    {
        List<(int, int)> gaps = [];
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            if (first > next) gaps.Add((next, first - 1));
            next = last + 1;
        }
        if (next <= Largest) gaps.Add((next, Largest));
        return Of([.. gaps]);
    }

    public CharSet Intersect(CharSet other)
    {
        List<(int, int)> both = [];
        for (int i = 0, j = 0; i < _ranges.Length && j < other._ranges.Length;)
        {
            int first = Math.Max(_ranges[i].First, other._ranges[j].First), last = Math.Min(_ranges[i].Last, other._ranges[j].Last);
            if (first <= last) both.Add((first, last));
            if (_ranges[i].Last < other._ranges[j].Last) i++;
            else j++;
        }
        return Of([.. both]);
    }

    public CharSet Except(CharSet other) => Intersect(other.Complement());

    public bool Contains(int character)
    {
        int low = 0, high = _ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (character < _ranges[middle].First) high = middle - 1;
            else if (character > _ranges[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }

    public bool Equals(CharSet? other) => other is not null && _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => Equals(obj as CharSet);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach ((int first, int last) in _ranges)
        {
            hash.Add(first);
            hash.Add(last);
        }
        return hash.ToHashCode();
    }
}
