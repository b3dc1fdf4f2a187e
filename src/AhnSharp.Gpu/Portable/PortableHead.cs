using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>Embedding, last norm and output matrix.</summary>
internal sealed class PortableHead(PortableMatrix embedding, DeviceMatrix output, MemoryBuffer1D<float, Stride1D.Dense> norm) : GpuHead
{
    public PortableMatrix Embedding => embedding; // [V, E], rows of blocks
    public DeviceMatrix Output => output; // [V, E]; may be the embedding
    public ArrayView<float> Norm => norm.View.AsContiguous(); // [E]

    public override long ByteLength =>
        embedding.ByteLength + norm.LengthInBytes + (ReferenceEquals(embedding, output) ? 0 : output.ByteLength);

    public override long TokenByteLength => output.ByteLength + norm.LengthInBytes;

    public override void Dispose()
    {
        embedding.Dispose();
        if (!ReferenceEquals(embedding, output)) output.Dispose();
        norm.Dispose();
    }
}
