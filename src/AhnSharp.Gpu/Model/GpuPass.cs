using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Model;

namespace AhnSharp.Gpu.Model;

/// <summary>The tokens that go through the layers together: at most one chunk, of one or more sessions. The lists are reused.</summary>
internal sealed class GpuPass
{
    /// <summary>Consecutive tokens of one session; the last Leaving of them push a token out of the window into the memory.</summary>
    internal readonly record struct Part(GpuSession Session, int Row, int Count, int Leaving, LogitsReader? EveryRow, int FirstIndex, bool Ends)
    {
        /// <summary>Rows that logits are asked of: all, or the last of what was fed.</summary>
        public int Asked => EveryRow is not null ? Count : Ends ? 1 : 0;
    }

    private readonly List<int> _ids = [];
    private readonly List<Part> _parts = [];

    public ReadOnlySpan<Part> Parts => CollectionsMarshal.AsSpan(_parts);
    public int Rows => _ids.Count;
    public int Id(int row) => _ids[row];
    public ReadOnlySpan<int> Ids(Part part) => CollectionsMarshal.AsSpan(_ids).Slice(part.Row, part.Count);

    public void Clear()
    {
        _ids.Clear();
        _parts.Clear();
    }

    public void Add(GpuSession session, ReadOnlySpan<int> ids, LogitsReader? everyRow, int firstIndex, bool ends)
    {
        long end = session.Position + ids.Length;
        int leaving = session.Plan.HasMemory ? (int)Math.Clamp(end - session.Window - session.Sinks, 0, ids.Length) : 0;
        _parts.Add(new Part(session, _ids.Count, ids.Length, leaving, everyRow, firstIndex, ends));
        _ids.AddRange(ids);
    }
}
