using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>One format of stored weights: what <see cref="QuantFormats"/> has a row of.</summary>
/// <param name="Type">The type of tensors made of it.</param>
/// <param name="Scales">Where its scales stand; null: weights are stored one by one.</param>
internal abstract record QuantFormat(GgmlType Type, BlockScales? Scales)
{
    /// <summary>
    /// The largest magnitude that a weight may have, whatever the others beside it are; 0 for a format that is only read.
    /// </summary>
    public virtual float Largest => 0;

    /// <summary>Decodes whole blocks.</summary>
    public abstract void Dequantize(ReadOnlySpan<byte> blocks, Span<float> w);

    /// <summary>Encodes whole blocks.</summary>
    /// <exception cref="InvalidModelException">Weights that the format cannot hold, or a format that is only read.</exception>
    public virtual void Quantize(ReadOnlySpan<float> w, Span<byte> blocks) =>
        throw new InvalidModelException($"Weights can be written as {QuantFormats.Writable}; {Type} is only read.");

    /// <summary>Refuses weights that are not finite, or larger than <see cref="Largest"/>.</summary>
    protected void CheckLargest(ReadOnlySpan<float> w)
    {
        float found = MathF.Abs(TensorPrimitives.MaxMagnitude(w));
        if (!float.IsFinite(found)) throw new InvalidModelException($"{Type} holds finite weights, found {found}.");
        if (found > Largest) throw new InvalidModelException($"{Type} holds weights up to {Largest}, found {found}; choose BF16 or F32.");
    }

    /// <summary>A format whose blocks have a struct.</summary>
    internal abstract record Blocks<TBlock>(BlockScales? HalfScales)
        : QuantFormat(TBlock.Type, HalfScales) where TBlock : unmanaged, IBlock<TBlock>
    {
        public sealed override void Dequantize(ReadOnlySpan<byte> blocks, Span<float> w) =>
            TBlock.DequantizeRow(MemoryMarshal.Cast<byte, TBlock>(blocks), w);
    }

    /// <summary>Weights stored one by one, for all of which there is a faster way than block by block.</summary>
    internal sealed record Floats<TBlock>(float LargestWeight, bool ChecksLargest, Action<ReadOnlySpan<float>, Span<byte>> Encode)
        : Blocks<TBlock>((BlockScales?)null) where TBlock : unmanaged, IBlock<TBlock>
    {
        public override float Largest => LargestWeight;

        public override void Quantize(ReadOnlySpan<float> w, Span<byte> blocks)
        {
            if (ChecksLargest) CheckLargest(w);
            Encode(w, blocks);
        }
    }

    /// <summary>Blocks that are only read.</summary>
    internal sealed record Read<TBlock>(BlockScales Places) : Blocks<TBlock>(Places) where TBlock : unmanaged, IBlock<TBlock>;

    /// <summary>Blocks that are read and written.</summary>
    internal sealed record Written<TBlock>(BlockScales Places)
        : Blocks<TBlock>(Places) where TBlock : unmanaged, IEncodableBlock<TBlock>
    {
        public override float Largest => TBlock.Largest;

        public override void Quantize(ReadOnlySpan<float> w, Span<byte> blocks)
        {
            CheckLargest(w);
            Span<TBlock> written = MemoryMarshal.Cast<byte, TBlock>(blocks);
            for (int i = 0; i < written.Length; i++) written[i] = TBlock.Quantize(w.Slice(i * TBlock.Length, TBlock.Length));
        }
    }
}
