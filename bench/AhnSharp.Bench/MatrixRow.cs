using System.Collections.Generic;
using System.Linq;
using AhnSharp.Kernels;

namespace AhnSharp.Bench;

/// <summary>A row of KernelTable under the name that a results table and a filter show: Q8_0 avx512, or Q8_0 portable.</summary>
public sealed record MatrixRow
{
    private MatrixRow(KernelRow kernel) => Kernel = kernel;

    internal KernelRow Kernel { get; }

    public string Tier => Kernel.IsTiled ? KernelTable.NameOf(Kernel.Isa) : "portable";

    /// <summary>Every row that this processor can run, the portable kernel of a format once: on other tiers it is the same code.</summary>
    public static IEnumerable<MatrixRow> All => KernelTable.Rows
        .Where(row => KernelTable.IsSupported(row.Isa) && (row.IsTiled || row.Isa == Isa.Scalar))
        .Select(row => new MatrixRow(row));

    public override string ToString() => $"{Kernel.Type} {Tier}";
}
