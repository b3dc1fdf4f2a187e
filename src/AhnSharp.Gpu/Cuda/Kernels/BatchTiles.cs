namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>Tiles of 8 tokens that a batch has, known when a kernel is compiled.</summary>
internal interface IBatchTiles
{
    /// <summary>1, 2, 4 or 8.</summary>
    int Value { get; }
}

/// <summary>Up to 8 tokens.</summary>
internal struct Batch8 : IBatchTiles
{
    public readonly int Value => 1;
}

/// <summary>Up to 16 tokens.</summary>
internal struct Batch16 : IBatchTiles
{
    public readonly int Value => 2;
}

/// <summary>Up to 32 tokens.</summary>
internal struct Batch32 : IBatchTiles
{
    public readonly int Value => 4;
}

/// <summary>Up to 64 tokens.</summary>
internal struct Batch64 : IBatchTiles
{
    public readonly int Value => 8;
}
