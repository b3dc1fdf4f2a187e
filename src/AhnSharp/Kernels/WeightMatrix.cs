using System;
using AhnSharp.Gguf;
using AhnSharp.Kernels.Portable;

namespace AhnSharp.Kernels;

/// <summary>An immutable [Rows, Columns] = [out, in] weight matrix in its quantized form, packed for the kernels of one tier.</summary>
internal abstract class WeightMatrix : IDisposable
{
    private protected WeightMatrix(GgmlType type, int rows, int columns)
    {
        Type = type;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Numbers that come out.</summary>
    public int Rows { get; }

    /// <summary>Numbers that go in.</summary>
    public int Columns { get; }

    /// <summary>The format of the file, which is also the precision here.</summary>
    public GgmlType Type { get; }

    /// <summary>What it is multiplied with.</summary>
    public virtual ActivationPrecision Activations => ActivationPrecision.EightBits;

    /// <summary>Bytes of memory it holds, mapped ones included.</summary>
    public abstract long ResidentBytes { get; }

    /// <summary>Reads a matrix in pieces of about 1 MiB on all threads of <paramref name="workers"/>, into the layout of a tier.</summary>
    /// <param name="type">Format of the stored rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns, a multiple of the format's block length.</param>
    /// <param name="read">Reads the stored bytes, <paramref name="rows"/> · type.RowBytes(columns) of them.</param>
    /// <param name="workers">The team that packs.</param>
    /// <param name="isa">The tier; by default <see cref="KernelTable.Active"/>.</param>
    /// <param name="activations">What the matrix is multiplied with.</param>
    public static WeightMatrix Load(
        GgmlType type, int rows, int columns, WeightReader read, Workers workers, Isa? isa = null,
        ActivationPrecision activations = ActivationPrecision.EightBits)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ThrowUnlessWholeBlocks(type, columns);
        return KernelTable.Row(type, isa ?? KernelTable.Active, activations).Create(rows, columns, read, workers);
    }

    /// <summary>
    /// A matrix that is left in its mapped file, row by row: nothing to load and nothing taken beside the mapping, but many times slower.
    /// </summary>
    /// <param name="type">Format of the stored rows.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns, a multiple of the format's block length.</param>
    /// <param name="mapped">Copies stored bytes out of the mapping; called by several threads at once, as long as the matrix lives.</param>
    public static WeightMatrix Unpacked(GgmlType type, int rows, int columns, WeightReader mapped)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ThrowUnlessWholeBlocks(type, columns);
        return new PortableMatrix(type, rows, columns, mapped);
    }

    /// <summary>Bytes of memory that such a matrix holds once it is loaded.</summary>
    public static long BytesOf(GgmlType type, int rows, int columns, Isa? isa = null) =>
        KernelTable.Row(type, isa ?? KernelTable.Active).Kernel is { } kernel ? TileMatrix.BytesOf(kernel, rows, columns) : rows
            * type.RowBytes(columns);

    /// <summary>y[t, r] = Σ_k W[r, k] · x[t, k] for all tokens; with <paramref name="accumulate"/> it is added to y.</summary>
    /// <remarks>
    /// x: [tokens, Columns]. Without accumulate y is reshaped to [tokens, Rows]; with it y must have that shape. Every number is computed
    /// by one thread in a fixed order, so the bits do not depend on the number of threads.
    /// </remarks>
    public void Multiply(Workers workers, Activations x, Activations y, bool accumulate = false)
    {
        if (x.Columns != Columns)
            throw new ArgumentException($"The matrix has {Columns} columns, the activations have {x.Columns}.", nameof(x));
        if (ReferenceEquals(x, y)) throw new ArgumentException("A product cannot overwrite its own activations.", nameof(y));
        if (!accumulate) y.Reshape(x.Rows, Rows);
        else if (y.Rows != x.Rows || y.Columns != Rows)
        {
            throw new ArgumentException($"Adding to y needs the shape [{x.Rows}, {Rows}], found [{y.Rows}, {y.Columns}].", nameof(y));
        }
        else y.Forget();
        if (x.Rows > 0) y.Product.Run(this, workers, x, y, accumulate);
    }

    /// <summary>Frees the packed weights.</summary>
    public abstract void Dispose();

    private static void ThrowUnlessWholeBlocks(GgmlType type, int columns)
    {
        if (columns % type.BlockLength() != 0)
        {
            throw new ArgumentException(
                $"A {type} matrix has rows of whole blocks of {type.BlockLength()}, found {columns} columns.", nameof(columns));
        }
    }

    /// <summary>Rows that are computed together.</summary>
    internal abstract int UnitRows { get; }

    /// <summary>Bytes of weights of one unit.</summary>
    internal abstract long UnitBytes { get; }

    /// <summary>Makes the packed activations that <see cref="MultiplyUnits"/> reads.</summary>
    internal abstract void Prepare(Workers workers, Activations x);

    /// <summary>Computes the rows of units firstUnit..endUnit-1 for tokens firstToken..endToken-1; firstToken is a multiple of 4.</summary>
    internal abstract void MultiplyUnits(
        Activations x, Activations y, bool accumulate, int firstUnit, int endUnit, int firstToken, int endToken);
}
