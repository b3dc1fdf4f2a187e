using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace AhnSharp.Constraints;

/// <summary>
/// Masks of places whose stacks are cut: the tree of the vocabulary is walked once for each, however many places are cut to the same.
/// </summary>
internal sealed class LocalWalk(Grammar grammar, VocabularyIndex index)
{
    // Counters up to this are kept: beyond, a token with more characters than this is decided with the whole stack. Few are longer.
    private const int KnownCount = CountedWalk.MaxCount;
    private const int MaxWide = 8;

    private readonly Dictionary<int, LocalMask> _masks = [];
    private readonly Dictionary<int, CountedWalk?> _counted = [];
    private readonly List<(int Config, LocalMask Mask)> _wide = [];
    private readonly int[] _configs = new int[index.MaxLength + 1];
    private readonly int[] _path = new int[index.MaxLength + 1];
    private readonly bool[] _leaves = new bool[index.MaxLength + 1];

    // Half the depth: the other half is for what lies below the cut.
    private readonly ConfigTable _table = new(grammar, ConfigTable.MaxDepth / 2);
    private long _weight;
    private int _steps;

    public long Weight => _weight + _table.Weight;

    public int Walks { get; private set; }

    /// <summary>Steps through the tree; one that was not known counts thirty.</summary>
    public long Work => _steps + 30L * _table.Transitions;

    /// <summary>The mask of a place of another table, without what lies at and below a frame.</summary>
    public LocalMask Of(Config place, Frame? cut)
    {
        Config config = _table.Import(place.Readings, mayEnd: false, cut, KnownCount);
        if (_masks.TryGetValue(config.Id, out LocalMask? local)) return local;
        local = Counted(place, cut) ?? Make(config);
        _masks.Add(config.Id, local);
        _weight += local.Weight;
        return local;
    }

    // Places within a loop that has few times left differ in how many alone: one walk serves them all.
    private LocalMask? Counted(Config place, Frame? cut)
    {
        if (CountedWalk.LoopOf(place, cut) is not Frame loop) return null;
        Config family = _table.Import(place.Readings, mayEnd: false, cut, KnownCount, loop);
        if (!_counted.TryGetValue(family.Id, out CountedWalk? walk))
        {
            walk = CountedWalk.Make(grammar, index, _table, family, loop, out int steps);
            _steps += steps;
            Walks++;
            _counted.Add(family.Id, walk);
            _weight += index.Size / 4;
        }
        return walk?.Of(loop.Most);
    }

    // Places often differ from one another only behind a few bytes: names that are not in a list, say, behind the letters of the list. The
    // parts of the tree behind all other bytes are as they were.
    private LocalMask Make(Config config)
    {
        Walks++;
        (int Config, LocalMask Mask) like = MostLike(config, out bool found);
        ulong[] mask = found ? (ulong[])like.Mask.Many!.Clone() : new ulong[index.Words];
        LocalMask.StopList stops = new();
        foreach ((byte value, int begin, int end) in index.Tops)
        {
            int byteClass = grammar.ClassOf[value];
            if (found && _table.Step(config.Id, byteClass) == _table.Step(like.Config, byteClass))
            {
                stops.AddFrom(like.Mask.Stops, begin, end);
                continue;
            }
            if (found) Clear(mask, begin, end);
            Walk(config, begin, end, mask, stops);
        }
        LocalMask local = LocalMask.Of(mask, stops.Finish());
        if (local.Many is null) return local;
        if (_wide.Count >= MaxWide) _wide.RemoveAt(0);
        _wide.Add((config.Id, local));
        return local;
    }

    // Of the masks made last the one with the fewest nodes behind bytes that lead elsewhere, where those are less than half of all.
    private (int Config, LocalMask Mask) MostLike(Config config, out bool found)
    {
        int fewest = index.Nodes.Length / 2;
        (int Config, LocalMask Mask) like = default;
        found = false;
        foreach ((int Config, LocalMask Mask) wide in _wide)
        {
            int differing = 0;
            foreach ((byte value, int begin, int end) in index.Tops)
            {
                int byteClass = grammar.ClassOf[value];
                if (_table.Step(config.Id, byteClass) != _table.Step(wide.Config, byteClass)) differing += end - begin;
                if (differing >= fewest) break;
            }
            if (differing >= fewest) continue;
            (fewest, like, found) = (differing, wide, true);
        }
        return like;
    }

    private void Clear(ulong[] mask, int begin, int end)
    {
        for (int i = begin; i < end; i++)
        {
            int token = index.Nodes[i].Token;
            if (token < 0) continue;
            mask[token >> 6] &= ~(1UL << token);
            foreach (int other in index.Others(token)) mask[other >> 6] &= ~(1UL << other);
        }
    }

    // Optimized at once: the first walk takes 333,000 steps, and answers wait for it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Walk(Config config, int begin, int end, ulong[] mask, LocalMask.StopList stops)
    {
        VocabularyIndex.Node[] nodes = index.Nodes;
        byte[] classOf = grammar.ClassOf;
        int[] configs = _configs;
        bool[] leaves = _leaves;
        configs[0] = config.Id;
        leaves[0] = false;
        for (int i = begin; i < end;)
        {
            ref readonly VocabularyIndex.Node node = ref nodes[i];
            int depth = node.Depth;
            _steps++;
            int at = _table.Step(configs[depth - 1], classOf[node.Value]);
            // Dead is the one place without readings that nothing leaves from.
            if (at == ConfigTable.Dead && !leaves[depth - 1])
            {
                i = node.End;
                continue;
            }
            ConfigTable.Ways ways = _table.WaysOf(at);
            _path[depth - 1] = i;
            leaves[depth] = leaves[depth - 1] | (ways & ConfigTable.Ways.End) != 0;
            if ((ways & ConfigTable.Ways.GoOn) == 0)
            {
                stops.Add(i, _path.AsSpan(0, depth - 1));
                i = node.End;
                continue;
            }
            if (node.Token >= 0) index.Set(mask, node.Token);
            configs[depth] = at;
            i++;
        }
    }
}
