namespace AhnSharp.Gpu.Training;

/// <summary>C [Rows, Columns] (+)= A [Rows, Depth] · B [Depth, Columns] (+ bias), for every batch.</summary>
/// <remarks>
/// Where the depth is cut (<see cref="Piece"/> &lt; Depth), every piece has a C of its own, <see cref="PieceStride"/> numbers on:
/// long sums with few results keep many groups busy that way.
/// </remarks>
internal struct ProductSize
{
    public int Rows, Columns, Depth;

    /// <summary>Depth that a group of threads sums.</summary>
    public int Piece;

    /// <summary>Pieces of the depth.</summary>
    public int Pieces;

    /// <summary>Numbers between the results of two pieces.</summary>
    public int PieceStride;

    /// <summary>1: C is added to.</summary>
    public int Accumulates;

    /// <summary>1: a bias [Columns] is added.</summary>
    public int HasBias;

    /// <summary>1: A, B can be read four numbers at a time.</summary>
    public int LoadsFourOfA, LoadsFourOfB;
}
