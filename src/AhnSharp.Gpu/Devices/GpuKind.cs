namespace AhnSharp.Gpu.Devices;

/// <summary>How a device is reached.</summary>
public enum GpuKind
{
    /// <summary>NVIDIA's driver.</summary>
    Cuda,

    /// <summary>An OpenCL driver, of whatever vendor.</summary>
    OpenCl,
}
