using System;

namespace AhnSharp.Gpu.Kernels;

/// <summary>
/// One decoder layer's weights on a device, in the layout of the kernel set that made it (<see cref="GpuKernels.UploadLayer"/>).
/// </summary>
internal abstract class GpuLayer : IDisposable
{
    /// <summary>Device bytes it holds.</summary>
    public abstract long ByteLength { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
