using AhnSharp.Gguf;
using AhnSharp.Kernels;

namespace AhnSharp.Gpu.Kernels;

/// <summary>A weight matrix as a file holds it: [Rows, Columns] = [out, in], rows of whole GGUF blocks, row-major.</summary>
/// <param name="Type">Format of the stored rows.</param>
/// <param name="Rows">Numbers that come out.</param>
/// <param name="Columns">Numbers that go in; a multiple of the format's block length.</param>
/// <param name="Read">Reads stored bytes, from 0 to <see cref="ByteLength"/>; may be called from any thread,
/// in any order and pieces.</param>
internal sealed record MatrixSource(GgmlType Type, int Rows, int Columns, WeightReader Read)
{
    /// <summary>Bytes of the stored rows.</summary>
    public long ByteLength => Rows * Type.RowBytes(Columns);
}
