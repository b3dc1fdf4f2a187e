using System;

namespace AhnSharp.Attention;

/// <summary>
/// The keys that a block of consecutive queries sees, cut at every 1,024th position into spans that different threads may take.
/// </summary>
/// <param name="Sinks">Sinks below <paramref name="Start"/>, which the first span takes as well.</param>
/// <param name="Start">The first position of the window.</param>
/// <param name="End">One behind the last.</param>
internal readonly record struct AttentionSpans(long Sinks, long Start, long End)
{
    // 512 KiB of f16 keys and values of a head of 128: some 50 microseconds, to which a joint of one adds less than 1 %.
    private const int Keys = 1024;

    /// <summary>Whether there is more than one span's work.</summary>
    public bool IsLong => End - Start > Keys;

    /// <summary>How many there are: at least 1, and at least 2 of a long one.</summary>
    public int Count => (int)(((End - 1) / Keys) - (Start / Keys)) + 1;

    /// <summary>Positions from … end − 1 of a span.</summary>
    public (long From, long End) this[int span]
    {
        get
        {
            long cell = (Start / Keys) + span;
            return (Math.Max(Start, cell * Keys), Math.Min(End, (cell + 1) * Keys));
        }
    }

    /// <summary>Of <paramref name="count"/> queries from <paramref name="position"/> on.</summary>
    public static AttentionSpans Of(AttentionSight sight, long position, int count)
    {
        long start = sight.WindowStart(position);
        // Sinks that a query sees as from elsewhere are walked apart from what it sees where it is.
        if (sight.IsFar(position + count - 1)) start = Math.Max(start, sight.Geometry.Sinks);
        return new AttentionSpans(sight.Geometry.Grows ? 0 : Math.Min(sight.Geometry.Sinks, start), start, position + count);
    }
}
