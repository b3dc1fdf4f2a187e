using ILGPU;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// Matrices of a product, one a batch: entry (i, j) of batch b is Values[b / Shared · Batch + i · Row + j · Column].
/// </summary>
internal struct Operand
{
    /// <summary>The numbers, from the first entry of the first batch on.</summary>
    public ArrayView<float> Values;

    /// <summary>Numbers between two rows; 1: columns lie one behind the other.</summary>
    public int Row;

    /// <summary>Numbers between two columns; 1: rows lie one behind the other.</summary>
    public int Column;

    /// <summary>Numbers between two matrices.</summary>
    public int Batch;

    /// <summary>Batches that use the same matrix, as query heads use a key head.</summary>
    public int Shared;

    /// <summary>Where a batch begins.</summary>
    public readonly long Start(int batch) => (long)(batch / Shared) * Batch;

    /// <summary>[rows, width] as it lies in memory, every batch <paramref name="batch"/> numbers on.</summary>
    public static Operand Of(ArrayView<float> values, int width, int batch = 0, int shared = 1) =>
        new() { Values = values, Row = width, Column = 1, Batch = batch, Shared = shared };

    /// <summary>The transpose of [rows, width] as it lies in memory.</summary>
    public static Operand Transposed(ArrayView<float> values, int width, int batch = 0, int shared = 1) =>
        new() { Values = values, Row = 1, Column = width, Batch = batch, Shared = shared };

    /// <summary>Whether all that four numbers are read together from lies at multiples of four of its buffer.</summary>
    public readonly bool IsAligned => (Row == 1) != (Column == 1) && (Row == 1 || Row % 4 == 0) && (Column == 1 || Column % 4 == 0)
        && Batch % 4 == 0 && ((IContiguousArrayView)Values).Index % 4 == 0;
}
