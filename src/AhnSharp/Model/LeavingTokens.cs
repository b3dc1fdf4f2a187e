namespace AhnSharp.Model;

/// <summary>What leaves the window in one pass, gathered from the ring for one head.</summary>
internal sealed class LeavingTokens(int chunk, int headDim, int gatesPerToken)
{
    public float[] Keys { get; } = new float[chunk * headDim]; // [count, D]
    public float[] Values { get; } = new float[chunk * headDim]; // [count, D]
    public float[] Gates { get; } = new float[chunk * gatesPerToken]; // [count, g]
}
