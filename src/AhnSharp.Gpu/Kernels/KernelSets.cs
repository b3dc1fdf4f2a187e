using AhnSharp.Gpu.Cuda;
using AhnSharp.Gpu.Portable;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Kernels;

/// <summary>The one place that chooses a kernel set for a device.</summary>
internal static class KernelSets
{
    /// <summary>The fastest set that runs on the device.</summary>
    public static GpuKernels Create(Accelerator accelerator, GpuShape shape) =>
        accelerator is CudaAccelerator { Architecture: { } architecture } && architecture >= CudaArchitecture.SM_80
            ? new CudaKernels(accelerator, shape)
            : new PortableKernels(accelerator, shape, PortableKernels.GroupSizeFor(accelerator));
}
