using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using AhnSharp.Gguf;
using AhnSharp.Network;

namespace AhnSharp.Conversion;

/// <summary>What a quantization makes of each tensor; known from the header alone, before a weight is read.</summary>
public sealed record QuantizationPlan
{
    private QuantizationPlan(ImmutableArray<PlannedTensor> tensors, ImmutableArray<string> notes) => (Tensors, Notes) = (tensors, notes);

    /// <summary>All tensors, in the order of the input.</summary>
    public ImmutableArray<PlannedTensor> Tensors { get; }

    /// <summary>Fall-backs, a sentence for each kind.</summary>
    public ImmutableArray<string> Notes { get; }

    /// <summary>Weights in all.</summary>
    public long Weights => Tensors.Sum(tensor => tensor.Source.ElementCount);

    /// <summary>Bytes of tensors in the input.</summary>
    public long BytesBefore => Tensors.Sum(tensor => tensor.Source.ByteLength);

    /// <summary>Bytes of tensors in the output.</summary>
    public long BytesAfter => Tensors.Sum(tensor => tensor.Bytes);

    /// <summary>Proves that a file is a model which this engine can load and this mixture is for.</summary>
    /// <exception cref="InvalidModelException">It is not; the message is one sentence.</exception>
    public static QuantizationPlan Of(GgufFile file, QuantizationMixture mixture, bool requantize)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(mixture);
        if (!mixture.IsWritable)
        {
            throw new ArgumentException(
                $"Weights are quantized to {string.Join(", ", QuantizationMixture.WritableNames)}; found {mixture.Name}.", nameof(mixture));
        }
        bool isAdapter = ModelKeys.IsAdapter(file.Metadata);
        ModelConfig? config = isAdapter ? null : ProveModel(file);
        if (isAdapter) ProveAdapter(file, mixture);

        FallbackNotes fallbacks = new();
        List<PlannedTensor> tensors = [];
        foreach (GgufTensor tensor in file.Tensors)
        {
            TypeChoice choice = mixture.Choose(config, tensor.Name, tensor.Shape.Length, tensor.RowLength, tensor.Type);
            bool isFine = tensor.Type.BlockLength() == 1 || tensor.Type is GgmlType.Q8_0 || tensor.Type == choice.Type;
            if (!isFine && !requantize)
            {
                throw new InvalidModelException(
                    $"{file.Path}: {tensor.Name} is {tensor.Type} already, and what that lost does not come back: "
                        + "take the F32, F16, BF16 or Q8_0 file of this model, or insist with --requantize.");
            }
            fallbacks.Add(tensor.Name, tensor.RowLength, choice);
            tensors.Add(new PlannedTensor(tensor, choice));
        }
        return new QuantizationPlan([.. tensors], [.. fallbacks.Sentences()]);
    }

    /// <summary>Every tensor of its configuration in its shape, and no other: what the engine will ask of the output.</summary>
    private static ModelConfig ProveModel(GgufFile file)
    {
        ModelConfig config = ModelKeys.Read(file);
        NetworkTensors network = new(config);
        HashSet<string> known = [];
        foreach (TensorSpec spec in network.Base.Concat(network.Memories).Where(spec => spec.Name.Length > 0))
        {
            GgufTensor tensor = file.GetTensor(spec.Name);
            if (!spec.HasShape(tensor.Shape.AsSpan()))
            {
                throw new InvalidModelException(
                    $"{spec.Name}: expected [{string.Join(", ", spec.ShapeFastestFirst)}], found {tensor.TypeAndShape} in {file.Path}.");
            }
            known.Add(spec.Name);
        }
        GgufTensor? other = file.Tensors.FirstOrDefault(tensor => !known.Contains(tensor.Name));
        return other is null ? config : throw new InvalidModelException(
            $"{file.Path} holds the tensor {other.Name}, which a {config.Architecture.Title} model with its memory does not have.");
    }

    private static void ProveAdapter(GgufFile file, QuantizationMixture mixture)
    {
        if (file.Metadata.GetStringOrNull("adapter.type") is var type && type != "ahn")
        {
            throw new InvalidModelException(
                $"{file.Path}: expected a model or an adapter of adapter.type ahn, found an adapter of {type ?? "no"} type.");
        }
        if (mixture.IsQuantized)
        {
            throw new InvalidModelException($"{file.Path} is a memory without its base model; it is small and stays precise, as f32, "
                + "f16 or bf16: quantize the base model instead.");
        }
        GgufTensor? other = file.Tensors.FirstOrDefault(tensor => !tensor.IsMemory);
        if (other is not null)
            throw new InvalidModelException($"{file.Path} holds the tensor {other.Name}, which an AHN adapter does not have.");
    }
}
