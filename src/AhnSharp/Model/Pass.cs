using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Network;

namespace AhnSharp.Model;

/// <summary>The tokens that go through the layers together: at most one chunk, of one or more sessions, and the work they make.</summary>
/// <remarks>Planned once, run by every layer. The lists are reused, so a pass allocates nothing once they have grown.</remarks>
internal sealed class Pass(ModelConfig config)
{
    // Consecutive tokens of one session: rows Row … Row + Count − 1 of the pass, positions from Position; the last Leaving of them push a
    // token out of the window. EveryRow receives all rows' logits, the first with FirstIndex; Ends: this is the last of what was fed.
    internal readonly record struct Part(Session Session, int Row, int Count, long Position, int Leaving, LogitsReader? EveryRow, int FirstIndex, bool Ends);

    /// <summary>One query head of a part that tokens leave from.</summary>
    internal readonly record struct MemoryItem(int Part, int Head);

    private readonly List<int> _ids = [];

    public List<Part> Parts { get; } = [];
    public List<MemoryItem> MemoryItems { get; } = [];
    public int Rows => _ids.Count;

    /// <summary>Whether a session keeps gates beside its tokens: the others need none.</summary>
    public bool KeepsGates { get; private set; }

    public void Clear()
    {
        _ids.Clear();
        Parts.Clear();
        MemoryItems.Clear();
        KeepsGates = false;
    }

    public int Id(int row) => _ids[row];

    public ReadOnlySpan<int> Ids(Part part) => CollectionsMarshal.AsSpan(_ids).Slice(part.Row, part.Count);

    public void Add(Session session, ReadOnlySpan<int> ids, LogitsReader? everyRow, int firstIndex, bool ends)
    {
        int part = Parts.Count;
        long end = session.Position + ids.Length;
        int leaving = session.Mode == MemoryMode.Ahn ? (int)Math.Clamp(end - session.Window - session.Sinks, 0, ids.Length) : 0;
        KeepsGates |= session.Mode == MemoryMode.Ahn;
        Parts.Add(new Part(session, _ids.Count, ids.Length, session.Position, leaving, everyRow, firstIndex, ends));
        _ids.AddRange(ids);
        for (int head = 0; leaving > 0 && head < config.HeadCount; head++) MemoryItems.Add(new MemoryItem(part, head));
    }
}
