using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Gpu.Devices;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Gpu.Model;

/// <summary>Loads a model to devices as far as it fits there; layers for which there is no room stay on the processor.</summary>
public static class GpuLoader
{
    // What a driver's context, the compiled kernels and the sets' own buffers take, generously.
    private const long ReservedBytes = 768L << 20;

    /// <summary>Loads a base or merged model, and the adapter beside it if one is named.</summary>
    /// <param name="path">The model.</param>
    /// <param name="ahnPath">Its adapter, or null.</param>
    /// <param name="options">How it is loaded and run.</param>
    /// <param name="devices">One device, or several over which the layers are spread by memory.</param>
    /// <param name="gpuLayers">Layers that go to the devices, the first ones; null: as many as fit.</param>
    /// <param name="session">The session that must fit beside the weights.</param>
    /// <param name="progress">Is told of bytes on their way to a device.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="GpuException">Not one layer fits, or a device failed.</exception>
    public static GpuModel Load(
        string path, string? ahnPath, ModelOptions? options, IReadOnlyList<GpuDevice> devices, int? gpuLayers = null,
        SessionOptions? session = null,
        IProgress<LoadedBytes>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(devices);
        options ??= new ModelOptions();
        ModelPlan plan = ModelPlan.Read(path, ahnPath, options);
        int all = plan.Config.LayerCount, layers = gpuLayers ?? FittingLayers(path, ahnPath, plan, session, devices);
        if (layers < 1)
        {
            throw new GpuException(gpuLayers is null
                ? string.Create(CultureInfo.InvariantCulture, $"Not one of the {all} layers fits beside the embedding into the memory "
                    + $"of {string.Join(", ", devices.Select(device => device.Id))}: choose a smaller --window, weights of fewer bits, "
                    + $"or --device cpu.")
                : $"Expected at least 1 layer on the device, found {layers}: choose --device cpu.");
        }
        if (layers > all) throw new GpuException($"Expected at most the model's {all} layers on the device, found {layers}.");
        return GpuModelLoad.Load(path, ahnPath, options, devices, layers, progress, cancellation);
    }

    private static int FittingLayers(
        string path, string? ahnPath, ModelPlan plan, SessionOptions? session, IReadOnlyList<GpuDevice> devices)
    {
        using GgufFile file = GgufFile.Open(path);
        using GgufFile? adapter = ahnPath is null ? null : GgufFile.Open(ahnPath);
        GgufTensor[] tensors = [.. file.Tensors, .. adapter?.Tensors ?? []];
        ModelConfig config = plan.Config;
        SessionPlan state = plan.Session(session);
        long memory = state.HasMemory ? state.MemoryBytes / config.MemoryLayerCount : 0;
        IEnumerable<long> layerBytes = Enumerable.Range(0, config.LayerCount).Select(n =>
            tensors.Where(tensor => tensor.Name.StartsWith(NetworkTensors.LayerPrefix(n), StringComparison.Ordinal)).Sum(DeviceBytes)
            + state.Geometry(n).BytesFor(state.MaxExactTokens + plan.ChunkTokens) + (config.Ahn?.HasMemory(n) == true ? memory : 0));
        long besides = tensors.Where(tensor => !tensor.Name.StartsWith("blk.", StringComparison.Ordinal)).Sum(DeviceBytes)
            // Packed once more, as the output matrix.
            + (config.TiedEmbeddings ? tensors.Where(tensor => tensor.Name == NetworkTensors.EmbeddingName).Sum(DeviceBytes) : 0)
            + GpuScratch.BytesOf(GpuShape.Of(config, plan.ChunkTokens)) + ReservedBytes;
        return LayerPlacement.LayersThatFit(
            layerBytes, besides * devices.Count, devices.Sum(device => device.FreeBytes() ?? device.MemoryBytes));
    }

    // The memories' own matrices are f32 on a device whatever their format in the file.
    private static long DeviceBytes(GgufTensor tensor) => tensor.IsMemory ? sizeof(float) * tensor.ElementCount : tensor.ByteLength;
}
