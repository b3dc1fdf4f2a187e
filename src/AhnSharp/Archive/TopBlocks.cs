using System;
using System.Runtime.Intrinsics;

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

    /// <summary>
    /// Takes in those of blocks <paramref name="first"/> … that are among the best: 8 that are all worse than the worst cost one
    /// comparison.
    /// </summary>
    public void OfferAll(ReadOnlySpan<float> scores, int first = 0)
    {
        int i = 0;
        for (; i < scores.Length && Count < Limit; i++) Offer(scores[i], first + i);
        for (; i <= scores.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            if (!Vector256.GreaterThanOrEqualAny(Vector256.Create(scores[i..]), Vector256.Create(_scores[Count - 1]))) continue;
            for (int n = i; n < i + Vector256<float>.Count; n++) Offer(scores[n], first + n);
        }
        for (; i < scores.Length; i++) Offer(scores[i], first + i);
    }

    private bool IsBetter(float score, int block, int than) =>
        score > _scores[than] || (score == _scores[than] && block > _blocks[than]);
}
