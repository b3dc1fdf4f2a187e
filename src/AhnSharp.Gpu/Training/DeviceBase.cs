using System;
using System.Collections.Generic;
using System.Linq;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Gpu.Portable;
using AhnSharp.Training;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Training;

/// <summary>
/// The frozen base on a device. Its matrices stay quantised; one layer's at a time, and the head's, stand there as floats.
/// </summary>
internal sealed class DeviceBase : IDisposable
{
    /// <summary>Places of a layer's matrices.</summary>
    public const int Query = 0, Key = 1, Value = 2, Output = 3, Gate = 4, Up = 5, Down = 6;

    private readonly Accelerator _accelerator;
    private readonly int _groupSize;
    private readonly Dictionary<GgmlType, ProductKernel> _formats = [];
    private readonly List<PortableMatrix> _matrices = [];
    private readonly DeviceBuffers _buffers;
    private readonly DeviceLayer[] _layers;
    private readonly ArrayView<float>[] _decoded;
    private readonly ArrayView<int> _rows;
    private int _decodedLayer = -1;

    /// <param name="accelerator">The device.</param>
    /// <param name="groupSize">Threads of a group.</param>
    /// <param name="frozen">The base.</param>
    public DeviceBase(Accelerator accelerator, int groupSize, FrozenBase frozen)
    {
        (_accelerator, _groupSize) = (accelerator, groupSize);
        _buffers = new DeviceBuffers(accelerator);
        using WeightUpload upload = new(accelerator);
        _layers = [.. frozen.Layers.Select(layer => Upload(layer, frozen.File, upload))];
        PortableMatrix head = Upload(frozen.Head, frozen.File, upload);
        int most = Math.Max(head.Rows, _layers.Max(layer => layer.Matrices.Max(matrix => matrix.Rows)));
        _rows = _buffers.Take<int>(most);
        _rows.CopyFromCPU([.. Enumerable.Range(0, most)]);
        _decoded = [.. Enumerable.Range(0, Down + 1).Select(place => _buffers.Take(
            _layers.Max(layer => (long)layer.Matrices[place].Rows * layer.Matrices[place].Columns)))];
        Head = _buffers.Take((long)head.Rows * head.Columns);
        Decode(head, Head);
        OutputNorm = _buffers.Take(frozen.Weights.OutputNorm);
    }

    /// <summary>W_out [vocabulary, E].</summary>
    public ArrayView<float> Head { get; }

    /// <summary>[E].</summary>
    public ArrayView<float> OutputNorm { get; }

    /// <summary>Bytes held on the device.</summary>
    public long ByteLength => _buffers.ByteLength + _matrices.Sum(matrix => matrix.ByteLength);

    /// <summary>A layer, whose matrices <see cref="Matrix"/> shows from now on.</summary>
    public DeviceLayer Layer(int index)
    {
        DeviceLayer layer = _layers[index];
        if (_decodedLayer == index) return layer;
        for (int place = Query; place <= Down; place++) Decode(layer.Matrices[place], _decoded[place]);
        _decodedLayer = index;
        return layer;
    }

    /// <summary>A matrix of the last layer asked for, [out, in].</summary>
    public ArrayView<float> Matrix(int place) => _decoded[place];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PortableMatrix matrix in _matrices) matrix.Dispose();
        _buffers.Dispose();
    }

    private void Decode(PortableMatrix matrix, ArrayView<float> to) => _formats[matrix.Type].Take(
        matrix, _rows, to, new ProductShape(matrix.Rows, matrix.Columns, matrix.RowWords, matrix.Rows, false, false));

    private DeviceLayer Upload(FrozenLayer layer, GgufFile file, WeightUpload upload)
    {
        LayerWeights w = layer.Weights;
        return new DeviceLayer
        {
            Matrices =
            [
                .. new[] { layer.Query, layer.Key, layer.Value, layer.Output, layer.Gate, layer.Up, layer.Down }.Select(
                    tensor => Upload(tensor, file, upload)),
            ],
            AttentionNorm = _buffers.Take(w.AttentionNorm),
            FfnNorm = _buffers.Take(w.FfnNorm),
            QueryBias = Vector(w.Query.Bias),
            KeyBias = Vector(w.Key.Bias),
            ValueBias = Vector(w.Value.Bias),
            QueryNorm = Vector(w.QueryNorm),
            KeyNorm = Vector(w.KeyNorm),
        };
    }

    private ArrayView<float> Vector(float[]? values) => values is null ? default : _buffers.Take(values);

    private PortableMatrix Upload(GgufTensor tensor, GgufFile file, WeightUpload upload)
    {
        if (tensor.RowLength % 8 != 0)
        {
            throw new GpuException(
                $"{tensor.Name}: a matrix on a GPU has rows of a multiple of 8 weights, found {tensor.RowLength}: "
                    + "train with --device cpu.");
        }
        if (!_formats.ContainsKey(tensor.Type))
        {
            _formats[tensor.Type] = ProductKernel.Create(tensor.Type, _accelerator, _groupSize) ?? throw new GpuException(
                $"{tensor.Name}: weights of type {tensor.Type} are not read on GPUs yet: train with --device cpu, or quantize the model "
                    + "to another type (ahn quantize).");
        }
        MemoryBuffer1D<byte, Stride1D.Dense> bytes = _accelerator.Allocate1D<byte>(tensor.ByteLength);
        PortableMatrix matrix = new(tensor.Type, checked((int)tensor.RowCount), checked((int)tensor.RowLength), bytes);
        _matrices.Add(matrix);
        upload.Copy((from, to) => file.Read(tensor, from, to), bytes.View.AsContiguous());
        return matrix;
    }
}
