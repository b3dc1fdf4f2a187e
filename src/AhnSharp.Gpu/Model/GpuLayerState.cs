using System.Collections.Generic;
using AhnSharp.Attention;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Hippocampus;
using AhnSharp.Sessions;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>Everything that one layer keeps of one text on its device. A fork shares it, whole, until one of the two goes on.</summary>
internal sealed class GpuLayerState : LayerState
{
    private readonly int _memoryHeads;
    private GpuLayerContent _content;

    /// <param name="accelerator">Where it lies.</param>
    /// <param name="geometry">The shape of its exact memory.</param>
    /// <param name="memoryHeads">H where it has a compressed memory, else 0.</param>
    public GpuLayerState(Accelerator accelerator, KvGeometry geometry, int memoryHeads)
        : this(memoryHeads, new GpuLayerContent(accelerator, geometry, FloatsOf(memoryHeads, geometry)))
    {
    }

    private GpuLayerState(int memoryHeads, GpuLayerContent content) => (_memoryHeads, _content) = (memoryHeads, content);

    /// <summary>Keys, values, gates.</summary>
    public GpuRing Ring => _content.Ring;

    /// <summary>[H][D keys][D values]; empty while nothing has been folded.</summary>
    public ArrayView<float> State => _content.State;

    /// <summary>The device.</summary>
    public Accelerator Accelerator => _content.Accelerator;

    public override KvGeometry Geometry => Ring.Geometry;

    public override bool HasMemory => _content.HasMemory;

    public override long ExactBytes => Ring.ByteLength;

    public override long MemoryBytes => _content.StateBytes;

    public override IEnumerable<(object Part, long Bytes)> Parts => [(_content, _content.ByteLength)];

    public override LayerState Fork() => new GpuLayerState(_memoryHeads, _content.Share());

    public override long Reserve(long position, int tokens, bool tokensLeave)
    {
        long copied = 0;
        Accelerator.Bind();
        _content = _content.Unshare(ref copied);
        Ring.Reserve((int)position + tokens);
        if (tokensLeave) _content.TakeState();
        return copied;
    }

    public override void Clear()
    {
        GpuLayerContent old = _content;
        _content = new GpuLayerContent(Accelerator, Geometry, FloatsOf(_memoryHeads, Geometry));
        old.Release();
    }

    public override HostLayer ToHost(long position)
    {
        var host = new HostLayer(Geometry, HasMemory ? new MemoryState(_memoryHeads, Geometry.HeadDim) : null);
        try
        {
            SessionTransfer.Download(this, host, position);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Takes what a layer in the processor's memory keeps.</summary>
    public void FromHost(HostLayer host, long position, bool tokensLeft)
    {
        Reserve(0, (int)position, tokensLeft);
        SessionTransfer.Upload(host, this, position);
    }

    public override void Dispose() => _content.Release();

    private static long FloatsOf(int heads, KvGeometry geometry) => (long)heads * geometry.HeadDim * geometry.HeadDim;
}
