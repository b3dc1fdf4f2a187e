using System;
using AhnSharp.Gpu.Cuda.Kernels;
using AhnSharp.Gpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Cuda;

/// <summary>The texts of a pass that have a row each, for every layer, in one copy to the device.</summary>
internal sealed class TextTable(Accelerator accelerator, CudaAttention attention) : IDisposable
{
    // Page-locked, so that the copy runs by itself; the pass has ended when the next one begins to write.
    private PageLockedArray1D<TextRow>? _host;
    private MemoryBuffer1D<TextRow, Stride1D.Dense>? _device;
    private LayerTexts[] _layers = [];
    private int _count, _next;

    /// <summary>Whether a part is one of those that are attended together, if there are several.</summary>
    public static bool Takes(in GpuPart part, int gates) =>
        part.Count == 1 && CudaAttention.Reads(part.Ring) && part.Ring.Geometry.GatesPerToken == gates;

    /// <summary>Begins a pass.</summary>
    /// <param name="parts">Parts of all its layers, layer by layer.</param>
    /// <param name="perLayer">Parts of a layer.</param>
    public void Begin(ReadOnlySpan<GpuPart> parts, int perLayer)
    {
        (_count, _next) = (0, 0);
        if (perLayer < 2) return;
        int layers = parts.Length / perLayer, used = 0;
        if (_layers.Length < layers) _layers = new LayerTexts[layers];
        Reserve(parts.Length);
        for (; _count < layers; _count++) _layers[_count] = Layer(parts.Slice(_count * perLayer, perLayer), ref used);
        if (used > 0)
            _device!.View.AsContiguous().SubView(0, used).CopyFromCPUUnsafeAsync(accelerator.DefaultStream, ref _host!.Span[0], used);
    }

    /// <summary>Those of the next layer of the pass; none where a layer is run by itself.</summary>
    public LayerTexts Next() => _next < _count ? _layers[_next++] : default;

    /// <inheritdoc/>
    public void Dispose()
    {
        _host?.Dispose();
        _device?.Dispose();
    }

    private LayerTexts Layer(ReadOnlySpan<GpuPart> parts, ref int used)
    {
        int count = 0, gates = parts[0].Ring.Geometry.GatesPerToken;
        foreach (ref readonly GpuPart part in parts) count += Takes(in part, gates) ? 1 : 0;
        if (count is < 2 or > CudaAttention.MostTexts) return default;
        int first = used, splits = 0, most = 0;
        bool leaves = false;
        foreach (ref readonly GpuPart part in parts)
        {
            if (!Takes(in part, gates)) continue;
            TextRow row = attention.RowOf(in part, 0, count, splits);
            splits += row.Splits;
            most = Math.Max(most, row.Splits);
            leaves |= row.LeavingSlot >= 0;
            _host!.Span[used++] = row;
        }
        return new LayerTexts(count, _host!.Span[first], _device!.View.AsContiguous().SubView(first, count), most, leaves, gates);
    }

    private void Reserve(int rows)
    {
        if (_device is not null && _device.Length >= rows) return;
        Dispose();
        _host = accelerator.AllocatePageLocked1D<TextRow>(2 * rows);
        _device = accelerator.Allocate1D<TextRow>(2 * rows);
    }
}
