using System.Collections.Generic;

namespace AhnSharp.Bench;

/// <summary>A weight matrix of Qwen2.5 1.5B: [Rows, Columns] = [out, in].</summary>
public sealed record MatrixShape(int Rows, int Columns)
{
    /// <summary>q_proj and o_proj; gate and up; down.</summary>
    public static IEnumerable<MatrixShape> All => [new(1536, 1536), new(8960, 1536), new(1536, 8960)];

    public override string ToString() => $"{Rows}×{Columns}";
}
