using System;
using AhnSharp.Training;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// Which keys a piece of queries multiplies, and where their scores stand: those of the sinks, then those of the window; nothing between.
/// </summary>
internal struct KeyStretch
{
    /// <summary>Keys from 0 on.</summary>
    public int Sinks;

    /// <summary>First key of the window.</summary>
    public int From;

    /// <summary>Keys of the window.</summary>
    public int Count;

    /// <summary>Column of the window's first score: a multiple of four.</summary>
    public int Column;

    /// <summary>Numbers of a row of scores: a multiple of four.</summary>
    public int Pitch;

    /// <summary>Position of the first query.</summary>
    public int Position;

    /// <summary>W and S of the text, which a query's own place in the piece is compared with.</summary>
    public int Window, AllSinks;

    /// <summary>Queries of the piece.</summary>
    public int Rows;

    /// <summary>Of queries at positions from <paramref name="position"/> on.</summary>
    public static KeyStretch Of(Sight sight, int position, int rows)
    {
        int window = sight.WindowFrom(position), sinks = Math.Min(sight.Sinks, window), from = window <= sinks ? 0 : window;
        if (from == 0) sinks = 0;
        int column = (sinks + 3) / 4 * 4, count = position + rows - from;
        return new KeyStretch
        {
            Sinks = sinks,
            From = from,
            Count = count,
            Column = column,
            Pitch = (column + count + 3) / 4 * 4,
            Position = position,
            Window = sight.Window,
            AllSinks = sight.Sinks,
            Rows = rows,
        };
    }

    /// <summary>The key of a column, or −1 where it is seen by no query of this row.</summary>
    public readonly int KeyOf(int column, int row)
    {
        int key = column < Sinks ? column : column < Column ? -1 : From + column - Column;
        int position = Position + row;
        return key > position || (key >= AllSinks && position - key >= Window) ? -1 : key;
    }
}
