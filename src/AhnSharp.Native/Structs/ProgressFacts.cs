using System.Runtime.InteropServices;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_progress.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProgressFacts
{
    public nuint Size;
    public long TokensRead, TokensTotal, TokensExact, TokensCompressed, TokensDropped, StateBytes;
    public double Seconds;
    public long TokensArchived;

    internal static ProgressFacts Of(ReadingProgress progress) => new()
    {
        Size = (nuint)sizeof(ProgressFacts),
        TokensRead = progress.TokensRead,
        TokensTotal = progress.TokensTotal,
        TokensExact = progress.Tally.Exact,
        TokensCompressed = progress.Tally.Compressed,
        TokensDropped = progress.Tally.Dropped,
        StateBytes = progress.StateBytes,
        Seconds = progress.Elapsed.TotalSeconds,
        TokensArchived = progress.Tally.Archived,
    };
}
