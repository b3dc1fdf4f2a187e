using System;
using System.Collections.Generic;
using System.Numerics;
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
    // Counters up to this are kept: beyond, a token with more characters than this is decided with the whole stack. Few are longer.
    private const int KnownCount = 32;

    // In units of 4 bytes: 32 MB a grammar and vocabulary at the most, then all is made anew.
    private const long MaxWeight = 8 << 20;
    private const int MaxMasks = 64;
    private const int MaxFew = 512;

    private readonly Lock _turn = new();
    private readonly Dictionary<int, LocalMask> _localMasks = [];
    private readonly Dictionary<Config, ulong[]> _masks = [];
    private readonly Queue<Config> _order = new();
    private readonly int[] _configs = new int[index.MaxLength + 1];
    private readonly int[] _path = new int[index.MaxLength + 1];
    private readonly bool[] _leaves = new bool[index.MaxLength + 1];
    private ConfigTable _table = new(grammar, ConfigTable.MaxDepth), _cut = new(grammar, ConfigTable.MaxDepth / 2);
    private long _localWeight;

    public VocabularyIndex Index => index;

    /// <summary>How many masks were made and how many trees walked for them: for tests and measurements.</summary>
    public (int Masks, int Walks) Made { get; private set; }

    public Place Start()
    {
        lock (_turn) return new Place(_table, _table.Start());
    }

    /// <summary>The place behind a token; null where it is not allowed.</summary>
    public Place? Step(Place place, int id)
    {
        if (!index.IsText(id)) return null;
        lock (_turn)
        {
            int at = Current(place).Id;
            foreach (byte value in index.Tokenizer.BytesOf(id))
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

    // Tables grow with the texts they have seen. One that is too large is left to the answers that still hold a place of it.
    private Config Current(Place place)
    {
        if (_table.Weight + _cut.Weight + _localWeight > MaxWeight)
        {
            _table = new ConfigTable(grammar, ConfigTable.MaxDepth);
            _cut = new ConfigTable(grammar, ConfigTable.MaxDepth / 2);
            _localMasks.Clear();
            _masks.Clear();
            _order.Clear();
            _localWeight = 0;
        }
        if (ReferenceEquals(place.Table, _table)) return place.Config;
        Config moved = _table.Import(place.Config.Readings, place.Config.MayEnd, cut: null, Grammar.Endless);
        place.Move(_table, moved);
        return moved;
    }

    private ulong[] Make(Config config)
    {
        Made = (Made.Masks + 1, Made.Walks);
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
        LocalMask local = LocalOf(Cut(config));
        if (local.Many is not null)
        {
            for (int i = 0; i < mask.Length; i++) mask[i] |= local.Many[i];
        }
        foreach (int id in local.Few ?? []) Set(mask, id);
        Decide(mask, config, local.Stops);
        return mask;
    }

    private Config Cut(Config config)
    {
        Frame? cut = config.Readings[0].Stack;
        foreach (Config.Reading reading in config.Readings) cut = Shared(cut, reading.Stack);
        // A frame whose callee is a single character says nothing: the part of the text is around it.
        while (cut is { Shallow: true }) cut = cut.Parent;
        return _cut.Import(config.Readings, mayEnd: false, cut, KnownCount);
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

    private LocalMask LocalOf(Config config)
    {
        if (_localMasks.TryGetValue(config.Id, out LocalMask? local)) return local;
        Made = (Made.Masks, Made.Walks + 1);
        local = WalkLocal(config);
        _localMasks.Add(config.Id, local);
        _localWeight += local.Weight;
        return local;
    }

    private LocalMask WalkLocal(Config config)
    {
        ulong[] mask = new ulong[index.Words];
        LocalMask.StopList stops = new();
        VocabularyIndex.Node[] nodes = index.Nodes;
        byte[] classOf = grammar.ClassOf;
        _configs[0] = config.Id;
        _leaves[0] = false;
        for (int i = 0; i < nodes.Length;)
        {
            ref readonly VocabularyIndex.Node node = ref nodes[i];
            int depth = node.Depth;
            int at = _cut.Step(_configs[depth - 1], classOf[node.Value]);
            // Dead is the one place without readings that nothing leaves from.
            if (at == ConfigTable.Dead && !_leaves[depth - 1])
            {
                i = node.End;
                continue;
            }
            ConfigTable.Ways ways = _cut.WaysOf(at);
            _path[depth - 1] = i;
            _leaves[depth] = _leaves[depth - 1] | (ways & ConfigTable.Ways.End) != 0;
            if ((ways & ConfigTable.Ways.GoOn) == 0)
            {
                stops.Add(i, _path.AsSpan(0, depth - 1));
                i = node.End;
                continue;
            }
            if (node.Token >= 0) SetAll(mask, node.Token);
            _configs[depth] = at;
            i++;
        }
        int count = 0;
        foreach (ulong word in mask) count += BitOperations.PopCount(word);
        return count <= MaxFew
            ? new LocalMask { Few = Ids(mask, count), Stops = stops.Finish() }
            : new LocalMask { Many = mask, Stops = stops.Finish() };
    }

    private void Decide(ulong[] mask, Config config, LocalMask.Stop[] stops)
    {
        _configs[0] = config.Id;
        for (int i = 0; i < stops.Length;)
        {
            LocalMask.Stop stop = stops[i];
            ref readonly VocabularyIndex.Node node = ref index.Nodes[stop.Node];
            int at = _table.Step(_configs[node.Depth - 1], grammar.ClassOf[node.Value]);
            _configs[node.Depth] = at;
            if (at == ConfigTable.Dead)
            {
                i = stop.Next;
                continue;
            }
            if (stop.Whole)
            {
                if (node.Token >= 0) SetAll(mask, node.Token);
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
            if (at == ConfigTable.Dead)
            {
                i = node.End;
                continue;
            }
            _configs[node.Depth] = at;
            if (node.Token >= 0) SetAll(mask, node.Token);
            i++;
        }
    }

    private void SetAll(ulong[] mask, int token)
    {
        Set(mask, token);
        foreach (int other in index.Others(token)) Set(mask, other);
    }

    private static void Set(ulong[] mask, int id) => mask[id >> 6] |= 1UL << id;

    private static int[] Ids(ulong[] mask, int count)
    {
        int[] ids = new int[count];
        int next = 0;
        for (int word = 0; word < mask.Length; word++)
        {
            for (ulong bits = mask[word]; bits != 0; bits &= bits - 1) ids[next++] = word * 64 + BitOperations.TrailingZeroCount(bits);
        }
        return ids;
    }
}
