namespace AhnSharp.Gpu.Portable;

/// <summary>A product y[t, r] = Σ W[r, k]·x[t, k], as kernels take it.</summary>
internal readonly struct ProductShape(int rows, int columns, long rowWords, int tokens, bool hasBias, bool accumulate)
{
    public readonly int Rows = rows;
    public readonly int Columns = columns;
    public readonly long RowWords = rowWords;
    public readonly int Tokens = tokens;
    public readonly int HasBias = hasBias ? 1 : 0;
    public readonly int Accumulate = accumulate ? 1 : 0;
}
