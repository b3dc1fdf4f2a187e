using System;
using AhnSharp.Sessions;

namespace AhnSharp;

/// <summary>How far the reading of a text has come.</summary>
/// <param name="TokensRead">Of the text that is being read.</param>
/// <param name="TokensTotal">Of that text.</param>
/// <param name="Tally">Where the tokens of the session are.</param>
/// <param name="StateBytes">Bytes of state that the session occupies now.</param>
/// <param name="Elapsed">Since reading began.</param>
public readonly record struct ReadingProgress(
    long TokensRead, long TokensTotal, Tally Tally, long StateBytes, TimeSpan Elapsed)
{
    /// <summary>Speed since reading began.</summary>
    public double TokensPerSecond => Elapsed > TimeSpan.Zero ? TokensRead / Elapsed.TotalSeconds : 0;
}
