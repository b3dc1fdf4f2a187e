using System;
using System.Buffers;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Quants;

namespace AhnSharp.Training;

/// <summary>Matrix products backwards: dx = dy·W for a frozen matrix W [out, in] that stays quantised in its file.</summary>
/// <remarks>
/// W is decoded a stretch of rows at a time (1 MB of floats, which lies in a second cache while 64 rows of dy after another are multiplied
/// with it), so nothing of the size of the model is taken. Sums run over W's rows in their order. The numbers of the forward pass see W
/// with activations of 8 bits where W is quantised; the gradient is that of W with exact ones.
/// </remarks>
internal sealed class TransposedProducts(GgufFile file, Workers workers, Gemm gemm)
{
    private const int StretchFloats = 1 << 18, RowsPerDecode = 16;
    private float[] _stretch = [];

    /// <summary>Bytes held.</summary>
    public long ByteLength => sizeof(float) * (long)_stretch.Length;

    /// <summary>dx [rows, in] (+)= dy [rows, out]·W.</summary>
    public void Multiply(GgufTensor w, Activations dy, Activations dx, bool accumulate = false)
    {
        int columns = checked((int)w.RowLength), outputs = checked((int)w.RowCount), rows = dy.Rows;
        if (dy.Columns != outputs)
            throw new ArgumentException($"{w.Name} has {outputs} rows, the gradients {dy.Columns} columns.", nameof(dy));
        if (accumulate) dx.Forget();
        else dx.Reshape(rows, columns);
        int stretch = Math.Clamp(StretchFloats / columns / RowsPerDecode * RowsPerDecode, RowsPerDecode, outputs);
        float[] decoded = TeamWork.Reserve(ref _stretch, checked(stretch * columns)), from = dy.Array, to = dx.Array;
        for (int first = 0; first < outputs; first += stretch)
        {
            int start = first, count = Math.Min(stretch, outputs - first);
            bool add = accumulate || first > 0;
            workers.For((count + RowsPerDecode - 1) / RowsPerDecode, (item, _) =>
            {
                int row = item * RowsPerDecode, decodedRows = Math.Min(RowsPerDecode, count - row);
                Decode(w, start + row, decoded.AsSpan(row * columns, decodedRows * columns));
            });
            workers.ForRows(rows, (row, end, _) => gemm.Multiply(
                in from[(long)row * outputs + start], outputs, in decoded[0], columns,
                ref to[(long)row * columns], columns, end - row, count,
                columns, add));
        }
    }

    private void Decode(GgufTensor w, int firstRow, Span<float> values)
    {
        long rowBytes = w.Type.RowBytes(w.RowLength);
        int bytes = checked((int)w.Type.RowBytes(values.Length));
        byte[] blocks = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            file.Read(w, firstRow * rowBytes, blocks.AsSpan(0, bytes));
            Quantization.Dequantize(w.Type, blocks.AsSpan(0, bytes), values);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(blocks);
        }
    }
}
