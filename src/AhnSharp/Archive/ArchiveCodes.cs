using System;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Kernels;

namespace AhnSharp.Archive;

/// <summary>Keys and values of one block and head, to and from the bytes of an archive. Layout: <see cref="ArchiveShape"/>.</summary>
internal static class ArchiveCodes
{
    // Below it a vector is zero: 1e-8 as in the mathematics, so that nothing is divided by 0.
    internal const float Least = 1e-8f;

    /// <summary>Writes keys and values [b, D] of one head.</summary>
    public static void Write(ArchiveShape shape, Span<byte> head, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        int b = shape.Block, d = shape.HeadDim;
        if (shape.Options.Type == ArchiveType.F32)
        {
            Span<float> floats = MemoryMarshal.Cast<byte, float>(head);
            for (int j = 0; j < b; j++)
            {
                for (int i = 0; i < d; i++) floats[i * b + j] = keys[j * d + i];
            }
            values.CopyTo(floats[(b * d)..]);
            return;
        }
        Span<byte> keyCodes = head[..shape.CodeBytes], valueCodes = head.Slice(shape.CodeBytes, shape.CodeBytes);
        Span<float> scales = MemoryMarshal.Cast<byte, float>(head[(2 * shape.CodeBytes)..]),
            keyScales = scales[..(scales.Length / 2)], valueScales = scales[(scales.Length / 2)..];
        int group = shape.Group, groups = d / group, most = shape.Options.Type == ArchiveType.EightBits ? 127 : 7;
        Span<sbyte> codes = stackalloc sbyte[group];
        for (int j = 0; j < b; j++)
        {
            for (int g = 0; g < groups; g++)
            {
                keyScales[g * b + j] = Quantize(keys.Slice(j * d + g * group, group), most, codes);
                for (int i = 0; i < group; i++) Put(shape, keyCodes, (g * group + i) * b + j, codes[i]);
                valueScales[j * groups + g] = Quantize(values.Slice(j * d + g * group, group), most, codes);
                for (int i = 0; i < group; i++) Put(shape, valueCodes, j * d + g * group + i, codes[i]);
            }
        }
    }

    /// <summary>Key codes [D][b] of one head, where they are signed bytes.</summary>
    public static ReadOnlySpan<sbyte> KeyBytes(ArchiveShape shape, ReadOnlySpan<byte> head) =>
        MemoryMarshal.Cast<byte, sbyte>(head[..shape.CodeBytes]);

    /// <summary>Value codes [b][D], likewise.</summary>
    public static ReadOnlySpan<sbyte> ValueBytes(ArchiveShape shape, ReadOnlySpan<byte> head) =>
        MemoryMarshal.Cast<byte, sbyte>(head.Slice(shape.CodeBytes, shape.CodeBytes));

    /// <summary>The scales of these: of keys [b], then of values [b].</summary>
    public static ReadOnlySpan<float> ByteScales(ArchiveShape shape, ReadOnlySpan<byte> head) =>
        MemoryMarshal.Cast<byte, float>(head[(2 * shape.CodeBytes)..]);

    /// <summary>K̄ of one head as [D][b].</summary>
    public static void ReadKeys(ArchiveShape shape, ReadOnlySpan<byte> head, Span<float> keys)
    {
        int b = shape.Block, d = shape.HeadDim;
        if (shape.Options.Type == ArchiveType.F32)
        {
            MemoryMarshal.Cast<byte, float>(head)[..(b * d)].CopyTo(keys);
            return;
        }
        Decode(shape, head[..shape.CodeBytes], keys);
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(head.Slice(2 * shape.CodeBytes, shape.ScaleBytes));
        for (int i = 0; i < d; i++)
        {
            Span<float> row = keys.Slice(i * b, b);
            TensorPrimitives.Multiply(row, scales.Slice(i / shape.Group * b, b), row);
        }
    }

    /// <summary>V̄ of one head as [b][D].</summary>
    public static void ReadValues(ArchiveShape shape, ReadOnlySpan<byte> head, Span<float> values)
    {
        int b = shape.Block, d = shape.HeadDim;
        if (shape.Options.Type == ArchiveType.F32)
        {
            MemoryMarshal.Cast<byte, float>(head).Slice(b * d, b * d).CopyTo(values);
            return;
        }
        Decode(shape, head.Slice(shape.CodeBytes, shape.CodeBytes), values);
        ReadOnlySpan<float> scales = MemoryMarshal.Cast<byte, float>(head[(2 * shape.CodeBytes + shape.ScaleBytes)..]);
        for (int g = 0; g < scales.Length; g++)
        {
            Span<float> part = values.Slice(g * shape.Group, shape.Group);
            TensorPrimitives.Multiply(part, scales[g], part);
        }
    }

    /// <summary>Symmetric codes under one scale: x ≈ scale·code, code = round-half-even(x/scale) in −most … most.</summary>
    internal static float Quantize(ReadOnlySpan<float> x, int most, Span<sbyte> codes)
    {
        float scale = Math.Max(MathF.Abs(TensorPrimitives.MaxMagnitude(x)), Least) / most;
        Span<float> rounded = stackalloc float[x.Length];
        TensorPrimitives.Divide(x, scale, rounded);
        TensorPrimitives.Round<float>(rounded, rounded);
        for (int i = 0; i < x.Length; i++) codes[i] = (sbyte)Math.Clamp((int)rounded[i], -most, most);
        return scale;
    }

    private static void Decode(ArchiveShape shape, ReadOnlySpan<byte> codes, Span<float> entries)
    {
        if (shape.Options.Type == ArchiveType.EightBits)
        {
            SignedBytes.ToSingle(MemoryMarshal.Cast<byte, sbyte>(codes), entries[..codes.Length]);
            return;
        }
        for (int i = 0; i < codes.Length; i++)
        {
            entries[2 * i] = (codes[i] & 15) - 8;
            entries[2 * i + 1] = (codes[i] >> 4) - 8;
        }
    }

    private static void Put(ArchiveShape shape, Span<byte> codes, int at, sbyte code)
    {
        if (shape.Options.Type == ArchiveType.EightBits) codes[at] = (byte)code;
        else if (at % 2 == 0) codes[at / 2] = (byte)(codes[at / 2] & 0xF0 | code + 8);
        else codes[at / 2] = (byte)(codes[at / 2] & 0xF | code + 8 << 4);
    }
}
