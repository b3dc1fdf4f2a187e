namespace AhnSharp.Gpu.Training;

/// <summary>What the kernels of a memory need to know of a text.</summary>
internal struct RecallSize
{
    /// <summary>Tokens that leave, and as many that read.</summary>
    public int Count;

    /// <summary>H, K and D.</summary>
    public int Heads, KvHeads, HeadDim;

    /// <summary>1: the delta rule, which writes what it did not predict.</summary>
    public int Predicts;

    /// <summary>1: states and what is written are kept for the way back.</summary>
    public int Keeps;

    /// <summary>Threads of <see cref="Recurrence"/> that share a column of a state, eight rows each: a power of two.</summary>
    public int Parts;

    /// <summary>Tokens between two states that are kept.</summary>
    public const int Stretch = 64;

    /// <summary>Rows of a state that a thread holds.</summary>
    public const int RowsPerPart = 8;

    public readonly int Width => Heads * HeadDim;

    public readonly int Stretches => (Count + Stretch - 1) / Stretch;
}
