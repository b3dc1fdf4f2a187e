using AhnSharp.Gguf;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Portable;

/// <summary>A weight matrix as the file holds it, rows of GGUF blocks.</summary>
internal sealed class PortableMatrix : DeviceMatrix
{
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _bytes;

    public PortableMatrix(GgmlType type, int rows, int columns, MemoryBuffer1D<byte, Stride1D.Dense> bytes) : base(type, rows, columns)
    {
        _bytes = bytes;
        Words = bytes.View.AsContiguous().Cast<ushort>();
    }

    /// <summary>All rows; every format's blocks have an even number of bytes.</summary>
    public ArrayView<ushort> Words { get; }

    /// <summary>Words of a row.</summary>
    public long RowWords => Type.RowBytes(Columns) / 2;

    public override long ByteLength => _bytes.LengthInBytes;

    public override void Dispose() => _bytes.Dispose();
}
