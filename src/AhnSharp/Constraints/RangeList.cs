using System;
using System.Collections.Generic;

namespace AhnSharp.Constraints;

/// <summary>Ranges of numbers in ascending order, as a key: equal where the ranges are.</summary>
internal readonly struct RangeList : IEquatable<RangeList>
{
    private readonly (int First, int Last)[] _ranges;

    private RangeList((int First, int Last)[] ranges) => _ranges = ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static RangeList Of(int first, int last) => new([(first, last)]);

    /// <summary>The characters of a set from first to last, less an offset.</summary>
    public static RangeList Within(CharSet set, int first, int last, int offset)
    {
        List<(int, int)> within = [];
        foreach ((int low, int high) in set.Ranges)
        {
            if (low <= last && high >= first) within.Add((Math.Max(low, first) - offset, Math.Min(high, last) - offset));
        }
        return new RangeList([.. within]);
    }

    public RangeList Plus(int offset) => new(Array.ConvertAll(_ranges, range => (range.First + offset, range.Last + offset)));

    /// <summary>Runs of first digits behind which the same numbers of the other digits follow.</summary>
    public List<(int First, int Last, RangeList Behind)> ByFirstDigit(int bits, int digits)
    {
        int shift = bits * (digits - 1), all = (1 << shift) - 1;
        List<(int First, int Last, RangeList Behind)> runs = [];
        List<(int, int)> rest = [];
        int digit = -1;
        void Close()
        {
            if (rest.Count == 0) return;
            RangeList same = new([.. rest]);
            if (runs.Count > 0 && runs[^1].Last + 1 == digit && runs[^1].Behind.Equals(same)) runs[^1] = (runs[^1].First, digit, same);
            else runs.Add((digit, digit, same));
            rest.Clear();
        }
        foreach ((int first, int last) in _ranges)
        {
            for (int at = first >> shift; at <= last >> shift; at++)
            {
                if (at != digit) Close();
                digit = at;
                int low = at == first >> shift ? first & all : 0, high = at == last >> shift ? last & all : all;
                rest.Add((low, high));
            }
        }
        Close();
        return runs;
    }

    public bool Equals(RangeList other) => _ranges.AsSpan().SequenceEqual(other._ranges);

    public override bool Equals(object? obj) => obj is RangeList other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach ((int first, int last) in _ranges) hash.Add(((long)first << 32) | (uint)last);
        return hash.ToHashCode();
    }
}
