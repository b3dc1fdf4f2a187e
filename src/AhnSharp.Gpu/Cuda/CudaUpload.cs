using System;
using System.Collections.Generic;
using System.Reflection;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>Brings matrices to the device in pieces of whole rows and packs them there.</summary>
internal sealed class CudaUpload(Accelerator accelerator) : IDisposable
{
    private const int PieceBytes = 64 << 20;
    private readonly Dictionary<Type, Action<KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights>> _packings = [];
    private readonly Action<KernelConfig, ArrayView<Word4>, int, int, int, RowMap, PackedWeights> _copy =
        accelerator.LoadStreamKernel<ArrayView<Word4>, int, int, int, RowMap, PackedWeights>(PackKernel.CopyRows);
    private MemoryBuffer1D<byte, Stride1D.Dense>? _piece;

    /// <summary>Packs the rows of <paramref name="source"/> into <paramref name="matrix"/>.</summary>
    public void Pack(WeightUpload upload, MatrixSource source, CudaMatrix matrix, RowMap map)
    {
        long rowBytes = source.Type.RowBytes(source.Columns);
        int most = (int)Math.Max(1, PieceBytes / rowBytes);
        if (_piece is null || _piece.Length < Math.Min(most, source.Rows) * rowBytes)
        {
            _piece?.Dispose();
            _piece = accelerator.Allocate1D<byte>(Math.Max(PieceBytes, rowBytes));
        }
        for (int first = 0; first < source.Rows; first += most)
        {
            int rows = Math.Min(most, source.Rows - first);
            long start = first * rowBytes;
            ArrayView<byte> stored = _piece.View.AsContiguous().SubView(0, rows * rowBytes);
            upload.Copy((offset, destination) => source.Read(start + offset, destination), stored);
            if (matrix.Format.Packing is { } packing) Packing(packing)(Groups(rows * (long)source.Columns / 32), stored, first, rows, map, matrix.Weights);
            else _copy(Groups(stored.Length / 16), stored.Cast<Word4>(), first, rows, (int)(rowBytes / 16), map, matrix.Weights);

            // The next piece comes by another stream.
            accelerator.DefaultStream.Synchronize();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _piece?.Dispose();
        _piece = null;
    }

    private static KernelConfig Groups(long threads) => new((int)((threads + 255) / 256), 256);

    private Action<KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights> Packing(Type type)
    {
        if (_packings.TryGetValue(type, out Action<KernelConfig, ArrayView<byte>, int, int, RowMap, PackedWeights>? packing)) return packing;
        MethodInfo method = typeof(PackKernel).GetMethod(nameof(PackKernel.Run), BindingFlags.Public | BindingFlags.Static)!.MakeGenericMethod(type);
        return _packings[type] = accelerator.LoadStreamKernel(method.CreateDelegate<Action<ArrayView<byte>, int, int, RowMap, PackedWeights>>());
    }
}
