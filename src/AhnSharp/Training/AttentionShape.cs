using System;

namespace AhnSharp.Training;

/// <summary>H query heads, K key/value heads of D numbers; query head i looks at key/value head ⌊i / (H/K)⌋.</summary>
internal readonly record struct AttentionShape(int Heads, int KvHeads, int HeadDim)
{
    /// <summary>H·D, numbers of a row of queries.</summary>
    public int QueryColumns => Heads * HeadDim;

    /// <summary>K·D, numbers of a row of keys.</summary>
    public int KeyColumns => KvHeads * HeadDim;

    /// <summary>H/K.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>1/√D, on every score.</summary>
    public float Scale => 1 / MathF.Sqrt(HeadDim);
}
