using ILGPU;

namespace AhnSharp.Gpu.Cuda.Kernels;

/// <summary>What attention over a part of the keys returns for later joining.</summary>
internal struct PartialAttention
{
    /// <summary>[splits, H, D]: Σ 2^(s − max) v.</summary>
    public ArrayView<float> Sums;

    /// <summary>[splits, H]: X = max of the scores s (in units of log 2), Y = Σ 2^(s − max).</summary>
    public ArrayView<Float2> Weights;
}

/// <summary>What a lane reads of 16 keys: of key g (A) and key g + 8 (B), 16 bytes of every 64.</summary>
internal struct KeyTurn
{
    public Word4 A0, A1, A2, A3, B0, B1, B2, B3;
}

/// <summary>
/// What a lane reads of 16 values: of values 2t, 2t + 1, 2t + 8 and 2t + 9 (0 to 3), 16 bytes (A) and, where heads
/// have 128 entries, the next 16 (B).
/// </summary>
internal struct ValueTurn
{
    public Word4 A0, A1, A2, A3, B0, B1, B2, B3;
}
