using System;
using System.IO;
using System.Numerics.Tensors;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Conversion;

/// <summary>
/// Writes tensors' values in a GGUF type, in pieces, on several threads; a weight that cannot be held is refused with its tensor and place.
/// </summary>
/// <param name="threads">That encode at once.</param>
/// <param name="cancel">Looked at between pieces.</param>
internal sealed class TensorEncoder(int threads, CancellationToken cancel)
{
    // One piece: 4 MB of float32. Small beside any model, large beside a read.
    private const int PieceElements = 1 << 20;

    private readonly PieceWriter _pieces = new(threads, cancel);
    private readonly float[][] _values = new float[threads][];

    /// <summary>
    /// Fills <paramref name="values"/> with the tensor's values from <paramref name="elementOffset"/> on; called from several threads.
    /// </summary>
    public delegate void Source(long elementOffset, Span<float> values);

    /// <summary>
    /// Fills <paramref name="blocks"/> with the tensor's blocks from <paramref name="elementOffset"/> on; called from several threads.
    /// </summary>
    public delegate void BlockSource(long elementOffset, Span<byte> blocks);

    /// <param name="stream">Takes the tensor's bytes, in order.</param>
    /// <param name="name">For messages.</param>
    /// <param name="type">A type that can be written.</param>
    /// <param name="elementCount">All values of the tensor.</param>
    /// <param name="rowLength">For messages, and pieces are whole rows.</param>
    /// <param name="granule">Pieces are multiples of this many values: a row, or a whole matrix where it must be seen at once.</param>
    /// <param name="source">The values.</param>
    public void Write(Stream stream, string name, GgmlType type, long elementCount, long rowLength, long granule, Source source) =>
        _pieces.Write(stream, type, elementCount, Piece(elementCount, granule), (lane, offset, count, blocks) =>
        {
            Span<float> w = Values(lane, count);
            source(offset, w);
            Check(name, type, w, offset, rowLength);
            Quantization.Quantize(type, w, blocks);
        });

    /// <summary>Writes blocks as they are; they must still decode to finite values.</summary>
    public void Copy(Stream stream, string name, GgmlType type, long elementCount, long rowLength, BlockSource source) =>
        _pieces.Write(stream, type, elementCount, Piece(elementCount, rowLength), (lane, offset, count, blocks) =>
        {
            Span<float> w = Values(lane, count);
            source(offset, blocks);
            Quantization.Dequantize(type, blocks, w);
            Check(name, GgmlType.F32, w, offset, rowLength);
        });

    private static int Piece(long elementCount, long granule) =>
        (int)Math.Min(elementCount, Math.Max(granule, PieceElements / granule * granule));

    private Span<float> Values(int lane, int count)
    {
        if (_values[lane] is null || _values[lane].Length < count) _values[lane] = new float[count];
        return _values[lane].AsSpan(0, count);
    }

    private static void Check(string name, GgmlType type, ReadOnlySpan<float> w, long offset, long rowLength)
    {
        float limit = QuantFormats.Of(type).Largest;
        if (MathF.Abs(TensorPrimitives.MaxMagnitude(w)) <= limit) return;       // NaN where any is
        int i = 0;
        while (MathF.Abs(w[i]) <= limit) i++;
        (long row, long column) = Math.DivRem(offset + i, rowLength);
        if (!float.IsFinite(w[i]))
        {
            throw new InvalidModelException(
                $"{name}: expected finite weights, found {w[i]} in row {row}, column {column}; the file is damaged.");
        }
        throw new InvalidModelException($"{name}: the weight {w[i]} in row {row}, column {column} does not fit {type}, "
            + $"which ends at {limit}; choose the type bf16 or f32.");
    }
}
