namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>D, known when a kernel is compiled.</summary>
internal interface IHeadSize
{
    /// <summary>D.</summary>
    int Value { get; }
}

/// <summary>D = 64.</summary>
internal struct Head64 : IHeadSize
{
    public readonly int Value => 64;
}

/// <summary>D = 128.</summary>
internal struct Head128 : IHeadSize
{
    public readonly int Value => 128;
}
