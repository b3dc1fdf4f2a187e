using System;
using AhnSharp.Gpu.Kernels;

namespace AhnSharp.Gpu.Model;

/// <summary>Consecutive layers on one device.</summary>
internal sealed class GpuStage(GpuKernels kernels, int firstLayer, GpuLayer[] layers) : IDisposable
{
    public GpuKernels Kernels => kernels;
    public int FirstLayer => firstLayer;
    public int EndLayer => firstLayer + layers.Length;
    public GpuLayer Layer(int layer) => layers[layer - firstLayer];
    public void Set(int layer, GpuLayer uploaded) => layers[layer - firstLayer] = uploaded;

    /// <summary>Embedding and output matrix, where this stage is the first or the last.</summary>
    public GpuHead? Head { get; set; }

    /// <summary>[E], the weights of the last norm, where this stage ends the model; else none.</summary>
    public float[] OutputNorm { get; set; } = [];

    /// <summary>Device bytes of the weights.</summary>
    public long WeightBytes => LayerBytes + (Head?.ByteLength ?? 0);

    /// <summary>Of those, what a token reads.</summary>
    public long TokenWeightBytes => LayerBytes + (Head?.TokenByteLength ?? 0);

    private long LayerBytes
    {
        get
        {
            long bytes = 0;
            foreach (GpuLayer? layer in layers) bytes += layer?.ByteLength ?? 0;
            return bytes;
        }
    }

    public void Dispose()
    {
        kernels.Accelerator.Bind();
        Head?.Dispose();
        foreach (GpuLayer? layer in layers) layer?.Dispose();
        kernels.Dispose();
        kernels.Accelerator.Dispose();
    }
}
