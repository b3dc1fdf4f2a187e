namespace AhnSharp.Attention;

/// <summary>What one thread needs to attend: queries, scores and sums of one block of queries against one block of keys.</summary>
internal sealed class AttentionScratch
{
    /// <summary>Keys scored at once: scores of 96 rows × 256 keys are 96 KiB, half of a core's second-level cache at most.</summary>
    public const int KeyBlock = 256;

    /// <summary>Queries of one work item.</summary>
    public const int QueryBlock = 32;

    /// <summary>Allocates for <paramref name="groupSize"/> query heads a key/value head.</summary>
    public AttentionScratch(int groupSize, int headDim)
    {
        int rows = groupSize * QueryBlock;
        Queries = new float[rows * headDim];
        Scores = new float[rows * KeyBlock];
        Output = new float[rows * headDim];
        Maximum = new float[rows];
        Sum = new float[rows];
        Dequantized = new float[KeyBlock * headDim];
    }

    /// <summary>Numbers it holds.</summary>
    public static long FloatsOf(int groupSize, int headDim) => groupSize * QueryBlock * (2L * headDim + KeyBlock + 2) + KeyBlock * headDim;

    /// <summary>Bytes it holds.</summary>
    public long ByteLength =>
        sizeof(float) * (Queries.Length + Scores.Length + Output.Length + Maximum.Length + Sum.Length + Dequantized.Length);

    /// <summary>Scaled queries, [rows, D]; row = query · group size + head of the group.</summary>
    internal float[] Queries { get; }

    /// <summary>Scores, then weights, [rows, 256].</summary>
    internal float[] Scores { get; }

    /// <summary>Weighted values so far, [rows, D].</summary>
    internal float[] Output { get; }

    /// <summary>Largest score so far, [rows].</summary>
    internal float[] Maximum { get; }

    /// <summary>Sum of exp(score − Maximum) so far, [rows].</summary>
    internal float[] Sum { get; }

    /// <summary>Decoded Q8_0 keys or values of one block.</summary>
    internal float[] Dequantized { get; }
}
