namespace AhnSharp.Gpu.Training;

/// <summary>Heads of a memory's output, and the ε of its norm.</summary>
internal struct OutputShape
{
    public int Heads, HeadDim;

    /// <summary>1: one norm over all heads, behind the gate; 0: one a head, before it.</summary>
    public int NormsAll;

    public float Epsilon;
}
