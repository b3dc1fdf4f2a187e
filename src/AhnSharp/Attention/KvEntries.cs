using System;
using System.Numerics.Tensors;
using AhnSharp.Kernels;

namespace AhnSharp.Attention;

/// <summary>One key (a lane of a tile) and one value (a row), to and from the stored types. Layouts: <see cref="KvRing"/>.</summary>
internal static class KvEntries
{
    private const int Lanes = KvGeometry.TileSlots;
    private const int MaxHeadDim = KvGeometry.MaxHeadDim;

    public static void WriteF32(NativeBuffer segment, long keyTile, int lane, long row, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        Span<float> tile = segment.Span<float>(keyTile, key.Length * Lanes);
        for (int d = 0; d < key.Length; d++) tile[d * Lanes + lane] = key[d];
        value.CopyTo(segment.Span<float>(row, value.Length));
    }

    public static void ReadF32(NativeBuffer segment, long keyTile, int lane, long row, Span<float> key, Span<float> value)
    {
        ReadOnlySpan<float> tile = segment.Span<float>(keyTile, key.Length * Lanes);
        for (int d = 0; d < key.Length; d++) key[d] = tile[d * Lanes + lane];
        segment.Span<float>(row, value.Length).CopyTo(value);
    }

    public static void WriteF16(NativeBuffer segment, long keyTile, int lane, long row, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        Span<Half> halves = stackalloc Half[MaxHeadDim];
        TensorPrimitives.ConvertToHalf(key, halves);
        Span<Half> tile = segment.Span<Half>(keyTile, key.Length * Lanes);
        for (int d = 0; d < key.Length; d++) tile[d * Lanes + lane] = halves[d];
        TensorPrimitives.ConvertToHalf(value, segment.Span<Half>(row, value.Length));
    }

    public static void ReadF16(NativeBuffer segment, long keyTile, int lane, long row, Span<float> key, Span<float> value)
    {
        Span<Half> halves = stackalloc Half[MaxHeadDim];
        ReadOnlySpan<Half> tile = segment.Span<Half>(keyTile, key.Length * Lanes);
        for (int d = 0; d < key.Length; d++) halves[d] = tile[d * Lanes + lane];
        TensorPrimitives.ConvertToSingle(halves[..key.Length], key);
        TensorPrimitives.ConvertToSingle(segment.Span<Half>(row, value.Length), value);
    }

    public static void WriteQ8(NativeBuffer segment, long keyTile, int lane, long row, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        int dim = key.Length;
        Span<sbyte> quants = stackalloc sbyte[MaxHeadDim];
        Span<Half> scales = stackalloc Half[MaxHeadDim / 32];
        Quantize(key, quants, scales);
        Span<sbyte> tile = segment.Span<sbyte>(keyTile, dim * Lanes);
        for (int d = 0; d < dim; d++) tile[d * Lanes + lane] = quants[d];
        Span<Half> tileScales = segment.Span<Half>(keyTile + dim * Lanes, dim / 32 * Lanes);
        for (int b = 0; b < dim / 32; b++) tileScales[b * Lanes + lane] = scales[b];
        Quantize(value, segment.Span<sbyte>(row, dim), segment.Span<Half>(row + dim, dim / 32));
    }

    public static void ReadQ8(NativeBuffer segment, long keyTile, int lane, long row, Span<float> key, Span<float> value)
    {
        int dim = key.Length;
        ReadOnlySpan<sbyte> tile = segment.Span<sbyte>(keyTile, dim * Lanes);
        ReadOnlySpan<Half> tileScales = segment.Span<Half>(keyTile + dim * Lanes, dim / 32 * Lanes);
        for (int d = 0; d < dim; d++) key[d] = tile[d * Lanes + lane] * (float)tileScales[d / 32 * Lanes + lane];
        DequantizeRow(segment, row, value);
    }

    /// <summary>A tile of 16 keys as f32 [D][16].</summary>
    public static void DequantizeTile(NativeBuffer segment, long keyTile, int dim, Span<float> tile)
    {
        Span<float> scales = stackalloc float[Lanes];
        for (int b = 0; b < dim / 32; b++)
        {
            Span<float> block = tile.Slice(32 * b * Lanes, 32 * Lanes);
            SignedBytes.ToSingle(segment.Span<sbyte>(keyTile + 32 * b * Lanes, block.Length), block);
            TensorPrimitives.ConvertToSingle(segment.Span<Half>(keyTile + dim * Lanes + 2 * b * Lanes, Lanes), scales);
            for (int d = 0; d < 32; d++)
            {
                Span<float> lanes = block.Slice(d * Lanes, Lanes);
                TensorPrimitives.Multiply(lanes, scales, lanes);
            }
        }
    }

    /// <summary>One value as f32 [D].</summary>
    public static void DequantizeRow(NativeBuffer segment, long row, Span<float> value)
    {
        SignedBytes.ToSingle(segment.Span<sbyte>(row, value.Length), value);
        ReadOnlySpan<Half> scales = segment.Span<Half>(row + value.Length, value.Length / 32);
        for (int b = 0; b < scales.Length; b++)
        {
            Span<float> block = value.Slice(32 * b, 32);
            TensorPrimitives.Multiply(block, (float)scales[b], block);
        }
    }

    /// <summary>[D] entries as blocks of 32 signed bytes under one scale.</summary>
    /// <remarks>Divides by the scale as stored: a scale rounded to 16 bits would otherwise push the largest entry past 127.</remarks>
    public static void Quantize(ReadOnlySpan<float> x, Span<sbyte> quants, Span<Half> scales)
    {
        for (int b = 0; b < x.Length / 32; b++)
        {
            ReadOnlySpan<float> block = x.Slice(32 * b, 32);
            Half scale = (Half)(MathF.Abs(TensorPrimitives.MaxMagnitude(block)) / 127);
            scales[b] = scale;
            float inverse = (float)scale == 0 ? 0 : 1 / (float)scale;
            for (int i = 0; i < 32; i++) quants[32 * b + i] = (sbyte)Math.Clamp(MathF.Round(block[i] * inverse), -127, 127);
        }
    }
}
