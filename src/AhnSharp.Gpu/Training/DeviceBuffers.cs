using System;
using System.Collections.Generic;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>Memory of a device that is given back together.</summary>
internal sealed class DeviceBuffers(Accelerator accelerator) : IDisposable
{
    private readonly List<MemoryBuffer> _buffers = [];

    /// <summary>Bytes held.</summary>
    public long ByteLength { get; private set; }

    /// <summary>So many numbers, undefined.</summary>
    public ArrayView<float> Take(long length) => Take<float>(length);

    /// <summary>So many values, undefined; at least one.</summary>
    public ArrayView<T> Take<T>(long length) where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(Math.Max(1, length));
        _buffers.Add(buffer);
        ByteLength += buffer.LengthInBytes;
        return buffer.View.AsContiguous();
    }

    /// <summary>The numbers of an array.</summary>
    public ArrayView<float> Take(float[] values)
    {
        ArrayView<float> view = Take<float>(values.Length);
        view.CopyFromCPU(values);
        return view;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryBuffer buffer in _buffers) buffer.Dispose();
        _buffers.Clear();
        ByteLength = 0;
    }
}
