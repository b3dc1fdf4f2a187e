using System.Collections.Generic;

namespace AhnSharp.Bench;

/// <summary>A weight matrix of Qwen2.5: [Rows, Columns] = [out, in].</summary>
public sealed record MatrixShape(int Rows, int Columns)
{
    /// <summary>Of 0.5B, 1.5B, 3B and 7B: q_proj and o_proj; k_proj and v_proj; gate and up; down.</summary>
    /// <remarks>The output matrix, [151,936, hidden], is left out: it multiplies as gate and up do, and takes up to 2 GB.</remarks>
    public static IEnumerable<MatrixShape> All { get; } =
    [
        .. Of(hidden: 896, keys: 128, ffn: 4864),
        .. Of(hidden: 1536, keys: 256, ffn: 8960),
        .. Of(hidden: 2048, keys: 256, ffn: 11008),
        .. Of(hidden: 3584, keys: 512, ffn: 18944),
    ];

    public override string ToString() => $"{Rows}×{Columns}";

    private static IEnumerable<MatrixShape> Of(int hidden, int keys, int ffn) =>
        [new(hidden, hidden), new(keys, hidden), new(ffn, hidden), new(hidden, ffn)];
}
