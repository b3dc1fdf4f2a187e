using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Kernels;

namespace AhnSharp.Sessions;

/// <summary>
/// One layer of one text in the processor's memory: what the processor computes with, and the form that snapshots write and read.
/// </summary>
internal sealed class HostLayer : LayerState
{
    /// <param name="geometry">The shape of its exact memory.</param>
    /// <param name="memory">Its compressed memory, taken over; null where it has none.</param>
    public HostLayer(KvGeometry geometry, MemoryState? memory) => (Ring, Memory) = (new KvRing(geometry), memory);

    private HostLayer(HostLayer other) => (Ring, Memory) = (other.Ring.Fork(), other.Memory?.Fork());

    /// <summary>Sinks and window.</summary>
    public KvRing Ring { get; }

    /// <summary>What left the window; null where the layer has no memory.</summary>
    public MemoryState? Memory { get; }

    public override KvGeometry Geometry => Ring.Geometry;

    public override bool HasMemory => Memory is not null;

    public override long ExactBytes => Ring.ByteLength;

    public override long MemoryBytes => Memory?.ByteLength ?? 0;

    public override IEnumerable<(object Part, long Bytes)> Parts
    {
        get
        {
            foreach (SharedBuffer segment in Ring.Segments) yield return (segment, segment.Buffer.ByteLength);
            if (Memory is not null) yield return (Memory.States, Memory.ByteLength);
        }
    }

    public override LayerState Fork() => new HostLayer(this);

    public override long Reserve(long position, int tokens, bool tokensLeave)
    {
        long copied = Ring.Reserve(position, position + tokens);
        return tokensLeave && Memory is not null ? copied + Memory.Unshare() : copied;
    }

    public override void Clear()
    {
        Ring.Clear();
        Memory?.Clear();
    }

    public override HostLayer ToHost(long position) => new(this);

    public override void Dispose()
    {
        Ring.Dispose();
        Memory?.Dispose();
    }
}
