using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AhnSharp.Gguf;

namespace AhnSharp.Quants;

/// <summary>Every format of stored weights, a row each.</summary>
/// <remarks>Its kernels are rows too: those of the processor in KernelTable, of devices in CudaFormat and ProductKernel.</remarks>
internal static class QuantFormats
{
    /// <summary>The rows, in the order in which sentences name them.</summary>
    public static IReadOnlyList<QuantFormat> Rows { get; } =
    [
        new QuantFormat.Floats<BlockF32>(float.MaxValue, ChecksLargest: false, static (w, blocks) =>
            MemoryMarshal.AsBytes(w).CopyTo(blocks)),
        new QuantFormat.Floats<BlockF16>((float)Half.MaxValue, ChecksLargest: true, static (w, blocks) =>
            TensorPrimitives.ConvertToHalf(w, MemoryMarshal.Cast<byte, Half>(blocks))),
        new QuantFormat.Floats<BlockBF16>(float.MaxValue, ChecksLargest: false, static (w, blocks) =>
            BlockBF16.Quantize(w, MemoryMarshal.Cast<byte, BlockBF16>(blocks))),
        new QuantFormat.Written<BlockQ8_0>(new BlockScales(0, -1, 0, 73.895f, 128)),
        new QuantFormat.Written<BlockQ4_0>(new BlockScales(0, -1, 0, 4.637f, 8)),
        new QuantFormat.Written<BlockQ4_1>(new BlockScales(0, 2, -7.5f, 4.610f, 15)),
        new QuantFormat.Written<BlockQ5_0>(new BlockScales(0, -1, 0, 9.247f, 16)),
        new QuantFormat.Written<BlockQ5_1>(new BlockScales(0, 2, -15.5f, 9.233f, 31)),
        new QuantFormat.Read<BlockQ2_K>(new BlockScales(80, 82, 1.5f, 13.874f, 15 * 3)),
        new QuantFormat.Read<BlockQ3_K>(new BlockScales(108, -1, 0, 43.339f, 32 * 4)),
        new QuantFormat.Written<BlockQ4_K>(new BlockScales(0, 2, 7.5f, 258.317f, 63 * 15)),
        new QuantFormat.Written<BlockQ5_K>(new BlockScales(0, 2, 15.5f, 526.926f, 63 * 31)),
        new QuantFormat.Written<BlockQ6_K>(new BlockScales(208, -1, 0, 1365.687f, 128 * 32)),
        new QuantFormat.Read<BlockIQ4_NL>(new BlockScales(0, -1, 0, 67.439f, 127)),
        new QuantFormat.Read<BlockIQ4_XS>(new BlockScales(0, -1, 0, 1246.251f, 32 * 127)),
    ];

    private static readonly QuantFormat?[] s_byType = ByType();

    /// <summary>The names of those that can be written; the others are only read.</summary>
    public static string Writable { get; } =
        string.Join(", ", Rows.Where(static row => row.Largest > 0).Select(static row => row.Type));

    /// <summary>The row of a type.</summary>
    public static QuantFormat Of(GgmlType type) => (uint)type < (uint)s_byType.Length && s_byType[(int)type] is { } row
        ? row
        : throw new ArgumentOutOfRangeException(nameof(type), type, $"Not a type this engine reads; expected one of {GgmlTypes.Known}.");

    private static QuantFormat?[] ByType()
    {
        QuantFormat?[] byType = new QuantFormat?[Rows.Max(static row => (int)row.Type) + 1];
        foreach (QuantFormat row in Rows) byType[(int)row.Type] = row;
        return byType;
    }
}
