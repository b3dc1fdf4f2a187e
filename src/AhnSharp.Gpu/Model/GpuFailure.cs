using System;
using System.Globalization;
using AhnSharp.Gpu.Devices;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>What a driver's failure means for people.</summary>
internal static class GpuFailure
{
    /// <summary>A sentence for a failure of a driver; null for any other exception.</summary>
    public static GpuException? Of(Exception error, string device) => error switch
    {
        _ when error is OutOfMemoryException || (error is AcceleratorException && MeansMemory(error.Message)) => new GpuException(
            $"{device} has not enough memory left: choose a smaller --window, weights of fewer bits, or --device cpu.", error),
        AcceleratorException driver =>
            new GpuException(string.Create(CultureInfo.InvariantCulture, $"{device} failed: {driver.Message}."), error),
        _ => null,
    };

    // What CUDA's and OpenCL's drivers call it.
    private static bool MeansMemory(string message) =>
        message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || message.Contains("OUT_OF_", StringComparison.Ordinal)
        || message.Contains("ALLOCATION_FAILURE", StringComparison.Ordinal);
}
