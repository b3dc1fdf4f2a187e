using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Server.Documents;

namespace AhnSharp.Cluster.Grains;

/// <summary>The documents of a library in their order, without what is said of them.</summary>
internal sealed class LibraryIndex
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedSet<Entry> _order = new(Entry.Order), _unsettled = new(Entry.Order);
    private readonly int[] _states = new int[Enum.GetValues<DocumentState>().Length];
    private long _last;

    public int Count => _entries.Count;

    public int CountOf(DocumentState state) => _states[(int)state];

    /// <summary>Behind all that there are.</summary>
    public long NextNumber() => ++_last;

    public bool Contains(string id) => _entries.ContainsKey(id);

    /// <summary>Takes a document in as it stands now.</summary>
    public void Put(DocumentRecord record)
    {
        Remove(record.Id);
        Entry entry = new(record.Number, record.Id, record.State, record.Purpose);
        _entries.Add(record.Id, entry);
        _order.Add(entry);
        if (!record.IsSettled) _unsettled.Add(entry);
        _states[(int)record.State]++;
        _last = Math.Max(_last, record.Number);
    }

    public void Remove(string id)
    {
        if (!_entries.Remove(id, out Entry? entry)) return;
        _order.Remove(entry);
        _unsettled.Remove(entry);
        _states[(int)entry.State]--;
    }

    /// <summary>Those that are not read yet, oldest first, without some.</summary>
    public IEnumerable<string> Unsettled(IReadOnlySet<string> without) =>
        _unsettled.Select(static entry => entry.Id).Where(id => !without.Contains(id));

    /// <summary>Those behind one of them in an order; null: all.</summary>
    public IEnumerable<string> Behind(string? after, bool isAscending, string? purpose)
    {
        IEnumerable<Entry> entries = after is null ? _order : isAscending
            ? _order.GetViewBetween(_entries[after], Entry.Last).Skip(1)
            : _order.GetViewBetween(Entry.First, _entries[after]);
        if (!isAscending) entries = after is null ? _order.Reverse() : ((SortedSet<Entry>)entries).Reverse().Skip(1);
        return entries.Where(entry => purpose is null || entry.Purpose == purpose).Select(static entry => entry.Id);
    }

    private sealed record Entry(long Number, string Id, DocumentState State, string? Purpose)
    {
        public static readonly Entry First = new(long.MinValue, "", default, null), Last = new(long.MaxValue, "", default, null);

        // Two may have one number, where the silo of a library was killed in between: their ids tell them apart.
        public static readonly Comparer<Entry> Order = Comparer<Entry>.Create(static (a, b) =>
            a.Number != b.Number ? a.Number.CompareTo(b.Number) : string.CompareOrdinal(a.Id, b.Id));
    }
}
