using System;
using AhnSharp.Gpu.Devices;
using ILGPU.Runtime.Cuda;

namespace AhnSharp.Gpu.Cuda.Hopper;

/// <summary>A kernel that is written in PTX; it is compiled by the driver, and lives as long as the accelerator's context.</summary>
internal sealed class RawKernel
{
    private readonly CudaAccelerator _accelerator;
    private readonly string _what;
    private readonly IntPtr _function;
    private readonly int _threads, _sharedBytes;

    /// <param name="accelerator">Where it runs.</param>
    /// <param name="what">What it computes, for errors.</param>
    /// <param name="text">PTX of a kernel of one parameter.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="threads">Threads of a group.</param>
    /// <param name="sharedBytes">Bytes of shared memory of a group.</param>
    public RawKernel(CudaAccelerator accelerator, string what, string text, string name, int threads, int sharedBytes)
    {
        (_accelerator, _what, _threads, _sharedBytes) = (accelerator, what, threads, sharedBytes);
        accelerator.Bind();
        CudaError error = CudaAPI.CurrentAPI.LoadModule(out IntPtr module, text, out string? log);
        Demand(error, "compiled", log);
        Demand(CudaAPI.CurrentAPI.GetModuleFunction(out _function, module, name), "found");
        Demand((CudaError)CudaDriver.SetSharedBytes(_function, sharedBytes), "given shared memory");
    }

    /// <summary>Launches it on the accelerator's stream, behind what was launched there.</summary>
    /// <param name="x">Groups.</param>
    /// <param name="y">Of so many rows.</param>
    /// <param name="arguments">The parameter.</param>
    public unsafe void Launch<TArguments>(int x, int y, in TArguments arguments)
        where TArguments : unmanaged
    {
        TArguments copy = arguments;
        void* parameter = &copy;
        _accelerator.Bind();
        Demand(
            CudaAPI.CurrentAPI.LaunchKernel(
                _function, x, y, 1, _threads, 1, 1, _sharedBytes, ((CudaStream)_accelerator.DefaultStream).StreamPtr, (IntPtr)(&parameter),
                IntPtr.Zero), "started");
    }

    private void Demand(CudaError error, string what, string? log = null)
    {
        if (error != CudaError.CUDA_SUCCESS)
        {
            throw new GpuException(
                $"The kernel of {_what} could not be {what} on {_accelerator.Name.Trim()}; the driver said: {$"{error} {log}".Trim()}.");
        }
    }
}
