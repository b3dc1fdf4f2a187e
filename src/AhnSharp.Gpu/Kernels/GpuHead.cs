using System;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// Embedding, last norm and output matrix on a device, in the layout of the kernel set that made it (<see cref="GpuKernels.UploadHead"/>).
/// </summary>
internal abstract class GpuHead : IDisposable
{
    /// <summary>Device bytes it holds.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Of those, what a token reads: not the rows of the embedding that are other tokens'.</summary>
    public abstract long TokenByteLength { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
