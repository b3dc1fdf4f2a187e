using System;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>
/// Whether stored weights are numbers that a network can have: none is NaN or infinite, and none is larger than <see cref="Largest"/>.
/// </summary>
/// <remarks>
/// Weights of a block are whole numbers times its scales, so the scales alone say it: two bytes of 34 (Q8_0), four of 144 (Q4_K). As bits
/// without their sign, halves and floats are in the order of their values, with infinity and NaN above all: one comparison finds all three.
/// </remarks>
internal static class WeightCheck
{
    /// <summary>
    /// Above every weight of a network that was trained: rows of norm 1 have entries below 1, biases of Qwen2.5 reach some hundreds.
    /// </summary>
    public const float Largest = 65536;

    // 65504, the most that is finite, and 65536 as bfloat16.
    private const ushort Magnitude = 0x7FFF, LargestHalf = 0x7BFF, LargestBrain = 0x4780;
    private const uint FloatMagnitude = 0x7FFF_FFFF, LargestSingle = 0x4780_0000;

    /// <summary>The index of the first block that holds such a weight; −1: there is none.</summary>
    /// <param name="type">What the blocks are.</param>
    /// <param name="blocks">Whole blocks.</param>
    public static int FirstBroken(GgmlType type, ReadOnlySpan<byte> blocks) => type switch
    {
        GgmlType.F32 => FirstSingle(MemoryMarshal.Cast<byte, uint>(blocks)),
        GgmlType.F16 => FirstAbove(MemoryMarshal.Cast<byte, ushort>(blocks), LargestHalf),
        GgmlType.BF16 => FirstAbove(MemoryMarshal.Cast<byte, ushort>(blocks), LargestBrain),
        _ => FirstScale(type, blocks),
    };

    /// <summary>Reads stored blocks past the mapping, and refuses them where one holds such a weight.</summary>
    /// <exception cref="InvalidModelException">The message names tensor, row, column and what stands there.</exception>
    public static void Read(GgufFile file, GgufTensor tensor, long byteOffset, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.ReadUnmapped(tensor, byteOffset, destination);
        if (FirstProblem(tensor, byteOffset, destination) is { } problem)
            throw new InvalidModelException($"{problem}; {file.Path} is damaged, or was made from a network that is.");
    }

    /// <summary>
    /// What is wrong in a stretch of a tensor's data: its first such weight as a sentence without its end; null: nothing.
    /// </summary>
    /// <remarks>Blocks that stand in the stretch in part are not looked at.</remarks>
    public static string? FirstProblem(GgufTensor tensor, long byteOffset, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        int bytes = tensor.Type.BlockBytes(), length = tensor.Type.BlockLength(), before = (int)((bytes - byteOffset % bytes) % bytes);
        if (data.Length < before + bytes) return null;
        ReadOnlySpan<byte> whole = data[before..];
        whole = whole[..(whole.Length / bytes * bytes)];
        int block = FirstBroken(tensor.Type, whole);
        if (block < 0) return null;
        float[] weights = new float[length];
        Quantization.Dequantize(tensor.Type, whole.Slice(block * bytes, bytes), weights);
        int within = Math.Max(0, Array.FindIndex(weights, weight => !(MathF.Abs(weight) <= Largest)));
        long at = ((byteOffset + before) / bytes + block) * length + within;
        string found = float.IsFinite(weights[within]) ? $"a scale that allows more than {Largest}" : weights[within].ToString(
            CultureInfo.InvariantCulture);
        if (MathF.Abs(weights[within]) > Largest && float.IsFinite(weights[within]))
            found = weights[within].ToString(CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture, $"{tensor.Name}: expected weights between -{Largest} and {Largest}, "
                + $"found {found} in row {at / tensor.RowLength}, column {at % tensor.RowLength}");
    }

    private static int FirstScale(GgmlType type, ReadOnlySpan<byte> blocks)
    {
        BlockScales scales = QuantFormats.Of(type).Scales!.Value;
        int first = scales.ScaleAt, second = scales.MinAt < 0 ? first : scales.MinAt;
        int bytes = type.BlockBytes(), largest = BitConverter.HalfToUInt16Bits((Half)MathF.Min(Largest / scales.LargestCode, 65504));
        for (int start = 0, block = 0; start + bytes <= blocks.Length; start += bytes, block++)
        {
            int a = MemoryMarshal.Read<ushort>(blocks[(start + first)..]) & Magnitude,
                b = MemoryMarshal.Read<ushort>(blocks[(start + second)..]) & Magnitude;
            if (Math.Max(a, b) > largest) return block;
        }
        return -1;
    }

    private static int FirstAbove(ReadOnlySpan<ushort> values, ushort largest)
    {
        int i = 0;
        Vector<ushort> magnitude = new(Magnitude), most = new(largest);
        for (; i + Vector<ushort>.Count <= values.Length; i += Vector<ushort>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<ushort>(values[i..]) & magnitude, most)) break;
        }
        for (; i < values.Length; i++)
        {
            if ((values[i] & Magnitude) > largest) return i;
        }
        return -1;
    }

    private static int FirstSingle(ReadOnlySpan<uint> values)
    {
        int i = 0;
        Vector<uint> magnitude = new(FloatMagnitude), most = new(LargestSingle);
        for (; i + Vector<uint>.Count <= values.Length; i += Vector<uint>.Count)
        {
            if (Vector.GreaterThanAny(new Vector<uint>(values[i..]) & magnitude, most)) break;
        }
        for (; i < values.Length; i++)
        {
            if ((values[i] & FloatMagnitude) > LargestSingle) return i;
        }
        return -1;
    }
}
