using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace AhnSharp.Constraints;

/// <summary>A deterministic automaton over characters. State 0 is the start; every state can still reach an end.</summary>
internal sealed class CharDfa
{
    /// <summary>States and ranges at most, so that no pattern costs more than some hundred milliseconds.</summary>
    public const int MaxStates = 8_000;
    private const int MaxWork = 4_000_000;

    private readonly List<(int First, int Last, int To)[]> _edges = [];
    private readonly List<bool> _ends = [];

    private CharDfa() { }

    public int Count => _edges.Count;

    /// <summary>Whether it accepts no text at all.</summary>
    public bool IsEmpty => !_ends.Contains(true);

    public bool IsEnd(int state) => _ends[state];

    public ReadOnlySpan<(int First, int Last, int To)> Edges(int state) => _edges[state];

    /// <summary>All states that are reached from <paramref name="start"/>.</summary>
    public static CharDfa Explore<T>(T start, Func<T, IEnumerable<(int First, int Last, T To)>> edges, Func<T, bool> ends)
        where T : notnull
    {
        Dictionary<T, int> ids = new() { [start] = 0 };
        List<T> states = [start];
        CharDfa dfa = new();
        int work = 0;
        for (int i = 0; i < states.Count; i++)
        {
            List<(int First, int Last, int To)> row = [];
            foreach ((int first, int last, T to) in edges(states[i]))
            {
                if (!ids.TryGetValue(to, out int id))
                {
                    ids.Add(to, id = states.Count);
                    states.Add(to);
                }
                if (states.Count > MaxStates || ++work > MaxWork) throw TooLarge();
                if (row.Count > 0 && row[^1].To == id && row[^1].Last + 1 == first) row[^1] = (row[^1].First, last, id);
                else row.Add((first, last, id));
            }
            dfa._edges.Add([.. row]);
            dfa._ends.Add(ends(states[i]));
        }
        return dfa.Trimmed();
    }

    public static CharDfa Words(IEnumerable<string> words)
    {
        List<SortedDictionary<int, int>> children = [[]];
        List<bool> ends = [false];
        foreach (string word in words)
        {
            int at = 0;
            foreach (Rune rune in word.EnumerateRunes())
            {
                if (!children[at].TryGetValue(rune.Value, out int next))
                {
                    children[at].Add(rune.Value, next = children.Count);
                    children.Add([]);
                    ends.Add(false);
                }
                at = next;
            }
            ends[at] = true;
        }
        CharDfa dfa = new();
        foreach (SortedDictionary<int, int> row in children) dfa._edges.Add([.. row.Select(edge => (edge.Key, edge.Key, edge.Value))]);
        dfa._ends.AddRange(ends);
        return dfa;
    }

    /// <summary>The texts of <paramref name="min"/> to <paramref name="max"/> characters.</summary>
    public static CharDfa Lengths(int min, int? max)
    {
        if (Math.Max(min, max ?? 0) >= MaxStates) throw TooLarge();
        int last = max ?? min;
        return Explore(
            0,
            length => max is null || length < max
                ? CharSet.All.Ranges.ToArray().Select(range => (range.First, range.Last, Math.Min(length + 1, last)))
                : [],
            length => length >= min);
    }

    public CharDfa Intersect(CharDfa other) => Explore(
        (0, 0),
        pair => Product(_edges[pair.Item1], other._edges[pair.Item2]),
        pair => _ends[pair.Item1] && other._ends[pair.Item2]);

    public CharDfa Complement() => Explore(
        0,
        state => Filled(state < 0 ? [] : _edges[state]),
        state => state < 0 || !_ends[state]);

    public bool Matches(string text)
    {
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int next = -1;
            foreach ((int first, int last, int to) in _edges[at])
            {
                if (first <= rune.Value && rune.Value <= last) next = to;
            }
            if (next < 0) return false;
            at = next;
        }
        return _ends[at];
    }

    /// <summary>Per state the characters that must still come.</summary>
    public int[] Distances()
    {
        int[] distances = new int[Count];
        Array.Fill(distances, int.MaxValue);
        List<int>[] sources = Sources();
        Queue<int> work = new(Enumerable.Range(0, Count).Where(state => _ends[state]));
        foreach (int end in work) distances[end] = 0;
        while (work.TryDequeue(out int state))
        {
            foreach (int source in sources[state] ?? [])
            {
                if (distances[source] != int.MaxValue) continue;
                distances[source] = distances[state] + 1;
                work.Enqueue(source);
            }
        }
        return distances;
    }

    private List<int>[] Sources()
    {
        List<int>[] sources = new List<int>[Count];
        for (int state = 0; state < Count; state++)
        {
            foreach ((_, _, int to) in _edges[state]) (sources[to] ??= []).Add(state);
        }
        return sources;
    }

    public static ConstraintException TooLarge() =>
        new($"Expected an automaton of at most {MaxStates} states, found more: use smaller bounds or a simpler pattern.");

    private static IEnumerable<(int, int, (int, int))> Product((int First, int Last, int To)[] one, (int First, int Last, int To)[] two)
    {
        for (int i = 0, j = 0; i < one.Length && j < two.Length;)
        {
            int first = Math.Max(one[i].First, two[j].First), last = Math.Min(one[i].Last, two[j].Last);
            if (first <= last) yield return (first, last, (one[i].To, two[j].To));
            if (one[i].Last < two[j].Last) i++;
            else j++;
        }
    }

    // State −1 is where everything that the automaton has no edge for goes.
    private static List<(int, int, int)> Filled((int First, int Last, int To)[] edges)
    {
        List<(int, int, int)> filled = [.. edges.Select(edge => (edge.First, edge.Last, edge.To))];
        CharSet taken = CharSet.Of([.. edges.Select(edge => (edge.First, edge.Last))]);
        foreach ((int first, int last) in taken.Complement().Ranges) filled.Add((first, last, -1));
        filled.Sort();
        return filled;
    }

    private CharDfa Trimmed()
    {
        List<int>[] sources = Sources();
        bool[] alive = [.. _ends];
        Stack<int> work = new(Enumerable.Range(0, Count).Where(state => alive[state]));
        while (work.TryPop(out int state))
        {
            foreach (int source in sources[state] ?? [])
            {
                if (alive[source]) continue;
                alive[source] = true;
                work.Push(source);
            }
        }
        int[] renamed = new int[Count];
        CharDfa trimmed = new();
        for (int state = 0, next = 0; state < Count; state++) renamed[state] = alive[state] || state == 0 ? next++ : -1;
        for (int state = 0; state < Count; state++)
        {
            if (renamed[state] < 0) continue;
            trimmed._edges.Add([.. _edges[state].Where(edge => alive[edge.To]).Select(edge => (edge.First, edge.Last, renamed[edge.To]))]);
            trimmed._ends.Add(_ends[state]);
        }
        return trimmed;
    }
}
