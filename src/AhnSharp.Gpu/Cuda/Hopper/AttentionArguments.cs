using System.Runtime.InteropServices;
using AhnSharp.Gpu.Kernels;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>What the kernel of <see cref="AttentionText"/> is given; offsets are in its text.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttentionArguments
{
    public long Query; // [rows, H·128] of the part, rotated
    public long Keys, Values; // the ring, halves
    public long Attended; // [rows, H·128]
    public int Position; // of the first row
    public int Count; // rows
    public int Heads, KvHeads;
    public RingShape Ring; // sinks, slots before the ring, slots of the ring, window
    public float Scale; // log2(e)/√128
    private readonly int _unused;
}
