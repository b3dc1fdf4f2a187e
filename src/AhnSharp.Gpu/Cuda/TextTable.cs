using System;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>The texts of a pass that have a row each, for every layer, in one copy to the device.</summary>
internal sealed class TextTable(Accelerator accelerator, CudaAttention attention) : IDisposable
{
    // A launch makes room for whole eights of splits, so that the launches of 512 tokens of a growing text are the same.
    private const int RoundedSplits = 8;

    // Page-locked, so that the copy runs by itself; the pass has ended when the next one begins to write.
    private PageLockedArray1D<TextRow>? _host;
    private MemoryBuffer1D<TextRow, Stride1D.Dense>? _device;
    private LayerTexts[] _layers = [];
    private int _count, _next, _used;

    /// <summary>Texts of each layer of the pass.</summary>
    public ReadOnlySpan<LayerTexts> Layers => _layers.AsSpan(0, _count);

    /// <summary>Whether a part is one of those that are attended together.</summary>
    public static bool Takes(in GpuPart part, int gates) =>
        part.Count == 1 && CudaAttention.Reads(part.Ring) && part.Ring.Geometry.GatesPerToken == gates;

    /// <summary>Writes down the parts of a pass; they are sent when the first of its layers asks for them.</summary>
    /// <param name="parts">Parts of all its layers, layer by layer.</param>
    /// <param name="perLayer">Parts of a layer.</param>
    /// <returns>False where the table has moved, and what was launched with its address must not be launched again.</returns>
    public bool Begin(ReadOnlySpan<GpuPart> parts, int perLayer)
    {
        (_count, _next, _used) = (0, 0, 0);
        int layers = parts.Length / perLayer;
        if (_layers.Length < layers) _layers = new LayerTexts[layers];
        bool stays = Reserve(parts.Length);
        for (; _count < layers; _count++) _layers[_count] = Layer(parts.Slice(_count * perLayer, perLayer));
        return stays;
    }

    /// <summary>Those of the next layer of the pass; none where a layer is run by itself.</summary>
    public LayerTexts Next()
    {
        if (_next >= _count) return default;
        if (_next == 0 && _used > 0)
            _device!.View.AsContiguous().SubView(0, _used).CopyFromCPUUnsafeAsync(accelerator.DefaultStream, ref _host!.Span[0], _used);
        return _layers[_next++];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host?.Dispose();
        _device?.Dispose();
    }

    private LayerTexts Layer(ReadOnlySpan<GpuPart> parts)
    {
        int count = 0, gates = parts[0].Ring.Geometry.GatesPerToken;
        foreach (ref readonly GpuPart part in parts) count += Takes(in part, gates) ? 1 : 0;
        if (count is 0 or > CudaAttention.MostTexts) return default;
        int first = _used, splits = 0, most = 0;
        bool leaves = false;
        foreach (ref readonly GpuPart part in parts)
        {
            if (!Takes(in part, gates)) continue;
            TextRow row = attention.RowOf(in part, 0, count, splits);
            splits += row.Splits;
            most = Math.Max(most, row.Splits);
            leaves |= row.LeavingSlot >= 0;
            _host!.Span[_used++] = row;
        }
        most = (most + RoundedSplits - 1) / RoundedSplits * RoundedSplits;
        return new LayerTexts(count, _device!.View.AsContiguous().SubView(first, count), most, leaves, gates);
    }

    private bool Reserve(int rows)
    {
        if (_device is not null && _device.Length >= rows) return true;
        Dispose();
        _host = accelerator.AllocatePageLocked1D<TextRow>(2 * rows);
        _device = accelerator.Allocate1D<TextRow>(2 * rows);
        return false;
    }
}
