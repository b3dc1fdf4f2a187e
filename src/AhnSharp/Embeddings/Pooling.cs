namespace AhnSharp.Embeddings;

/// <summary>How the hidden rows of a text become one vector.</summary>
public enum Pooling
{
    /// <summary>The row behind the last token, which has seen all others.</summary>
    Last,

    /// <summary>The mean over the rows of all tokens.</summary>
    Mean,
}
