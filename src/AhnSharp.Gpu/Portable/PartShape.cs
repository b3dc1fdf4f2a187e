using AhnSharp.Gpu.Kernels;

namespace AhnSharp.Gpu.Portable;

/// <summary>What entering the exact memory, attending and recalling need to know, as kernels take it.</summary>
internal struct PartShape
{
    public int Row, Count, Position, Evicted, PassRows;
    public int Heads, KvHeads, HeadDim;
    public int Type, RowWords; // of a key or value in the ring
    public int Gates, GateWidth, Kind; // g kept in the ring (0: none), g + H of the products, the rule's kind as a number
    public int Splits;
    public float Epsilon;
    public RingShape Ring;
}
