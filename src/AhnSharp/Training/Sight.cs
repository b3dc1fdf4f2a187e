using System;

namespace AhnSharp.Training;

/// <summary>Which keys a query sees: j ≤ t, and t − j &lt; <paramref name="Window"/> or j &lt; <paramref name="Sinks"/>.</summary>
internal readonly record struct Sight(int Window, int Sinks)
{
    /// <summary>All before it.</summary>
    public static Sight Full => new(int.MaxValue, 0);

    /// <summary>The first key of the window of the query at <paramref name="position"/>.</summary>
    public int WindowFrom(int position) => (int)Math.Max(0, (long)position - Window + 1);

    /// <summary>Behind the last query whose window holds the key at <paramref name="position"/>.</summary>
    public int SeenUntil(int position, int tokens) => (int)Math.Min(tokens, (long)position + Window);
}
