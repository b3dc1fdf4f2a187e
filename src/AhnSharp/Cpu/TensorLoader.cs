using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Kernels;
using AhnSharp.Network;
using AhnSharp.Quants;
using AhnSharp.Sessions;

namespace AhnSharp.Cpu;

/// <summary>
/// Takes tensors out of one file by name, proves their shapes, and knows in the end which nobody asked for.
/// Packing matrices needs the workers.
/// </summary>
internal sealed class TensorLoader(GgufFile file, ModelOptions options, Workers? workers, CancellationToken cancellation)
{
    private readonly HashSet<string> _taken = [];

    /// <summary>Matrices so far that are multiplied with activations of 7 bits.</summary>
    public int SevenBitMatrices { get; private set; }

    /// <summary>A tensor that must have the shape of the list.</summary>
    public GgufTensor Take(TensorSpec spec)
    {
        cancellation.ThrowIfCancellationRequested();
        GgufTensor tensor = file.GetTensor(spec.Name);
        if (!spec.HasShape(tensor.Shape.AsSpan()))
        {
            string expected = string.Join(", ", spec.ShapeFastestFirst);
            throw new InvalidModelException(
                $"{spec.Name}: expected [{expected}], found {tensor.Type} [{string.Join(", ", tensor.Shape)}] in {file.Path}.");
        }
        _taken.Add(spec.Name);
        return tensor;
    }

    /// <summary>All values as f32, row-major.</summary>
    public float[] Floats(TensorSpec spec)
    {
        GgufTensor tensor = Take(spec);
        byte[] bytes = new byte[tensor.ByteLength];
        WeightCheck.Read(file, tensor, 0, bytes);
        float[] values = new float[tensor.ElementCount];
        Quantization.Dequantize(tensor.Type, bytes, values);
        return values;
    }

    /// <summary>The same of a tensor that not all networks have.</summary>
    public float[]? FloatsOrNull(TensorSpec? spec) => spec is null ? null : Floats(spec);

    /// <summary>A matrix, packed for the kernels unless it shall stay in the file, and its bias where there is one.</summary>
    public Linear Linear(TensorSpec weight, TensorSpec? bias, ProfileStage stage) => new(Matrix(weight), stage, FloatsOrNull(bias));

    private WeightMatrix Matrix(TensorSpec spec)
    {
        GgufTensor tensor = Take(spec);
        int rows = checked((int)spec.Shape[0]), columns = checked((int)spec.Shape[1]);
        if (!options.Repack)
        {
            return WeightMatrix.Unpacked(
                tensor.Type, rows, columns, (byteOffset, destination) => file.Read(tensor, byteOffset, destination));
        }
        WeightMatrix matrix = WeightMatrix.Load(
            tensor.Type, rows, columns, (byteOffset, destination) => WeightCheck.Read(file, tensor, byteOffset, destination), workers!,
            activations: options.Activations);
        if (matrix.Activations == ActivationPrecision.SevenBits) SevenBitMatrices++;
        return matrix;
    }

    /// <summary>Leaves tensors of a prefix to another loader of the same file, which proves their shapes.</summary>
    public void Leave(string prefix) =>
        _taken.UnionWith(file.Tensors.Select(t => t.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));

    /// <summary>
    /// Refuses a file with a tensor that the network, <paramref name="title"/>, has no place for: it would be another network.
    /// </summary>
    public void RefuseRest(string title)
    {
        string? unknown = file.Tensors.Select(t => t.Name).FirstOrDefault(name => !_taken.Contains(name));
        if (unknown is not null)
        {
            throw new InvalidModelException(
                $"{file.Path} holds the tensor {unknown}, which a {title} model with its memory does not have.");
        }
    }
}
