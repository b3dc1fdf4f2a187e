using System.Runtime.InteropServices;
using AhnSharp.Sessions;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_session_facts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SessionFacts
{
    public nuint Size;
    public long TokensSeen, TokensExact, TokensCompressed, TokensDropped, StateBytes, HistoryBytes;
    public int Memory, Kv, Window, Sinks;
    public long TokensArchived, ArchiveBytes, ArchiveIndexBytes;

    internal static SessionFacts Of(LanguageSession session) => new()
    {
        TokensSeen = session.Position,
        TokensExact = session.Tally.Exact,
        TokensCompressed = session.Tally.Compressed,
        TokensDropped = session.Tally.Dropped,
        StateBytes = session.StateBytes,
        HistoryBytes = session.HistoryBytes,
        Memory = Require.NumberOf(session.Mode),
        Kv = Require.NumberOf(session.Kv),
        Window = session.Window,
        Sinks = session.Sinks,
        TokensArchived = session.Tally.Archived,
        ArchiveBytes = session.ArchiveBytes,
        ArchiveIndexBytes = session.ArchiveIndexBytes,
    };
}
