using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Quants;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>Takes tensors out of one file by name, proves their shapes, and knows in the end which nobody asked for. Packing matrices needs the workers.</summary>
internal sealed class TensorLoader(GgufFile file, ModelOptions options, Workers? workers, CancellationToken cancellation)
{
    private readonly HashSet<string> _taken = [];

    /// <summary>Matrices so far that are multiplied with activations of 7 bits.</summary>
    public int SevenBitMatrices { get; private set; }

    /// <summary>A tensor whose sizes, slowest dimension first, must be <paramref name="shape"/>.</summary>
    public GgufTensor Take(string name, params ReadOnlySpan<long> shape)
    {
        cancellation.ThrowIfCancellationRequested();
        GgufTensor tensor = file.GetTensor(name);
        bool same = tensor.Shape.Length == shape.Length;
        for (int i = 0; same && i < shape.Length; i++) same = tensor.Shape[i] == shape[shape.Length - 1 - i];
        if (!same)
        {
            string expected = string.Join(", ", shape.ToArray().Reverse());
            throw new InvalidModelException($"{name}: expected [{expected}], found {tensor.Type} [{string.Join(", ", tensor.Shape)}] in {file.Path}.");
        }
        _taken.Add(name);
        return tensor;
    }

    /// <summary>All values as f32, row-major.</summary>
    public float[] Floats(string name, params ReadOnlySpan<long> shape)
    {
        GgufTensor tensor = Take(name, shape);
        byte[] bytes = new byte[tensor.ByteLength];
        file.ReadUnmapped(tensor, 0, bytes);
        float[] values = new float[tensor.ElementCount];
        Quantization.Dequantize(tensor.Type, bytes, values);
        return values;
    }

    /// <summary>A matrix in its quantised form, packed for the kernels unless it shall stay in the file.</summary>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        GgufTensor tensor = Take(name, rows, columns);
        if (!options.Repack) return WeightMatrix.Unpacked(tensor.Type, rows, columns, (byteOffset, destination) => file.Read(tensor, byteOffset, destination));
        WeightMatrix matrix = WeightMatrix.Load(
            tensor.Type, rows, columns, (byteOffset, destination) => file.ReadUnmapped(tensor, byteOffset, destination), workers!, activations: options.Activations);
        if (matrix.Activations == ActivationPrecision.SevenBits) SevenBitMatrices++;
        return matrix;
    }

    /// <summary>A matrix and its bias, <c>NAME.weight</c> and <c>NAME.bias</c>.</summary>
    public Linear Biased(string name, int rows, int columns, ProfileStage stage) => new(Matrix(name + ".weight", rows, columns), stage, Floats(name + ".bias", rows));

    /// <summary>A matrix without a bias.</summary>
    public Linear Plain(string name, int rows, int columns, ProfileStage stage) => new(Matrix(name + ".weight", rows, columns), stage);

    /// <summary>Leaves tensors of a prefix to another loader of the same file, which proves their shapes.</summary>
    public void Leave(string prefix) => _taken.UnionWith(file.Tensors.Select(t => t.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));

    /// <summary>Refuses a file with a tensor that the network has no place for: it would be another network.</summary>
    public void RefuseRest()
    {
        string? unknown = file.Tensors.Select(t => t.Name).FirstOrDefault(name => !_taken.Contains(name));
        if (unknown is not null) throw new InvalidModelException($"{file.Path} holds the tensor {unknown}, which a Qwen2.5 model with its memory does not have.");
    }
}
