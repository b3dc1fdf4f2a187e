using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>
/// Brings matrices to the device in pieces of whole rows and packs them there, while the pieces behind are read and travel.
/// </summary>
internal sealed class CudaUpload(Accelerator accelerator, WeightUpload upload) : IDisposable
{
    private readonly Dictionary<Type, Action<AcceleratorStream, KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights>> _packings =
        [];
    private readonly Action<AcceleratorStream, KernelConfig, ArrayView<Word4>, int, int, int, RowMap, PackedWeights> _copy =
        accelerator.LoadKernel<ArrayView<Word4>, int, int, int, RowMap, PackedWeights>(PackKernel.CopyRows);
    private readonly MemoryBuffer1D<byte, Stride1D.Dense>?[] _stored = new MemoryBuffer1D<byte, Stride1D.Dense>?[WeightUpload.Pieces];

    /// <summary>Compiles the packing of a format, if there is one.</summary>
    public void Prepare(GgmlType type)
    {
        if (CudaFormat.Of(type)?.Packing is { } packing) _ = Packing(packing);
    }

    /// <summary>
    /// The packed matrix, or null where the set has no packing for it. It is there after <see cref="WeightUpload.Wait"/>.
    /// </summary>
    public CudaMatrix? Matrix(MatrixSource source)
    {
        if (!Packs(source, out CudaFormat? format)) return null;
        var matrix = new CudaMatrix(accelerator, source.Type, format, source.Rows, source.Columns);
        Pack(source, matrix, default);
        return matrix;
    }

    /// <summary>Two matrices as one, eight rows of each in turn; null where they are not alike or have no packing.</summary>
    public CudaMatrix? Pair(MatrixSource gate, MatrixSource up)
    {
        if (!Packs(gate, out CudaFormat? format) || gate.Type != up.Type || gate.Rows % 8 != 0) return null;
        var both = new CudaMatrix(accelerator, gate.Type, format, 2 * gate.Rows, gate.Columns);
        Pack(gate, both, new RowMap { First = 0, Interleaved = 1 });
        Pack(up, both, new RowMap { First = 8, Interleaved = 1 });
        return both;
    }

    /// <summary>Gives back its memory on the device; it is taken again when something is packed.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _stored.Length; i++)
        {
            _stored[i]?.Dispose();
            _stored[i] = null;
        }
    }

    private static KernelConfig Groups(long threads) => new((int)((threads + 255) / 256), 256);

    private static bool Packs(MatrixSource source, [NotNullWhen(true)] out CudaFormat? format)
    {
        format = CudaFormat.Of(source.Type);
        return format is not null && source.Columns % 32 == 0 && source.Type.RowBytes(source.Columns) <= WeightUpload.PieceBytes;
    }

    private void Pack(MatrixSource source, CudaMatrix matrix, RowMap map)
    {
        int rowBytes = (int)source.Type.RowBytes(source.Columns), most = WeightUpload.PieceBytes / rowBytes;
        for (int first = 0; first < source.Rows; first += most)
        {
            int rows = Math.Min(most, source.Rows - first);
            UploadPiece piece = upload.Read(source.Read, (long)first * rowBytes, rows * rowBytes);
            MemoryBuffer1D<byte, Stride1D.Dense> memory = _stored[piece.Index] ??= accelerator.Allocate1D<byte>(WeightUpload.PieceBytes);
            ArrayView<byte> stored = memory.View.AsContiguous().SubView(0, rows * rowBytes);
            piece.Send(stored);
            if (matrix.Format.Packing is { } packing)
                Packing(packing)(piece.Stream, Groups(rows * (long)source.Columns / 32), stored, first, rows, map, matrix.Weights);
            else _copy(piece.Stream, Groups(stored.Length / 16), stored.Cast<Word4>(), first, rows, rowBytes / 16, map, matrix.Weights);
        }
    }

    private Action<AcceleratorStream, KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights> Packing(Type type)
    {
        if (_packings.TryGetValue(
            type, out Action<AcceleratorStream, KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights>? packing)) return packing;
        MethodInfo method = typeof(PackKernel).GetMethod(
            nameof(PackKernel.Run), BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(type);
        return _packings[type] = accelerator.LoadKernel(method.CreateDelegate<Action<ArrayView<byte>, int, int, RowMap, PackedWeights>>());
    }
}
