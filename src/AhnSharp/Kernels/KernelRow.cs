using System;
using AhnSharp.Gguf;

namespace AhnSharp.Kernels;

/// <summary>One row of <see cref="KernelTable"/>: what multiplies matrices of a format on a tier.</summary>
/// <param name="Type">The format.</param>
/// <param name="Isa">The tier.</param>
/// <param name="IsTiled">A SIMD kernel on 16-row tiles; else the portable decode-and-dot.</param>
/// <param name="Create">Reads and packs a matrix of (rows, columns).</param>
internal sealed record KernelRow(GgmlType Type, Isa Isa, bool IsTiled, Func<int, int, WeightReader, Workers, WeightMatrix> Create)
{
    /// <summary>The tile kernel; null for a portable row.</summary>
    internal TileKernel? Kernel { get; init; }
}
