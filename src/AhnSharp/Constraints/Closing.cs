using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using static AhnSharp.Constraints.ShortestText;

namespace AhnSharp.Constraints;

/// <summary>
/// How much it still takes, from a place, to make the text whole: the bytes of the shortest end, and the fewest tokens that spell it.
/// </summary>
/// <remarks>
/// Of several readings the best counts. The end of a reading is the shortest text of its state, and behind it those of the calls around
/// it, each of which is worked out once: the tokens of an end from each of its bytes on are known from the right to the left, so what lies
/// around is shared by all that stands in it. An end is followed by its own rest, so a place that takes n tokens has a token behind which
/// it takes n − 1. Where the depth of calls leaves no room for the shortest way, the bytes of the flattest are counted. Not for two
/// threads.
/// </remarks>
internal sealed class Closing(Grammar grammar, VocabularyIndex index)
{
    // Together some 20 MB, then all is worked out anew.
    private const int MaxBytes = 1 << 20, MaxPlaces = 20_000;

    // Bytes of ends whose tokens are worked out for one mask: some 40 ms.
    private const int MaxEnds = 200_000;

    private readonly int[] _configs = new int[index.MaxLength + 1];
    private readonly Dictionary<Frame, Tail?> _behind = [];
    private readonly Dictionary<int, (long Count, int First)> _places = [];
    private readonly Dictionary<int, long> _alone = [];
    private readonly Dictionary<(int Node, byte Value), int> _children = [];
    private int _bytes;
    private long _spelled;

    /// <summary>Bytes of the shortest end.</summary>
    public long Bytes(Config config)
    {
        if (config.BytesToEnd >= 0) return config.BytesToEnd;
        long fewest = config.MayEnd ? 0 : ShortestWays.Far;
        foreach (Config.Reading reading in config.MayEnd ? [] : config.Readings)
        {
            long here = BytesFrom(reading.State, reading.Stack?.Depth ?? 0);
            fewest = Math.Min(fewest, ShortestWays.Sum(here, BytesBehind(reading.Stack)));
        }
        return config.BytesToEnd = fewest;
    }

    /// <summary>The fewest tokens of an end, and the first of them (−1: none; the text is whole).</summary>
    public (long Count, int First) Tokens(Config config)
    {
        if (config.MayEnd) return (0, -1);
        if (_places.TryGetValue(config.Id, out (long Count, int First) known)) return known;
        (long Count, int First) best = (ShortestWays.Far, -1);
        foreach (Config.Reading reading in config.Readings)
        {
            Tail? behind = Behind(reading.Stack);
            if (From(reading.State, reading.Stack?.Depth ?? 0, behind) is not { } tail || tail.Start >= best.Count) continue;
            int first = tail.Text.Length > 0 ? Best(tail, 0).First : FirstByte(reading.State, reading.Stack?.Depth ?? 0);
            // Where the way does not begin with a byte, the reading that waits behind what it begins with is another one here.
            if (first >= 0) best = (tail.Start, first);
        }
        if (_places.Count >= MaxPlaces) _places.Clear();
        _places.Add(config.Id, best);
        return best;
    }

    /// <summary>Whether so many tokens make the text whole.</summary>
    public bool CanEnd(Config config, long tokens)
    {
        if (tokens < 0) return false;
        long bytes = Bytes(config);
        if (bytes <= tokens && index.HasAllBytes) return true;
        return bytes <= tokens * index.MaxLength && Tokens(config).Count <= tokens;
    }

    /// <summary>Sets the bits of the tokens of text behind which so many make it whole.</summary>
    /// <returns>Steps through the tree of the vocabulary.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Allow(ulong[] mask, ConfigTable table, Config start, long tokens)
    {
        int steps = 0;
        _configs[0] = start.Id;
        VocabularyIndex.Node[] nodes = index.Nodes;
        long most = _spelled + MaxEnds;
        (int Config, bool Can) last = (ConfigTable.Dead, false);
        for (int i = 0; i < nodes.Length;)
        {
            ref readonly VocabularyIndex.Node node = ref nodes[i];
            int at = table.Step(_configs[node.Depth - 1], grammar.ClassOf[node.Value]);
            steps++;
            if (at == ConfigTable.Dead)
            {
                i = node.End;
                continue;
            }
            _configs[node.Depth] = at;
            i++;
            if (node.Token < 0) continue;
            // Where ends are many and long, a token may be left out: the first of a shortest end never is.
            if (at != last.Config)
                last = (at, _spelled <= most ? CanEnd(table[at], tokens) : index.HasAllBytes && Bytes(table[at]) <= tokens);
            if (last.Can) index.Set(mask, node.Token);
        }
        if (Tokens(start) is (var count, var first) && first >= 0 && count - 1 <= tokens) index.Set(mask, first);
        return steps;
    }

    private bool Fits(int state, int depth) => depth + grammar.Shortest.Frames(state) <= ConfigTable.MaxDepth;

    private long BytesFrom(int state, int depth) => (Fits(state, depth) ? grammar.Shortest : grammar.Flattest).Bytes(state);

    private int FirstByte(int state, int depth)
    {
        ShortestWays ways = Fits(state, depth) ? grammar.Shortest : grammar.Flattest;
        return ways.Next(state) is { Kind: Grammar.EdgeKind.Byte } edge && Child(-1, ShortestWays.ByteOf(edge)) is var node and >= 0
            ? index.Nodes[node].Token : -1;
    }

    private long BytesBehind(Frame? top)
    {
        Stack<Frame> unknown = new();
        Frame? frame = top;
        for (; frame is { BytesToEnd: < 0 }; frame = frame.Parent) unknown.Push(frame);
        long behind = frame?.BytesToEnd ?? 0;
        while (unknown.TryPop(out Frame? next))
        {
            long own = next.Target >= 0
                ? BytesFrom(next.Target, next.Depth - 1)
                : ShortestWays.Product(next.Need, next.Need == 0 ? 0 : BytesFrom(grammar.Rules[~next.Target].Start, next.Depth));
            next.BytesToEnd = behind = ShortestWays.Sum(own, behind);
        }
        return behind;
    }

    private Tail? Behind(Frame? top)
    {
        Stack<Frame> unknown = new();
        Tail? behind = null;
        Frame? frame = top;
        if (_bytes > MaxBytes)
        {
            _behind.Clear();
            _bytes = 0;
        }
        for (; frame is not null && !_behind.TryGetValue(frame, out behind); frame = frame.Parent) unknown.Push(frame);
        if (frame is null) behind = null;
        while (unknown.TryPop(out Frame? next))
        {
            if (next.Target >= 0) behind = From(next.Target, next.Depth - 1, behind);
            else if (next.Need > 0) behind = Loop(~next.Target, next.Need, next.Depth, behind);
            _behind.Add(next, behind);
            _bytes += 16;
        }
        return behind;
    }

    private Tail? From(int state, int depth, Tail? behind) => Fits(state, depth)
        ? Over(ShortestText.From(grammar, grammar.Shortest, state), behind)
        : Counted(grammar.Flattest.Bytes(state), behind);

    private Tail? Loop(int rule, long times, int depth, Tail? behind)
    {
        Grammar.Entry body = grammar.Rules[rule];
        if (!Fits(body.Start, depth)) return Counted(ShortestWays.Product(times, grammar.Flattest.Bytes(body.Start)), behind);
        if (IsCounted(grammar.Shortest, body, times)) return Counted(ShortestWays.Product(times, Alone(rule)), behind);
        Segment[] text = ShortestText.From(grammar, grammar.Shortest, body.Start);
        for (long i = 0; i < times; i++) behind = Over(text, behind);
        return behind;
    }

    private Tail? Over(Segment[] segments, Tail? behind)
    {
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            (byte[] text, int rule, long times) = segments[i];
            behind = rule switch
            {
                Segment.Written => Spelled(text, behind),
                Segment.Unwritten => Counted(times, behind),
                _ => Counted(ShortestWays.Product(times, Alone(rule)), behind),
            };
        }
        return behind;
    }

    // Tokens of a rule's shortest text between others that they share no token with.
    private long Alone(int rule)
    {
        if (_alone.TryGetValue(rule, out long tokens)) return tokens;
        tokens = Over(ShortestText.From(grammar, grammar.Shortest, grammar.Rules[rule].Start), null)?.Start ?? 0;
        _alone.Add(rule, tokens);
        return tokens;
    }

    private static Tail Counted(long tokens, Tail? behind) => new([], null) { Tokens = [ShortestWays.Sum(tokens, behind?.Start ?? 0)] };

    private Tail Spelled(byte[] text, Tail? behind)
    {
        Tail tail = new(text, behind) { Tokens = new long[text.Length] };
        for (int at = text.Length - 1; at >= 0; at--) tail.Tokens[at] = Best(tail, at).Count;
        _spelled += text.Length;
        _bytes += text.Length * 9 + 64;
        return tail;
    }

    // The token that is best at a byte of an end; it may reach into what lies behind.
    private (long Count, int First) Best(Tail tail, int at)
    {
        (long Count, int First) best = (ShortestWays.Far, -1);
        int node = -1;
        while ((node = Child(node, tail.Text[at])) >= 0)
        {
            at++;
            bool over = at == tail.Text.Length;
            long rest = over ? tail.Behind?.Start ?? 0 : tail.Tokens[at];
            int token = index.Nodes[node].Token;
            if (token >= 0 && rest + 1 < best.Count) best = (rest + 1, token);
            if (!over) continue;
            if (tail.Behind is not { Text.Length: > 0 } next) break;
            (tail, at) = (next, 0);
        }
        return best;
    }

    private int Child(int parent, byte value)
    {
        if (_children.TryGetValue((parent, value), out int child)) return child;
        VocabularyIndex.Node[] nodes = index.Nodes;
        int end = parent < 0 ? nodes.Length : nodes[parent].End;
        for (child = parent + 1; child < end && nodes[child].Value < value; child = nodes[child].End) { }
        if (child >= end || nodes[child].Value != value) child = -1;
        _children.Add((parent, value), child);
        return child;
    }

    /// <summary>The end of a text, as bytes, with the fewest tokens from each of them to the very end; without bytes where they are only
    /// counted.</summary>
    private sealed class Tail(byte[] text, Tail? behind)
    {
        public byte[] Text => text;
        public Tail? Behind => behind;
        public required long[] Tokens { get; init; }
        public long Start => Tokens[0];
    }
}
