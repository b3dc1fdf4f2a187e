using System;

namespace AhnSharp.Archive;

/// <summary>How much of its attention each (layer, key/value head) gave to some blocks of an archive.</summary>
internal sealed class ArchiveHeadUse(int layers, int kvHeads)
{
    private readonly double[] _shares = new double[layers * kvHeads];
    private (long First, long End) _blocks;

    /// <summary>[layers][heads], sums over the tokens that asked.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    /// <summary>From now on attention to these blocks counts; none where <paramref name="end"/> is not beyond the first.</summary>
    public void Watch(long first, long end) => _blocks = (first, end);

    /// <summary>Adds what one token, layer and head read.</summary>
    public void Add(int layer, int kvHead, ReadOnlySpan<int> blocks, ReadOnlySpan<float> shares)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            if (blocks[i] >= _blocks.First && blocks[i] < _blocks.End) _shares[layer * kvHeads + kvHead] += shares[i];
        }
    }
}
