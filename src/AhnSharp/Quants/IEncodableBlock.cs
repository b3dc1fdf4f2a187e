using System;

namespace AhnSharp.Quants;

/// <summary>A block format that can be written: the block whose weights come nearest to given ones.</summary>
/// <remarks>
/// Encoders are written over <see cref="System.Runtime.Intrinsics.Vector256"/> without fused multiply-adds, and add their lanes in a fixed
/// order: the same weights give the same bytes on every machine.
/// </remarks>
internal interface IEncodableBlock<TSelf> : IBlock<TSelf> where TSelf : unmanaged, IEncodableBlock<TSelf>
{
    /// <summary>The largest magnitude of a weight of either sign that a block can hold.</summary>
    static abstract float Largest { get; }

    /// <summary>Encodes one block of finite weights within ±<see cref="Largest"/>.</summary>
    static abstract TSelf Quantize(ReadOnlySpan<float> w);
}
