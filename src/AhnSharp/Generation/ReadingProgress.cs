using System;

namespace AhnSharp.Generation;

/// <summary>How far the reading of a text has come.</summary>
/// <param name="TokensRead">Of the text that is being read.</param>
/// <param name="TokensTotal">Of that text.</param>
/// <param name="TokensExact">Tokens that the session holds exactly.</param>
/// <param name="TokensCompressed">Tokens in the compressed memory.</param>
/// <param name="TokensDropped">Tokens that left the window for good (mode window).</param>
/// <param name="StateBytes">Bytes of state that the session occupies now.</param>
/// <param name="Elapsed">Since reading began.</param>
public readonly record struct ReadingProgress(
    long TokensRead, long TokensTotal, long TokensExact, long TokensCompressed, long TokensDropped, long StateBytes, TimeSpan Elapsed)
{
    /// <summary>Speed since reading began.</summary>
    public double TokensPerSecond => Elapsed > TimeSpan.Zero ? TokensRead / Elapsed.TotalSeconds : 0;
}
