using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using AhnSharp.Attention;
using AhnSharp.Cpu;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>Brings a model's weights to where its placement computes each layer.</summary>
internal static class GpuModelLoad
{
    /// <summary>Makes the kernel set of a device, which owns its accelerator.</summary>
    internal delegate GpuKernels CreateKernels(GpuShape shape, int device);

    /// <param name="path">The model.</param>
    /// <param name="ahnPath">Its adapter, or null.</param>
    /// <param name="options">How it is loaded and run.</param>
    /// <param name="devices">Over which the layers are spread by memory.</param>
    /// <param name="deviceLayers">Layers that go to them; null: all.</param>
    /// <param name="progress">Is told of bytes on their way to a device.</param>
    /// <param name="cancellation">Ends it.</param>
    public static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, IReadOnlyList<GpuDevice> devices, int? deviceLayers,
        IProgress<LoadedBytes>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(devices);
        if (devices.Count == 0) throw new ArgumentException("Expected a device, found none.", nameof(devices));
        string names = string.Join(" + ", devices.Select(device => $"{device.Id} ({device.Name})"));
        long[] memory = [.. devices.Select(device => device.MemoryBytes)];
        return Load(
            path, ahnPath, options, names, layers => LayerPlacement.Over(layers, deviceLayers ?? layers, memory),
            (shape, device) => KernelSets.Create(devices[device].CreateAccelerator(), shape), progress, cancellation);
    }

    /// <summary>The same with a placement and kernel sets of the caller's.</summary>
    public static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, string names, Func<int, LayerPlacement> place, CreateKernels createKernels,
        IProgress<LoadedBytes>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new ModelOptions();
        options.Check();
        GgufFile? file = null, adapter = null;
        List<GpuStage> stages = [];
        CpuStage? here = null;
        try
        {
            file = GgufFile.Open(path, options.MemoryMap);
            adapter = ahnPath is null ? null : GgufFile.Open(ahnPath, options.MemoryMap);
            ModelConfig config = ModelKeys.Read(file, adapter);
            if (config.HeadDim > KvGeometry.MaxHeadDim)
                throw new GpuException($"Heads of {config.HeadDim} entries are not supported: expected at most {KvGeometry.MaxHeadDim}.");
            LayerPlacement placement = place(config.LayerCount);
            var weights = new GpuWeights(file, adapter, config, options, cancellation);
            for (int n = placement.DeviceLayers; n < config.LayerCount; n++) weights.Leave(n);
            double[][] decayRates = new double[config.LayerCount][];
            Array.Fill(decayRates, []);
            long done = 0, total = file.ByteLength + (adapter?.ByteLength ?? 0);
            double seconds = 0;
            foreach (LayerStage stage in placement.Stages)
            {
                if (stage.Device is not { } device) continue;
                GpuKernels kernels = createKernels(GpuShape.Of(config, options.ChunkTokens), device);
                stages.Add(new GpuStage(kernels, stage.FirstLayer, new GpuLayer[stage.EndLayer - stage.FirstLayer]));
                kernels.Upload.Progress = bytes =>
                {
                    done += bytes;
                    progress?.Report(new LoadedBytes(done, total));
                };
                seconds += Upload(stages[^1], weights, config, file, decayRates);
            }
            weights.RefuseRest();
            if (config.Ahn?.Fingerprint is { } fingerprint && !options.IgnoreFingerprint)
                Weights.Compare(fingerprint, file, adapter, config.LayerCount);
            if (placement.DeviceLayers < config.LayerCount)
                here = CpuModel.LoadStage(file, adapter, config, options, placement.DeviceLayers, cancellation);
            return new GpuModel(
                file, adapter, config, [.. stages], here, decayRates, $"{names}, {stages[^1].Kernels.Name} kernels", options.ChunkTokens)
            {
                MeasuredUploadRate = done / seconds / 1e9,
            };
        }
        catch (Exception error)
        {
            here?.Dispose();
            foreach (GpuStage stage in stages) stage.Dispose();
            adapter?.Dispose();
            file?.Dispose();
            if (GpuFailure.Of(error, names) is { } sentence) throw sentence;
            throw;
        }
    }

    // Only the first stage embeds, and only the last makes logits, where it ends the model. Returns the seconds it took.
    private static double Upload(GpuStage stage, GpuWeights weights, ModelConfig config, GgufFile file, double[][] decayRates)
    {
        GpuKernels kernels = stage.Kernels;
        HeadSource head = weights.Head();
        kernels.PrepareUpload(head.Embedding.Type, file.Tensors.Select(tensor => tensor.Type).Distinct());
        long started = Stopwatch.GetTimestamp();
        bool endsModel = stage.EndLayer == config.LayerCount;
        if (stage.FirstLayer == 0 || endsModel)
            stage.Head = kernels.UploadHead(endsModel ? head : head with { Output = null, MakesLogits = false });
        if (endsModel) stage.OutputNorm = head.OutputNorm;
        for (int n = stage.FirstLayer; n < stage.EndLayer; n++)
        {
            LayerSource source = weights.Layer(n);
            if (config.Ahn is { Rule.DecaysByStrength: true } && source.Memory is { } one)
                decayRates[n] = Array.ConvertAll(one.ALog!, a => Math.Exp(a));
            stage.Set(n, kernels.UploadLayer(source));
        }
        kernels.EndUpload();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
