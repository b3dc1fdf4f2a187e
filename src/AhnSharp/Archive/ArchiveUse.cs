using System;

namespace AhnSharp.Archive;

/// <summary>How much attention each block of an archive got while it was asked.</summary>
/// <remarks>
/// Squares of shares are added: a head that looks at one passage says where the answer is from, and most heads glance at many (summed
/// as they are, these outweigh it). They are added in the order of layers, tokens and heads, so the sums do not depend on threads.
/// </remarks>
internal sealed class ArchiveUse
{
    private double[] _weights = [];

    /// <summary>By block, as far as any was read.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>Blocks that got any attention, each counted once.</summary>
    public int Blocks { get; private set; }

    /// <summary>Adds what one token, layer and key/value head read.</summary>
    public void Add(ReadOnlySpan<int> blocks, ReadOnlySpan<float> shares)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            if (blocks[i] >= _weights.Length) Array.Resize(ref _weights, Math.Max(64, 2 * blocks[i]));
            double weight = (double)shares[i] * shares[i];
            if (_weights[blocks[i]] == 0 && weight > 0) Blocks++;
            _weights[blocks[i]] += weight;
        }
    }
}
