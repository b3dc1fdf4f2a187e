namespace AhnSharp.Cpu;

/// <summary>What leaves the window in one pass, gathered from the ring for one head.</summary>
internal sealed class EvictedTokens(int chunk, int headDim, int gatesPerToken)
{
    /// <summary>Numbers it holds.</summary>
    public static long FloatsOf(int chunk, int headDim, int gatesPerToken) => (long)chunk * (2 * headDim + gatesPerToken);

    public long ByteLength => sizeof(float) * (Keys.Length + Values.Length + Gates.Length);

    public float[] Keys { get; } = new float[chunk * headDim]; // [count, D]
    public float[] Values { get; } = new float[chunk * headDim]; // [count, D]
    public float[] Gates { get; } = new float[chunk * gatesPerToken]; // [count, g]
}
