using System;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>A block format: a struct that is the block's bytes, and what they mean.</summary>
internal interface IBlock<TSelf> where TSelf : unmanaged, IBlock<TSelf>
{
    /// <summary>The type of tensors made of such blocks.</summary>
    static abstract GgmlType Type { get; }

    /// <summary>Weights in a block.</summary>
    static abstract int Length { get; }

    /// <summary>The format, said once: the <see cref="Length"/> weights of a block.</summary>
    static abstract void Dequantize(in TSelf block, Span<float> w);

    /// <summary>A run of blocks; formats of one weight a block have a faster body of their own.</summary>
    static virtual void DequantizeRow(ReadOnlySpan<TSelf> blocks, Span<float> w)
    {
        for (int i = 0; i < blocks.Length; i++) TSelf.Dequantize(in blocks[i], w.Slice(i * TSelf.Length, TSelf.Length));
    }
}
