using System;

namespace AhnSharp.Documents.Reading;

/// <summary>How far the reading of documents has come.</summary>
/// <param name="TokensRead">Of all documents, those of an earlier run included.</param>
/// <param name="TokensTotal">Of all documents.</param>
/// <param name="TokensThisRun">Read since this run began.</param>
/// <param name="Elapsed">Since this run began.</param>
/// <param name="StateBytes">Bytes of state that the session occupies now.</param>
/// <param name="Document">The document that is being read.</param>
/// <param name="Page">Its page, where it has pages.</param>
/// <param name="IsCheckpoint">Whether everything read so far was just written to the checkpoint.</param>
public readonly record struct DocumentProgress(
    long TokensRead, long TokensTotal, long TokensThisRun, TimeSpan Elapsed, long StateBytes, Document Document, int? Page,
    bool IsCheckpoint)
{
    /// <summary>Speed since this run began.</summary>
    public double TokensPerSecond => Elapsed > TimeSpan.Zero ? TokensThisRun / Elapsed.TotalSeconds : 0;

    /// <summary>What the rest takes at that speed.</summary>
    public TimeSpan Left => TokensPerSecond > 0 ? TimeSpan.FromSeconds((TokensTotal - TokensRead) / TokensPerSecond) : TimeSpan.Zero;
}
