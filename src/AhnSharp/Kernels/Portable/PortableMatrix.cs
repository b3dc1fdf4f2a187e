using System;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Kernels.Portable;

/// <summary>A matrix that keeps the file's rows, decodes them to f32 as it goes, and multiplies with TensorPrimitives.Dot.</summary>
/// <remarks>
/// Runs on every processor; the matrices of a mapped file that are not to be packed are multiplied by it on every tier. Each weight is
/// decoded once a call, for all tokens. The rows are copied at load, or fetched piece by piece each time from a file that is mapped: then
/// nothing is taken beside the mapping.
/// </remarks>
internal sealed class PortableMatrix : WeightMatrix
{
    private const int ReadBytes = 1 << 20;
    private const int PieceLength = 2048; // weights decoded at a time: 8 KiB, which stay in the first cache
    private const int MaxPieceBytes = PieceLength * sizeof(float);
    private readonly NativeBuffer? _rows; // null: fetched each time
    private readonly WeightReader? _mapped;
    private readonly long _rowBytes;

    /// <summary>Reads the rows.</summary>
    public PortableMatrix(GgmlType type, int rows, int columns, WeightReader read, Workers workers)
        : base(type, rows, columns)
    {
        _rowBytes = type.RowBytes(columns);
        _rows = NativeBuffer.ForWeights(rows * _rowBytes);
        try
        {
            workers.Run(new Reading(_rows, read), checked((int)((_rows.ByteLength + ReadBytes - 1) / ReadBytes)));
        }
        catch
        {
            _rows.Dispose();
            throw;
        }
    }

    /// <summary>Leaves the rows where they are.</summary>
    public PortableMatrix(GgmlType type, int rows, int columns, WeightReader mapped)
        : base(type, rows, columns) => (_mapped, _rowBytes) = (mapped, type.RowBytes(columns));

    /// <inheritdoc/>
    public override long ResidentBytes => Rows * _rowBytes;

    internal override int UnitRows => 1;

    internal override long UnitBytes => _rowBytes;

    /// <inheritdoc/>
    public override void Dispose() => _rows?.Dispose();

    internal override void Prepare(Workers workers, Activations x)
    {
    }

    [SkipLocalsInit]
    internal override void MultiplyUnits(
        Activations x, Activations y, bool accumulate, int firstUnit, int endUnit, int firstToken, int endToken)
    {
        Span<float> piece = stackalloc float[PieceLength];
        Span<byte> fetched = stackalloc byte[_rows is null ? MaxPieceBytes : 0];
        for (int row = firstUnit; row < endUnit; row++)
        {
            for (int from = 0; from < Columns; from += PieceLength)
            {
                Span<float> w = piece[..Math.Min(PieceLength, Columns - from)];
                long at = (row * _rowBytes) + Type.RowBytes(from);
                Span<byte> bytes =
                    _rows is null ? fetched[..(int)Type.RowBytes(w.Length)] : _rows.Span<byte>(at, (int)Type.RowBytes(w.Length));
                _mapped?.Invoke(at, bytes);
                Quantization.Dequantize(Type, bytes, w);
                for (int token = firstToken; token < endToken; token++)
                {
                    ref float sum = ref y.Row(token)[row];
                    float dot = TensorPrimitives.Dot(w, x.Row(token).Slice(from, w.Length));
                    sum = accumulate || from > 0 ? sum + dot : dot;
                }
            }
        }
    }

    /// <summary>The work of loading: each item reads one piece of the rows.</summary>
    private sealed class Reading(NativeBuffer rows, WeightReader read) : IWork
    {
        public void Run(int item, int worker)
        {
            long from = (long)item * ReadBytes;
            read(from, rows.Span<byte>(from, (int)Math.Min(ReadBytes, rows.ByteLength - from)));
        }
    }
}
