using System;
using System.IO;
using System.Threading;
using AhnSharp.Conversion;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Hippocampus;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Training;

/// <summary>A memory as the GGUF adapter that a model is loaded with, and back.</summary>
/// <remarks>Matrices are F16, as <c>ahn convert</c> writes them beside quantised models; vectors F32.</remarks>
internal static class AdapterFile
{
    private static readonly QuantizationMixture s_types = QuantizationMixture.Get("f16");

    /// <summary>Writes an adapter.</summary>
    /// <param name="stream">Takes the file.</param>
    /// <param name="frozen">The base: its shape and fingerprint.</param>
    /// <param name="parameters">The memory.</param>
    /// <param name="window">W that the file will name.</param>
    /// <param name="sinks">S that the file will name.</param>
    /// <param name="record">How it was made.</param>
    public static void Write(
        Stream stream, FrozenBase frozen, MemoryParameters parameters, int window, int sinks, TrainingRecord record)
    {
        ModelConfig config = frozen.Config with
        {
            Ahn = new AhnConfig(parameters.Rule, window, sinks, []) { Fingerprint = frozen.Fingerprint },
        };
        GgufWriter writer = new();
        ModelKeys.WriteGeneral(writer, config.Architecture, ModelForm.Adapter, record.Name, s_types.FileType);
        ModelKeys.WriteMemory(writer, config, config.Ahn);
        record.AddTo(writer);
        TensorEncoder encoder = new(1, CancellationToken.None);
        foreach ((TensorSpec spec, int start) in parameters.Tensors)
        {
            GgmlType type = s_types.Choose(config, spec.Name, spec.Shape.Length, spec.RowLength).Type;
            ReadOnlyMemory<float> values = parameters.Values.AsMemory(start, (int)spec.ElementCount);
            if (spec.Change == TensorChange.TransposeHeads) values = Transposed(values.Span, config.HeadCount, config.HeadDim);
            writer.AddTensor(spec.Name, type, spec.ShapeFastestFirst, output => encoder.Write(
                output, spec.Name, type, spec.ElementCount, spec.RowLength, spec.RowLength, (offset, to) =>
                    values.Span.Slice((int)offset, to.Length).CopyTo(to)));
        }
        writer.Write(stream);
    }

    /// <summary>Reads an adapter of a base.</summary>
    /// <param name="path">The file.</param>
    /// <param name="frozen">The base.</param>
    /// <param name="isAnyBase">Whether a fingerprint of another base is let pass.</param>
    /// <exception cref="InvalidModelException">It is none, or another base's.</exception>
    public static MemoryParameters Read(string path, FrozenBase frozen, bool isAnyBase = false)
    {
        using GgufFile file = GgufFile.Open(path);
        ModelConfig config = ModelKeys.Read(frozen.File, file);
        if (config.Ahn!.Fingerprint is { } fingerprint && !isAnyBase)
            Weights.Compare(fingerprint, frozen.File, file, config.LayerCount);
        TensorLoader loader = new(file, new ModelOptions(), null, CancellationToken.None);
        NetworkTensors tensors = new(config);
        MemoryParameters parameters = new(frozen.Config, config.Ahn.Rule);
        for (int n = 0; n < config.LayerCount; n++)
        {
            if (tensors.Memory(n) is not { } memory)
                throw new InvalidModelException($"{path}: expected a memory in every layer, found none in layer {n}.");
            HippocampusWeights read = Weights.MemoryOf(loader, memory, config);
            LayerParameters to = parameters.Layer(n);
            foreach ((float[]? from, Memory<float> into) in (ReadOnlySpan<(float[]?, Memory<float>)>)
                [
                    (read.Beta, to.Beta), (read.Alpha, to.Alpha), (read.ALog, to.ALog), (read.DtBias, to.DtBias), (read.Gate, to.Gate),
                    (read.GateBias, to.GateBias), (read.Norm, to.Norm), (read.Out, to.Out),
                ]) from?.CopyTo(into);
        }
        loader.RefuseRest(config.Architecture.Title);
        return parameters;
    }

    // [H, in, out] becomes [H, out, in], as files have it.
    private static float[] Transposed(ReadOnlySpan<float> inMajor, int heads, int dim)
    {
        float[] outMajor = new float[inMajor.Length];
        for (int h = 0; h < heads; h++)
        {
            int head = h * dim * dim;
            for (int i = 0; i < dim; i++)
            {
                for (int o = 0; o < dim; o++) outMajor[head + o * dim + i] = inMajor[head + i * dim + o];
            }
        }
        return outMajor;
    }
}
