using System.Collections.Generic;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>A weight matrix as the CUDA kernels read it.</summary>
internal sealed class CudaMatrix : DeviceMatrix
{
    private readonly List<MemoryBuffer> _planes = [];
    private long _bytes;

    /// <summary>Takes memory for a matrix whose rows are still to be packed.</summary>
    public CudaMatrix(Accelerator accelerator, GgmlType type, CudaFormat format, int rows, int columns) : base(type, rows, columns)
    {
        Format = format;
        long groups = (long)rows * columns / 32;
        Weights = new PackedWeights
        {
            Quants = Take<Word4>(accelerator, groups * format.QuantBytes / 16),
            HighBits = Take<uint>(accelerator, groups * format.HighBitBytes / 4),
            Scales = Take<ushort>(accelerator, format.IsFloat ? 0 : groups),
            SuperScales = Take<uint>(accelerator, format.SuperScales ? groups / 8 : 0),
            Columns = columns,
        };
    }

    /// <summary>Its format.</summary>
    public CudaFormat Format { get; }

    /// <summary>The planes.</summary>
    public PackedWeights Weights { get; }

    public override long ByteLength => _bytes;

    public override void Dispose()
    {
        foreach (MemoryBuffer plane in _planes) plane.Dispose();
        _planes.Clear();
    }

    // No kernel reads a plane that its format does not have; a view needs something to show all the same.
    private ArrayView<T> Take<T>(Accelerator accelerator, long length) where T : unmanaged
    {
        MemoryBuffer1D<T, Stride1D.Dense> plane = accelerator.Allocate1D<T>(length > 0 ? length : 4);
        _planes.Add(plane);
        _bytes += plane.LengthInBytes;
        return plane.View.AsContiguous();
    }
}
