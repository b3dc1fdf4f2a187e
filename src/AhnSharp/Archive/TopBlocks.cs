using System;

namespace AhnSharp.Archive;

/// <summary>The best blocks seen so far, best first: by score, and of equal ones the newer.</summary>
internal sealed class TopBlocks(int capacity)
{
    private readonly int[] _blocks = new int[capacity];
    private readonly float[] _scores = new float[capacity];

    /// <summary>How many.</summary>
    public int Count { get; private set; }

    /// <summary>Which, best first.</summary>
    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, Count);

    /// <summary>Starts anew, with room for <paramref name="limit"/>.</summary>
    public void Clear(int limit) => (Count, Limit) = (0, limit);

    private int Limit { get; set; } = capacity;

    /// <summary>Takes a block in where it is among the best.</summary>
    public void Offer(float score, int block)
    {
        if (Count == Limit && !IsBetter(score, block, Count - 1)) return;
        int at = Count < Limit ? Count++ : Count - 1;
        for (; at > 0 && IsBetter(score, block, at - 1); at--) (_scores[at], _blocks[at]) = (_scores[at - 1], _blocks[at - 1]);
        (_scores[at], _blocks[at]) = (score, block);
    }

    private bool IsBetter(float score, int block, int than) =>
        score > _scores[than] || (score == _scores[than] && block > _blocks[than]);
}
