using System;
using AhnSharp.Gguf;

namespace AhnSharp.Gpu.Kernels;

/// <summary>A weight matrix [Rows, Columns] = [out, in] on a device, in a kernel set's layout.</summary>
internal abstract class DeviceMatrix(GgmlType type, int rows, int columns) : IDisposable
{
    /// <summary>The format of the file, which is also the precision here.</summary>
    public GgmlType Type => type;

    /// <summary>Numbers that come out.</summary>
    public int Rows => rows;

    /// <summary>Numbers that go in.</summary>
    public int Columns => columns;

    /// <summary>Device bytes it holds.</summary>
    public abstract long ByteLength { get; }

    /// <inheritdoc/>
    public abstract void Dispose();
}
