using System.Runtime.InteropServices;
using AhnSharp.Model;

namespace AhnSharp.Native.Structs;

/// <summary>ahn_session_facts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SessionFacts
{
    public nuint Size;
    public long TokensSeen, TokensExact, TokensCompressed, TokensDropped, StateBytes, HistoryBytes;
    public int Memory, Kv, Window, Sinks;

    internal static SessionFacts Of(ILanguageSession session) => new()
    {
        TokensSeen = session.Position,
        TokensExact = session.TokensExact,
        TokensCompressed = session.TokensCompressed,
        TokensDropped = session.TokensDropped,
        StateBytes = session.StateBytes,
        HistoryBytes = session.HistoryBytes,
        Memory = Require.NumberOf(session.Mode),
        Kv = Require.NumberOf(session.Kv),
        Window = session.Window,
        Sinks = session.Sinks,
    };
}
