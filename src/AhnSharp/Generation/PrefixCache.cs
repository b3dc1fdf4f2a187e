using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Generation;

/// <summary>Sessions that stand where texts may part, so that a text whose beginning was read before goes on from there.</summary>
/// <remarks>
/// A memory cannot be rewound: what can be reused is a copy that was taken on the way. <see cref="Add"/> keeps a fork of a session, which
/// shares all that neither side has written since; <see cref="Take"/> gives a session that stands at the longest beginning of a prompt,
/// id by id, that a kept one of the same shape has read, or a new one. Kept sessions take at most <see cref="BudgetBytes"/>
/// together, what they share counted once; over it the least recently used goes first: those kept in passing before those kept at the
/// end of a turn, and the shorter of two used last at the same time.
/// <para>Snapshot files take part (<see cref="AddFile"/>): their ids are read at once and kept beside, 4 bytes per token; the rest is
/// loaded when a prompt begins with them, and is kept from then on as far as there is room.</para>
/// For any number of threads at once.
/// </remarks>
public sealed class PrefixCache : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly List<SnapshotPrefix> _files = [];
    private readonly List<string> _lost = [];
    private readonly Dictionary<object, int> _holders = new(ReferenceEqualityComparer.Instance); // how many kept sessions hold a part
    private long _heldBytes, _clock;
    private bool _disposed;

    /// <summary>An empty cache for sessions of <paramref name="model"/>.</summary>
    /// <param name="model">The model; it must outlive the cache.</param>
    /// <param name="budgetBytes">Most bytes that kept sessions may take together; 0 keeps none.</param>
    public PrefixCache(LanguageModel model, long budgetBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(budgetBytes);
        (Model, BudgetBytes) = (model, budgetBytes);
    }

    /// <summary>The model whose sessions it keeps.</summary>
    public LanguageModel Model { get; }

    /// <summary>Most bytes that kept sessions may take together.</summary>
    public long BudgetBytes { get; }

    /// <summary>
    /// Bytes that kept sessions take together now, what they share with each other counted once; what they share with
    /// sessions in use is counted too.
    /// </summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate) return _heldBytes;
        }
    }

    /// <summary>Sessions kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _entries.Count;
        }
    }

    /// <summary>How many ids two texts begin with in common.</summary>
    public static int CommonPrefix(ReadOnlySpan<int> first, ReadOnlySpan<int> second) => first.CommonPrefixLength(second);

    /// <summary>Keeps a fork of a session as it stands. The session must not be running, and is not changed.</summary>
    /// <param name="session">Of this cache's model, with at least one token.</param>
    /// <param name="passing">Whether it stands in the middle of a longer text: such ones go first where room is short.</param>
    /// <returns>Whether it is kept: not where it alone is over the budget, or where only more useful ones would have to go.</returns>
    public bool Add(LanguageSession session, bool passing = false)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Model != Model) throw new ArgumentException("The session belongs to another model.", nameof(session));
        if (session.Position == 0) return false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Entry? entry = _entries.Find(kept => kept.Session.Position == session.Position && kept.Session.Plan.KeepsAs(session.Plan)
                && kept.Session.Tokens.SequenceEqual(session.Tokens));
            if (entry is null)
            {
                if (session.Parts.Sum(static part => part.Bytes) > BudgetBytes) return false;
                entry = new Entry(session.Fork(), passing);
                _entries.Add(entry);
                Hold(entry.Session, +1);
            }
            entry.LastUsed = ++_clock;
            entry.IsPassing &= passing;
            while (_heldBytes > BudgetBytes) Drop(_entries.MinBy(static kept => (!kept.IsPassing, kept.LastUsed, kept.Session.Position))!);
            return _entries.Contains(entry);
        }
    }

    /// <summary>
    /// A session that has read as much of the beginning of a prompt as any kept one, and at least one token less
    /// than all of it; the caller's own.
    /// </summary>
    /// <param name="prompt">All ids of the text, from its first. What is left to feed begins at
    /// <see cref="LanguageSession.Position"/>: as many were reused.</param>
    /// <param name="options">What the session is to keep; sessions that keep something else are not looked at.</param>
    public LanguageSession Take(ReadOnlySpan<int> prompt, SessionOptions? options = null) =>
        Find(prompt, Model.Plan(options)) ?? Model.CreateSession(options);

    /// <summary>As <see cref="Take"/>, for a plan; null where nothing that it keeps begins the prompt.</summary>
    internal LanguageSession? Find(ReadOnlySpan<int> prompt, SessionPlan plan)
    {
        while (true)
        {
            SnapshotPrefix? stored;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                Entry? best = null;
                foreach (Entry kept in _entries)
                {
                    if (IsBeginning(kept.Session.Tokens, prompt, best?.Session.Position ?? 0) && kept.Session.Plan.KeepsAs(plan))
                        best = kept;
                }
                stored = null;
                foreach (SnapshotPrefix file in _files)
                {
                    if (IsBeginning(file.Tokens, prompt, stored?.Tokens.Length ?? best?.Session.Position ?? 0) && file.IsOf(plan))
                        stored = file;
                }
                if (stored is null)
                {
                    if (best is null) return null;
                    best.LastUsed = ++_clock;
                    return best.Session.Fork();
                }
            }
            // Outside the gate: it may take a second, in which others go on.
            if (Load(stored) is { } session) return session;
        }
    }

    /// <summary>Lets a snapshot take part, from now on or until it is no longer what it was.</summary>
    /// <exception cref="SnapshotException">It is damaged, or of another model.</exception>
    public void AddFile(string path)
    {
        SnapshotPrefix file = SnapshotPrefix.Open(path, Model);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _files.RemoveAll(known => known.Path == file.Path);
            _files.Add(file);
        }
    }

    /// <summary>Lets the snapshots of a folder take part: all files NAME.ahn directly in it.</summary>
    /// <returns>One sentence for each that does not: damaged, or of another model.</returns>
    public IReadOnlyList<string> AddFolder(string folder)
    {
        List<string> left = [];
        foreach (string path in Directory.EnumerateFiles(folder, "*.ahn").Order(StringComparer.Ordinal))
        {
            try
            {
                AddFile(path);
            }
            catch (SnapshotException unusable)
            {
                left.Add(unusable.Message);
            }
        }
        return left;
    }

    /// <summary>
    /// One sentence for each snapshot that took part and was found changed, damaged or gone when it was to be
    /// loaded; it takes part no longer.
    /// </summary>
    public IReadOnlyList<string> LostFiles
    {
        get
        {
            lock (_gate) return [.. _lost];
        }
    }

    /// <summary>Forgets all kept sessions; snapshot files go on taking part.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            while (_entries.Count > 0) Drop(_entries[^1]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            Clear();
            _disposed = true;
        }
    }

    // The session of a snapshot, kept from now on; null where it is not what it was, and takes part no longer.
    private LanguageSession? Load(SnapshotPrefix file)
    {
        try
        {
            LanguageSession session = file.Load(Model);
            Add(session);
            return session;
        }
        catch (SnapshotException lost)
        {
            lock (_gate)
            {
                if (_files.Remove(file)) _lost.Add(lost.Message);
            }
            return null;
        }
    }

    private static bool IsBeginning(ReadOnlySpan<int> tokens, ReadOnlySpan<int> prompt, long longerThan) =>
        tokens.Length > longerThan && tokens.Length < prompt.Length && prompt.StartsWith(tokens);

    private void Drop(Entry entry)
    {
        _entries.Remove(entry);
        Hold(entry.Session, -1);
        entry.Session.Dispose();
    }

    private void Hold(LanguageSession session, int change)
    {
        foreach ((object part, long bytes) in session.Parts)
        {
            int holders = _holders.GetValueOrDefault(part) + change;
            if (holders > 0) _holders[part] = holders;
            else _holders.Remove(part);
            if (change > 0 ? holders == 1 : holders == 0) _heldBytes += change * bytes;
        }
    }

    private sealed class Entry(LanguageSession session, bool isPassing)
    {
        public LanguageSession Session { get; } = session;

        public bool IsPassing { get; set; } = isPassing;

        public long LastUsed { get; set; }
    }
}
