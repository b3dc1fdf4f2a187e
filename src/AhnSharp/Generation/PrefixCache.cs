using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Model;

namespace AhnSharp.Generation;

/// <summary>Sessions that stand where texts may part, so that a text whose beginning was read before goes on from there.</summary>
/// <remarks>
/// A memory cannot be rewound: what can be reused is a copy that was taken on the way. <see cref="Add"/> keeps a fork of a session, which
/// shares all that neither side has written since; <see cref="Take"/> gives a session that stands at the longest beginning of a prompt,
/// id by id, that a kept one of the same shape has read, or a new one. Kept sessions take at most <see cref="BudgetBytes"/>
/// together, what they share counted once; over it the least recently used goes first: those kept in passing before those kept at the
/// end of a turn, and the shorter of two used last at the same time. For any number of threads at once.
/// </remarks>
public sealed class PrefixCache : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<object, int> _holders = new(ReferenceEqualityComparer.Instance); // how many kept sessions hold a part
    private long _heldBytes, _clock;
    private bool _disposed;

    /// <summary>An empty cache for sessions of <paramref name="model"/>.</summary>
    /// <param name="model">The model; it must outlive the cache.</param>
    /// <param name="budgetBytes">Most bytes that kept sessions may take together; 0 keeps none.</param>
    public PrefixCache(QwenModel model, long budgetBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(budgetBytes);
        (Model, BudgetBytes) = (model, budgetBytes);
    }

    /// <summary>The model whose sessions it keeps.</summary>
    public QwenModel Model { get; }

    /// <summary>Most bytes that kept sessions may take together.</summary>
    public long BudgetBytes { get; }

    /// <summary>Bytes that kept sessions take together now, what they share with each other counted once; what they share with sessions in use is counted too.</summary>
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
    public bool Add(Session session, bool passing = false)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Model != Model) throw new ArgumentException("The session belongs to another model.", nameof(session));
        if (session.Position == 0) return false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Entry? entry = _entries.Find(kept => kept.Session.Position == session.Position && IsSameShape(kept.Session, session.Plan) && kept.Session.Tokens.SequenceEqual(session.Tokens));
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

    /// <summary>A session that has read as much of the beginning of a prompt as any kept one, and at least one token less than all of it; the caller's own.</summary>
    /// <param name="prompt">All ids of the text, from its first. What is left to feed begins at <see cref="Session.Position"/>: as many were reused.</param>
    /// <param name="options">What the session is to keep; sessions that keep something else are not looked at.</param>
    public Session Take(ReadOnlySpan<int> prompt, SessionOptions? options = null)
    {
        SessionPlan plan = Model.Plan(options);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Entry? best = null;
            foreach (Entry kept in _entries)
            {
                long position = kept.Session.Position;
                if (position >= prompt.Length || position <= (best?.Session.Position ?? 0)) continue;
                if (IsSameShape(kept.Session, plan) && prompt.StartsWith(kept.Session.Tokens)) best = kept;
            }
            if (best is not null)
            {
                best.LastUsed = ++_clock;
                return best.Session.Fork();
            }
        }
        return Model.CreateSession(options);
    }

    /// <summary>Forgets all kept sessions.</summary>
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

    private static bool IsSameShape(Session kept, SessionPlan plan) =>
        (kept.Mode, kept.Window, kept.Sinks, kept.Kv, kept.Plan.ContextTokens) == (plan.Mode, plan.Window, plan.Sinks, plan.Kv, plan.ContextTokens);

    private void Drop(Entry entry)
    {
        _entries.Remove(entry);
        Hold(entry.Session, -1);
        entry.Session.Dispose();
    }

    private void Hold(Session session, int change)
    {
        foreach ((object part, long bytes) in session.Parts)
        {
            int holders = _holders.GetValueOrDefault(part) + change;
            if (holders > 0) _holders[part] = holders;
            else _holders.Remove(part);
            if (change > 0 ? holders == 1 : holders == 0) _heldBytes += change * bytes;
        }
    }

    private sealed class Entry(Session session, bool isPassing)
    {
        public Session Session { get; } = session;

        public bool IsPassing { get; set; } = isPassing;

        public long LastUsed { get; set; }
    }
}
