using System.Collections.Generic;
using System.Linq;
using AhnSharp.Gguf;

namespace AhnSharp.Bench;

/// <summary>
/// A row of KernelTable and a shape that it can have: rows of a matrix are whole blocks, so 0.5B's 896 columns have no Q4_K.
/// </summary>
public sealed record MatrixCase(MatrixRow Row, MatrixShape Shape)
{
    /// <summary>Every row that this processor can run, with every shape that its format can have.</summary>
    public static IEnumerable<MatrixCase> All => MatrixRow.All.SelectMany(
        _ => MatrixShape.All, (row, shape) => new MatrixCase(row, shape)).Where(
            one => one.Shape.Columns % one.Row.Kernel.Type.BlockLength() == 0);

    public override string ToString() => $"{Row} {Shape}";
}
