using System;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Cpu;

/// <summary>Token id → hidden state, decoded row by row from the file.</summary>
/// <remarks>
/// Rows are read, not mapped: where the head is tied the packed copy is resident already, and mapped pages would count twice.
/// </remarks>
internal sealed class Embedding(GgufFile file, GgufTensor tensor)
{
    private readonly byte[] _row = new byte[tensor.Type.RowBytes(tensor.RowLength)];

    public void Read(int id, Span<float> hidden)
    {
        WeightCheck.Read(file, tensor, (long)id * _row.Length, _row);
        Quantization.Dequantize(tensor.Type, _row, hidden);
    }
}
