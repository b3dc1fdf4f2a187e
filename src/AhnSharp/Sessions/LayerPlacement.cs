using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace AhnSharp.Sessions;

/// <summary>
/// Where the layers of a network are computed: stages in the order of the network. The processor is one of the places,
/// and the last where it takes part.
/// </summary>
/// <param name="Stages">At least one; together all layers.</param>
internal sealed record LayerPlacement(ImmutableArray<LayerStage> Stages)
{
    /// <summary>Layers before this one are computed on devices.</summary>
    public int DeviceLayers => Stages.LastOrDefault(stage => stage.Device is not null).EndLayer;

    /// <summary>The first layers over devices in proportion to their memory, the others on the processor.</summary>
    /// <param name="layers">All layers.</param>
    /// <param name="deviceLayers">Those that go to devices.</param>
    /// <param name="memory">Bytes of each device; one that gets no layer has no stage.</param>
    public static LayerPlacement Over(int layers, int deviceLayers, params ReadOnlySpan<long> memory)
    {
        double total = 0, before = 0;
        foreach (long bytes in memory) total += bytes;
        ImmutableArray<LayerStage>.Builder stages = ImmutableArray.CreateBuilder<LayerStage>();
        for (int device = 0, first = 0; device < memory.Length; device++)
        {
            before += memory[device];
            int end = device == memory.Length - 1 ? deviceLayers : (int)Math.Round(deviceLayers * (before / total));
            if (end > first) stages.Add(new LayerStage(first, end, device));
            first = end;
        }
        if (deviceLayers < layers) stages.Add(new LayerStage(deviceLayers, layers, null));
        return new LayerPlacement(stages.ToImmutable());
    }

    /// <summary>Layers whose weights and state fit into <paramref name="free"/> bytes, one after another from the first.</summary>
    /// <param name="layerBytes">Weights and state of each layer.</param>
    /// <param name="fixedBytes">What is taken besides.</param>
    /// <param name="free">Bytes.</param>
    public static int LayersThatFit(IEnumerable<long> layerBytes, long fixedBytes, long free)
    {
        long left = free - fixedBytes;
        return layerBytes.TakeWhile(bytes => (left -= bytes) >= 0).Count();
    }
}

/// <summary>Consecutive layers in one place.</summary>
/// <param name="FirstLayer">The first of them.</param>
/// <param name="EndLayer">The first behind them.</param>
/// <param name="Device">Which device; null: the processor.</param>
internal readonly record struct LayerStage(int FirstLayer, int EndLayer, int? Device);
