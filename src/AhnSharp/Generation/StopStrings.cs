using System;
using System.Collections.Immutable;
using System.Text;

namespace AhnSharp.Generation;

/// <summary>Finds stop strings in a text that arrives in pieces, and holds back what may be the beginning of one.</summary>
/// <remarks>
/// The text ends before the stop string that is complete first (of several that end together, the longest). The result does not
/// depend on how the text is cut into pieces, and no part of the stop string is ever released.
/// </remarks>
public sealed class StopStrings(ImmutableArray<string> stops)
{
    private readonly StringBuilder _held = new();

    /// <summary>The stop string that was found, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>Takes the next piece and returns what can be released of the text so far.</summary>
    public string Push(string piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        if (stops.IsDefaultOrEmpty) return piece;
        if (Found is not null) return "";
        foreach (char next in piece)
        {
            _held.Append(next);
            foreach (string stop in stops)
            {
                if (stop.Length > (Found?.Length ?? 0) && EndsWith(stop, stop.Length)) Found = stop;
            }
            if (Found is not null) return Release(_held.Length - Found.Length);
        }
        return Release(_held.Length - LongestBeginning());
    }

    /// <summary>The text is over: returns what was held back.</summary>
    public string Flush() => Found is null ? Release(_held.Length) : "";

    private string Release(int length)
    {
        string released = _held.ToString(0, length);
        _held.Remove(0, length);
        return released;
    }

    // The longest end of what is held that a stop string begins with.
    private int LongestBeginning()
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, _held.Length); length > longest; length--)
            {
                if (EndsWith(stop, length)) longest = length;
            }
        }
        return longest;
    }

    private bool EndsWith(string stop, int length)
    {
        int offset = _held.Length - length;
        if (offset < 0) return false;
        for (int i = 0; i < length; i++)
        {
            if (_held[offset + i] != stop[i]) return false;
        }
        return true;
    }
}
