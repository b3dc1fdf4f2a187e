using System;
using System.Collections.Generic;
using System.Threading;

namespace AhnSharp.Constraints;

/// <summary>Masks of one grammar over one vocabulary, for all answers that are held to it; for any number of threads.</summary>
/// <remarks>
/// A mask is made in two steps. The stacks of a place are cut above the last frame that all its readings share, and long counters are cut
/// to "many": for such a cut place the tree of the vocabulary is walked once, and most tokens are decided for every place that is cut to
/// the same. Only tokens that leave the frame are walked again with the whole stack.
/// </remarks>
internal sealed class MaskEngine(Grammar grammar, VocabularyIndex index)
{
    // In units of 4 bytes: 32 MB a grammar and vocabulary at the most, then all is made anew.
    private const long MaxWeight = 8 << 20;
    private const int MaxMasks = 64;

    private readonly Lock _turn = new();
    private readonly Dictionary<Config, ulong[]> _masks = [];
    private readonly Queue<Config> _order = new();
    private readonly int[] _configs = new int[index.MaxLength + 1];
    private ConfigTable _table = new(grammar, ConfigTable.MaxDepth);
    private LocalWalk _local = new(grammar, index);
    private Closing _closing = new(grammar, index);
    private int _walks, _made;
    private long _work;

    public VocabularyIndex Index => index;

    /// <summary>How many masks were made and how many trees walked for them: for tests and measurements.</summary>
    public (int Masks, int Walks) Made => (_made, _walks + _local.Walks);

    /// <summary>Steps through the tree of the vocabulary so far, of about ten nanoseconds; one that was not known counts thirty.</summary>
    public long Work => _work + _local.Work + 30L * _table.Transitions;

    public Place Start()
    {
        lock (_turn) return new Place(_table, _table.Start());
    }

    /// <summary>The place behind a token; null where it is not allowed.</summary>
    public Place? Step(Place place, int id) => index.IsText(id) ? Step(place, index.Tokenizer.BytesOf(id)) : null;

    /// <summary>The place behind bytes; null where they are not allowed.</summary>
    public Place? Step(Place place, ReadOnlySpan<byte> bytes)
    {
        lock (_turn)
        {
            int at = Current(place).Id;
            foreach (byte value in bytes)
            {
                at = _table.Step(at, grammar.ClassOf[value]);
                if (at == ConfigTable.Dead) return null;
            }
            return new Place(_table, _table[at]);
        }
    }

    public ulong[] Mask(Place place)
    {
        lock (_turn)
        {
            Config config = Current(place);
            if (_masks.TryGetValue(config, out ulong[]? mask)) return mask;
            mask = Make(config);
            if (_masks.Count >= MaxMasks && _order.TryDequeue(out Config? oldest)) _masks.Remove(oldest);
            _masks.Add(config, mask);
            _order.Enqueue(config);
            return mask;
        }
    }

    /// <summary>Bytes of the shortest text that makes the answer whole.</summary>
    public long BytesToEnd(Place place)
    {
        lock (_turn) return _closing.Bytes(Current(place));
    }

    /// <summary>Tokens of the shortest text that makes the answer whole.</summary>
    public long TokensToEnd(Place place)
    {
        lock (_turn) return _closing.Tokens(Current(place)).Count;
    }

    /// <summary>Whether so many tokens make the answer whole.</summary>
    public bool CanEnd(Place place, long tokens)
    {
        lock (_turn) return _closing.CanEnd(Current(place), tokens);
    }

    /// <summary>The mask of the tokens behind which so many make the answer whole.</summary>
    public ulong[] EndingMask(Place place, long tokens)
    {
        lock (_turn)
        {
            Config config = Current(place);
            ulong[] mask = new ulong[index.Words];
            if (config.MayEnd)
            {
                foreach (int id in index.Ends) Set(mask, id);
            }
            _work += _closing.Allow(mask, _table, config, tokens);
            return mask;
        }
    }

    // Tables grow with the texts they have seen. One that is too large is left to the answers that still hold a place of it.
    private Config Current(Place place)
    {
        if (_table.Weight + _local.Weight > MaxWeight)
        {
            _work += 30L * _table.Transitions;
            _table = new ConfigTable(grammar, ConfigTable.MaxDepth);
            _walks += _local.Walks;
            _work += _local.Work;
            _local = new LocalWalk(grammar, index);
            _closing = new Closing(grammar, index);
            _masks.Clear();
            _order.Clear();
        }
        if (ReferenceEquals(place.Table, _table)) return place.Config;
        Config moved = _table.Import(place.Config.Readings, place.Config.MayEnd, cut: null, Grammar.Endless);
        place.Move(_table, moved);
        return moved;
    }

    private ulong[] Make(Config config)
    {
        _made++;
        ulong[] mask = new ulong[index.Words];
        if (config.MayEnd)
        {
            foreach (int id in index.Ends) Set(mask, id);
        }
        if (config.Readings.Length == 0) return mask;
        if (config.Depth > ConfigTable.MaxDepth / 2)
        {
            // Near the limit of depth what the cut stack allows may be too deep for the whole one.
            WalkWhole(mask, config, 0, index.Nodes.Length);
            return mask;
        }
        // A token is allowed where one of the readings allows it, so parts of them may be asked one by one.
        Frame? cut = CutOf(config.Readings);
        List<Config.Reading> rest = [];
        Dictionary<Frame, List<Config.Reading>> apart = [];
        foreach (Config.Reading reading in config.Readings)
        {
            if (ApartFrame(reading.Stack, cut) is not Frame frame) rest.Add(reading);
            else if (apart.TryGetValue(frame, out List<Config.Reading>? same)) same.Add(reading);
            else apart.Add(frame, [reading]);
        }
        if (apart.Count == 0)
        {
            Add(mask, config, cut);
            return mask;
        }
        foreach ((Frame frame, List<Config.Reading> readings) in apart) Add(mask, PartOf(readings), CutOf([.. readings]) ?? frame);
        if (rest.Count > 0) Add(mask, PartOf(rest), CutOf([.. rest]));
        return mask;
    }

    private Config PartOf(List<Config.Reading> readings) =>
        _table.Import([.. readings], mayEnd: false, cut: null, Grammar.Endless);

    private void Add(ulong[] mask, Config config, Frame? cut)
    {
        LocalMask local = _local.Of(config, cut);
        if (local.Many is not null)
        {
            for (int i = 0; i < mask.Length; i++) mask[i] |= local.Many[i];
        }
        foreach (int id in local.Few ?? []) Set(mask, id);
        Decide(mask, config, local.Stops);
    }

    private static Frame? CutOf(ReadOnlySpan<Config.Reading> readings)
    {
        Frame? cut = readings[0].Stack;
        foreach (Config.Reading reading in readings) cut = Shared(cut, reading.Stack);
        // A frame whose callee is a single character says nothing: the part of the text is around it.
        while (cut is { Shallow: true }) cut = cut.Parent;
        return cut;
    }

    // The lowest frame above the cut whose rule is looked at apart.
    private static Frame? ApartFrame(Frame? stack, Frame? cut)
    {
        Frame? found = null;
        for (Frame? frame = stack; frame is not null && !ReferenceEquals(frame, cut); frame = frame.Parent)
        {
            if (frame.Kind == FrameKind.Apart) found = frame;
        }
        return found;
    }

    private static Frame? Shared(Frame? a, Frame? b)
    {
        while (a is not null && b is not null && !ReferenceEquals(a, b))
        {
            if (a.Depth >= b.Depth) a = a.Parent;
            else b = b.Parent;
        }
        return a is null || b is null ? null : a;
    }

    private void Decide(ulong[] mask, Config config, LocalMask.Stop[] stops)
    {
        _configs[0] = config.Id;
        for (int i = 0; i < stops.Length;)
        {
            LocalMask.Stop stop = stops[i];
            ref readonly VocabularyIndex.Node node = ref index.Nodes[stop.Node];
            int at = _table.Step(_configs[node.Depth - 1], grammar.ClassOf[node.Value]);
            _work++;
            _configs[node.Depth] = at;
            if (at == ConfigTable.Dead)
            {
                i = stop.Next;
                continue;
            }
            if (stop.Whole)
            {
                if (node.Token >= 0) index.Set(mask, node.Token);
                WalkWhole(mask, null, stop.Node + 1, node.End);
            }
            i++;
        }
    }

    // Nodes begin … end − 1 with the whole stack; without a place to start from, the places on the way to them are known.
    private void WalkWhole(ulong[] mask, Config? start, int begin, int end)
    {
        if (start is not null) _configs[0] = start.Id;
        VocabularyIndex.Node[] nodes = index.Nodes;
        byte[] classOf = grammar.ClassOf;
        for (int i = begin; i < end;)
        {
            ref readonly VocabularyIndex.Node node = ref nodes[i];
            int at = _table.Step(_configs[node.Depth - 1], classOf[node.Value]);
            _work++;
            if (at == ConfigTable.Dead)
            {
                i = node.End;
                continue;
            }
            _configs[node.Depth] = at;
            if (node.Token >= 0) index.Set(mask, node.Token);
            i++;
        }
    }

    private static void Set(ulong[] mask, int id) => mask[id >> 6] |= 1UL << id;
}
