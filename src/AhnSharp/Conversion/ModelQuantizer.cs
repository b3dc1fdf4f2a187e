using System;
using System.Buffers;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Quants;

namespace AhnSharp.Conversion;

/// <summary>Writes a GGUF file again with other types: smaller, or a split one as one, or larger.</summary>
/// <remarks>
/// Keys are carried over, but for those of a split file, and <c>general.file_type</c> and <c>general.quantization_version</c> say what is
/// true now. Tensors keep their order. Weights stream through in pieces of 4 MB of float32 a thread; the input is read, not mapped, so
/// that it never counts as resident.
/// </remarks>
public static class ModelQuantizer
{
    private const uint QuantizationVersion = 2;     // of ggml's block formats, since 2023
    private static readonly string[] s_notCarried = ["general.file_type", "general.quantization_version", "general.alignment"];

    /// <summary>What <see cref="Quantize"/> would make of each tensor; nothing is written.</summary>
    /// <exception cref="InvalidModelException">The input is not what it should be; the message is one sentence.</exception>
    /// <exception cref="IOException">The output may not be written; the message is one sentence.</exception>
    public static QuantizationPlan Plan(QuantizationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using GgufFile file = GgufFile.Open(options.Input, memoryMap: false);
        CheckOutput(file, options);
        return QuantizationPlan.Of(file, options.Mixture, options.Requantize);
    }

    /// <summary>Quantizes; the file appears under its name when it is whole.</summary>
    /// <param name="options">What and how.</param>
    /// <param name="onPlan">Hears what will be written, before it is.</param>
    /// <param name="progress">Bytes of weights written, and in all.</param>
    /// <param name="ct">Stops within a few megabytes; nothing is left behind.</param>
    /// <exception cref="InvalidModelException">The input is not what it should be; the message is one sentence.</exception>
    public static QuantizationReport Quantize(
        QuantizationOptions options, Action<QuantizationPlan>? onPlan = null, IProgress<(long Done, long Total)>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        using GgufFile file = GgufFile.Open(options.Input, memoryMap: false);
        CheckOutput(file, options);
        QuantizationPlan plan = QuantizationPlan.Of(file, options.Mixture, options.Requantize);
        // The last thing that may fail before the work begins, so that what fails at once fails with one sentence alone.
        using PartialFile written = new(options.Output, options.Overwrite);
        onPlan?.Invoke(plan);

        GgufWriter writer = new();
        foreach ((string key, object value) in file.Metadata.Where(pair => IsCarried(pair.Key))) writer.AddValue(key, value);
        writer.Add("general.file_type", (uint)options.Mixture.FileType);
        writer.Add("general.quantization_version", QuantizationVersion);
        TensorEncoder encoder = new(options.Threads, ct);
        foreach (PlannedTensor tensor in plan.Tensors)
        {
            writer.AddTensor(tensor.Source.Name, tensor.Choice.Type, tensor.Source.Shape, stream => Write(stream, encoder, file, tensor));
        }
        writer.Write(written.Stream, progress, ct);
        written.Commit();
        return new QuantizationReport
        {
            Path = options.Output,
            Plan = plan,
            FileBytesBefore = file.ByteLength,
            FileBytesAfter = new FileInfo(options.Output).Length,
        };
    }

    private static void Write(Stream stream, TensorEncoder encoder, GgufFile file, PlannedTensor tensor)
    {
        GgufTensor source = tensor.Source;
        void ReadBlocks(long elementOffset, Span<byte> blocks) => file.Read(source, source.Type.RowBytes(elementOffset), blocks);
        if (tensor.IsCopy)
        {
            encoder.Copy(stream, source.Name, source.Type, source.ElementCount, source.RowLength, ReadBlocks);
            return;
        }
        encoder.Write(stream, source.Name, tensor.Choice.Type, source.ElementCount, source.RowLength, source.RowLength, (offset, values) =>
        {
            byte[] blocks = ArrayPool<byte>.Shared.Rent((int)source.Type.RowBytes(values.Length));
            Span<byte> used = blocks.AsSpan(0, (int)source.Type.RowBytes(values.Length));
            ReadBlocks(offset, used);
            Quantization.Dequantize(source.Type, used, values);
            ArrayPool<byte>.Shared.Return(blocks);
        });
    }

    private static bool IsCarried(string key) => !s_notCarried.Contains(key) && !key.StartsWith("split.", StringComparison.Ordinal);

    private static void CheckOutput(GgufFile file, QuantizationOptions options) =>
        OutputFile.Check(options.Output, OutputKind.Model, options.Overwrite, file.PartPaths);
}
