using AhnSharp.Gpu.Portable;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>The one place that chooses a kernel set for a device.</summary>
internal static class KernelSets
{
    /// <summary>The fastest set that runs on the device.</summary>
    public static GpuKernels Create(Accelerator accelerator, GpuShape shape) => new PortableKernels(accelerator, shape, PortableKernels.GroupSizeFor(accelerator));
}
