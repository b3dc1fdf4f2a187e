using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>What a kernel of <see cref="ProductText"/> is given; offsets are in its text.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProductArguments
{
    /// <summary>Most matrices of a launch.</summary>
    public const int MostSegments = 4;

    public long X; // panels of tokens
    public long Scales; // [tokens]
    public long W; // panels of weights
    public int Tokens;
    public int XRows; // rows of a panel of tokens
    public int WRows; // rows of a panel of weights
    public int Blocks; // panels: columns / 64
    public int TokenTiles;
    public int Tiles; // of tokens × of rows
    public Segments Matrices;

    /// <summary>The matrices.</summary>
    [InlineArray(MostSegments)]
    public struct Segments
    {
        private ProductSegment _first;
    }
}

/// <summary>One matrix of a launch, or a piece of its rows, and where its results go.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProductSegment
{
    public long Output; // of its first row, [tokens, Pitch]
    public long Bias; // [Rows]
    public int First; // row of the panels that it begins with
    public int Rows; // of results: with SwiGLU half the rows of the panels
    public int FirstTile; // tiles of rows before it; of one that is not there int.MaxValue
    public int Pitch;
    public int Flags; // 1: there is a bias; 2: added to what Output holds
    private readonly int _unused;
}
