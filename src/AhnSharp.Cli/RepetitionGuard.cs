using System;
using System.Text;

namespace AhnSharp.Cli;

/// <summary>Notices that an answer goes round in a circle: the same words again and again until the screen is full of them.</summary>
/// <remarks>
/// At least <see cref="LeastTimes"/> times the same piece of at most <see cref="LongestPiece"/> characters, <see cref="LeastCharacters"/>
/// characters in all: six lines of a screen, which no rule, table or poem in an answer has. It is looked for every 32 characters.
/// </remarks>
internal sealed class RepetitionGuard
{
    internal const int LeastTimes = 6, LongestPiece = 240, LeastCharacters = 480;
    private const int Every = 32, Kept = (LongestPiece * LeastTimes) + LeastCharacters;
    private readonly StringBuilder _tail = new();
    private int _unseen;

    /// <summary>The piece that repeats; null until one does.</summary>
    internal string? Repeated { get; private set; }

    /// <summary>Takes what was said; true where the answer goes round.</summary>
    internal bool Goes(string piece)
    {
        _tail.Append(piece);
        _unseen += piece.Length;
        if (_unseen < Every) return Repeated is not null;
        _unseen = 0;
        if (_tail.Length > 2 * Kept) _tail.Remove(0, _tail.Length - Kept);
        Repeated ??= Find(_tail.ToString());
        return Repeated is not null;
    }

    private static string? Find(string text)
    {
        for (int period = 1; period <= LongestPiece; period++)
        {
            int needed = Math.Max(LeastCharacters, LeastTimes * period);
            if (needed > text.Length) return null;
            int same = period;
            while (same < needed && text[^(same + 1)] == text[^(same + 1 - period)]) same++;
            if (same >= needed) return text[^period..];
        }
        return null;
    }
}
