using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using static AhnSharp.Constraints.Grammar;

namespace AhnSharp.Constraints;

/// <summary>
/// The automaton of a grammar, made as texts reach its places: a place is a set of readings, equal sets are one place, and every step
/// is worked out once.
/// </summary>
/// <remarks>
/// A table may be open: its stacks are cut, and its counters hold "at least so many" (from <see cref="Unknown"/> on). A reading that goes
/// below the cut, or counts down to what is not known, or nests too deep, sets MayEnd and is dropped: what follows cannot be said here.
/// Not for two threads.
/// </remarks>
internal sealed class ConfigTable(Grammar grammar, int depthLimit)
{
    /// <summary>Frames on a stack at most. JSON takes two or three a level.</summary>
    public const int MaxDepth = 1024;

    /// <summary>Ways to read a text that are followed at once. Beyond, further ones are left out: what is allowed stays right.</summary>
    public const int MaxReadings = 4096;

    /// <summary>From here on a counter is not known: Unknown + k means more than k.</summary>
    public const int Unknown = 1 << 30;

    /// <summary>The place from which nothing is allowed.</summary>
    public const int Dead = 0;

    private const int NotMade = -1;

    private readonly Dictionary<(int Target, int Need, int Most, int Parent), Frame> _frames = [];
    private readonly Dictionary<Config, Config> _ids = [];
    private readonly List<Config> _configs = [];
    private readonly HashSet<(int State, int Frame)> _seen = [];
    private readonly Stack<Config.Reading> _work = new();
    private readonly List<Config.Reading> _waiting = [];
    private readonly int _classes = grammar.Classes.Length;
    private int[] _next = [];
    private Ways[] _ways = [];
    private bool _mayEnd;

    public Grammar Grammar => grammar;
    public int Count => _configs.Count;

    /// <summary>Steps that were worked out: each costs as much as some thirty that were known.</summary>
    public int Transitions { get; private set; }

    /// <summary>What it holds, in the unit of 4 bytes, about.</summary>
    public long Weight => (long)_configs.Count * (_classes + 16) + _frames.Count * 24L;

    public Config this[int id] => _configs[id];

    /// <summary>Whether a place has readings that go on, and whether the text may end there: what a walk asks at every node.</summary>
    [Flags]
    internal enum Ways : byte { None = 0, GoOn = 1, End = 2 }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Ways WaysOf(int config) => _ways[config];

    public Config Start()
    {
        if (_configs.Count == 0) Made();
        Begin();
        Enter(grammar.StartState, null);
        return Finish();
    }

    /// <summary>The place behind a byte of a class.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Step(int config, int byteClass)
    {
        int next = _next[config * _classes + byteClass];
        return next != NotMade ? next : Make(config, byteClass);
    }

    /// <summary>The place of readings whose frames belong to another table, with stacks cut above <paramref name="cut"/>.</summary>
    /// <param name="readings">The readings.</param>
    /// <param name="mayEnd">Whether the text may end there.</param>
    /// <param name="cut">The frame that all of them have, and that is not taken over; null takes over all.</param>
    /// <param name="known">Counters beyond this are taken over as "more than"; <see cref="Endless"/> takes them over as they are.</param>
    /// <param name="widened">A loop that is taken over as if it had more than <paramref name="known"/> times left.</param>
    public Config Import(ReadOnlySpan<Config.Reading> readings, bool mayEnd, Frame? cut, int known, Frame? widened = null)
    {
        if (_configs.Count == 0) Made();
        Begin();
        _mayEnd = mayEnd;
        Dictionary<Frame, Frame?> moved = [];
        foreach (Config.Reading reading in readings)
        {
            Config.Reading here = new(reading.State, Move(reading.Stack, cut, known, widened, moved));
            if (_seen.Add((here.State, here.Stack?.Id ?? 0))) _waiting.Add(here);
        }
        return Finish();
    }

    private Frame? Move(Frame? frame, Frame? cut, int known, Frame? widened, Dictionary<Frame, Frame?> moved)
    {
        if (frame is null || ReferenceEquals(frame, cut)) return null;
        if (moved.TryGetValue(frame, out Frame? here)) return here;
        static int Clamp(int value, int known) => value > known && value < Unknown ? Unknown + known : value;
        int most = ReferenceEquals(frame, widened) ? Unknown + known : Clamp(frame.Most, known);
        here = Push(frame.Target, Clamp(frame.Need, known), most, frame.Kind, Move(frame.Parent, cut, known, widened, moved));
        moved.Add(frame, here);
        return here;
    }

    private int Make(int config, int byteClass)
    {
        Transitions++;
        Begin();
        byte value = grammar.Classes[byteClass];
        foreach (Config.Reading reading in _configs[config].Readings)
        {
            if (grammar.IsWide(reading.State))
            {
                foreach (int to in grammar.TargetsOf(reading.State)[byteClass] ?? []) Enter(to, reading.Stack);
                continue;
            }
            foreach (Edge edge in grammar.Edges[reading.State])
            {
                if (edge.Kind == EdgeKind.Byte && edge.First <= value && value <= edge.Last) Enter(edge.To, reading.Stack);
            }
        }
        int next = Finish().Id;
        _next[config * _classes + byteClass] = next;
        return next;
    }

    private void Begin()
    {
        _seen.Clear();
        _work.Clear();
        _waiting.Clear();
        _mayEnd = false;
    }

    private Config Finish()
    {
        while (_work.TryPop(out Config.Reading reading)) Expand(reading.State, reading.Stack);
        if (_waiting.Count > MaxReadings) _waiting.RemoveRange(MaxReadings, _waiting.Count - MaxReadings);
        if (_waiting.Count > 1)
        {
            _waiting.Sort(static (a, b) =>
                a.State != b.State ? a.State.CompareTo(b.State) : (a.Stack?.Id ?? 0).CompareTo(b.Stack?.Id ?? 0));
        }
        return Made();
    }

    private Config Made()
    {
        Config config = new([.. _waiting], _mayEnd);
        if (_ids.TryGetValue(config, out Config? known)) return known;
        config.Id = _configs.Count;
        _configs.Add(config);
        _ids.Add(config, config);
        int classes = _classes, used = config.Id * classes;
        if (_next.Length < used + classes) Array.Resize(ref _next, Math.Max(64 * classes, 2 * _next.Length));
        if (_ways.Length <= config.Id) Array.Resize(ref _ways, Math.Max(64, 2 * _ways.Length));
        _ways[config.Id] = (config.Readings.Length > 0 ? Ways.GoOn : 0) | (config.MayEnd ? Ways.End : 0);
        _next.AsSpan(used, classes).Fill(config.Readings.Length == 0 ? Dead : NotMade);
        return config;
    }

    private void Enter(int state, Frame? stack)
    {
        int needs = grammar.Needs[state];
        if (needs == Endless) return;
        if ((stack?.Depth ?? 0) + needs > depthLimit)
        {
            // Of cut stacks nobody knows how deep they are below.
            if (depthLimit < MaxDepth) _mayEnd = true;
            return;
        }
        if (grammar.Least[state] > 0 && IsTooFew(stack!.Most, grammar.Least[state])) return;
        if (_seen.Count < 8 * MaxReadings && _seen.Add((state, stack?.Id ?? 0))) _work.Push(new Config.Reading(state, stack));
    }

    private void Expand(int state, Frame? stack)
    {
        Edge[] edges = grammar.Edges[state];
        if (edges.Length == 0)
        {
            Return(stack);
            return;
        }
        bool waits = false;
        foreach (Edge edge in edges)
        {
            switch (edge.Kind)
            {
                case EdgeKind.Byte:
                    waits |= grammar.Needs[edge.To] != Endless;
                    break;
                case EdgeKind.Empty:
                    Enter(edge.To, stack);
                    break;
                case EdgeKind.Call:
                    Entry rule = grammar.Rules[edge.Rule];
                    if (grammar.Needs[edge.To] == Endless) break;
                    bool last = grammar.IsEnd(edge.To) && rule.Kind != FrameKind.Apart;
                    Enter(rule.Start, last ? stack : Push(edge.To, 0, 0, rule.Kind, stack));
                    break;
                case EdgeKind.Loop:
                    if (grammar.Needs[edge.To] == Endless) break;
                    Loop(edge.Rule, edge.Min, edge.Max, grammar.IsEnd(edge.To) ? stack : Push(edge.To, 0, 0, FrameKind.Usual, stack));
                    break;
                default:
                    Loop(edge.Rule, stack!.Need, stack.Most, stack.Parent);
                    break;
            }
        }
        if (waits) _waiting.Add(new Config.Reading(state, stack));
    }

    private void Return(Frame? stack)
    {
        if (stack is null) _mayEnd = true;
        else if (stack.Target >= 0) Enter(stack.Target, stack.Parent);
        else Loop(~stack.Target, stack.Need, stack.Most, stack.Parent);
    }

    // At the head of a loop, which may be left, or gone round once more.
    private void Loop(int rule, int need, int most, Frame? stack)
    {
        Entry body = grammar.Rules[rule];
        if (need == Unknown || most == Unknown)
        {
            _mayEnd = true;
            return;
        }
        if (IsTooFew(most, body.Distance)) return;
        if (need == 0 && body.MayStop) Return(stack);
        if (most == 0) return;
        Enter(body.Start, Push(~rule, Math.Max(0, need - 1), most == Endless ? Endless : most - 1, body.Kind, stack));
    }

    // Whether so many times are too few; where that is not known, what follows cannot be said here. Unknown + k is more than k.
    private bool IsTooFew(int most, int least)
    {
        if (most < Unknown || most == Endless) return most < least;
        bool unknown = least > most - Unknown;
        _mayEnd |= unknown;
        return unknown;
    }

    private Frame Push(int target, int need, int most, FrameKind kind, Frame? parent)
    {
        (int, int, int, int) key = (target, need, most, parent?.Id ?? 0);
        if (_frames.TryGetValue(key, out Frame? frame)) return frame;
        frame = new Frame(_frames.Count + 1, target, need, most, kind, parent);
        _frames.Add(key, frame);
        return frame;
    }
}
