using System;
using AhnSharp.Attention;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Kernels;

/// <summary>One layer's exact memory of one text on a device.</summary>
/// <remarks>
/// Slot-major, so that it grows by a copy of its beginning: keys [slots][K][row], values [slots][K][row], gates [slots][g] f32. A row
/// is D entries as the engine's KvRows writes them (<see cref="KvGeometry.RowBytes"/>): f32, f16 (the default: D ushorts), or Q8_0:
/// s8 [D] then f16 scales [D/32]. Slots: <see cref="RingShape"/>. Rows of f16 and f32 begin at a multiple of 2·D bytes of a buffer
/// that is at least 256-byte aligned.
/// </remarks>
internal sealed class GpuRing : IDisposable
{
    private const int FirstSlots = 1024;
    private readonly Accelerator _accelerator;
    private MemoryBuffer1D<byte, Stride1D.Dense>? _keys, _values;
    private MemoryBuffer1D<float, Stride1D.Dense>? _gates;

    public GpuRing(Accelerator accelerator, KvGeometry geometry) =>
        (_accelerator, Geometry, Shape) = (accelerator, geometry, new RingShape(geometry));

    /// <summary>Its shape.</summary>
    public KvGeometry Geometry { get; }

    /// <summary>The device.</summary>
    public Accelerator Accelerator => _accelerator;

    /// <summary>Its shape as kernels take it.</summary>
    public RingShape Shape { get; }

    /// <summary>Slots that have memory.</summary>
    public int Slots { get; private set; }

    /// <summary>Device bytes held.</summary>
    public long ByteLength => (long)Slots * Geometry.SlotBytes;

    /// <summary>[slots][K][RowBytes].</summary>
    public ArrayView<byte> Keys => _keys!.View.AsContiguous();

    /// <summary>[slots][K][RowBytes].</summary>
    public ArrayView<byte> Values => _values!.View.AsContiguous();

    /// <summary>[slots][g]; one float where g = 0.</summary>
    public ArrayView<float> Gates => _gates!.View.AsContiguous();

    /// <summary>Takes memory for the slots of all positions before <paramref name="end"/>, by doubling; what is held stays.</summary>
    public void Reserve(int end)
    {
        long needed = Geometry.Grows ? end : Math.Min(
            Geometry.FixedSlots, end <= Geometry.Sinks ? end : Geometry.SinkSlots + (long)(end - Geometry.Sinks));
        if (needed <= Slots) return;
        long slots = Math.Max(needed, Math.Max(FirstSlots, 2L * Slots));
        Resize((int)(Geometry.Grows ? Math.Min(slots, Array.MaxLength) : Math.Min(slots, Geometry.FixedSlots)));
    }

    /// <summary>A ring with memory of its own that holds the same.</summary>
    public GpuRing Copy()
    {
        var copy = new GpuRing(_accelerator, Geometry);
        if (Slots > 0) copy.CopyFrom(Slots, Slots, this);
        return copy;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys?.Dispose();
        _values?.Dispose();
        _gates?.Dispose();
        (_keys, _values, _gates, Slots) = (null, null, null, 0);
    }

    private void Resize(int slots)
    {
        int held = Slots;
        (MemoryBuffer? keys, MemoryBuffer? values, MemoryBuffer? gates) = (_keys, _values, _gates);
        CopyFrom(slots, held, this);
        if (held == 0) return;
        // The copies are done before what they read is freed.
        _accelerator.DefaultStream.Synchronize();
        keys!.Dispose();
        values!.Dispose();
        gates!.Dispose();
    }

    private void CopyFrom(int slots, int held, GpuRing from)
    {
        long rows = (long)Geometry.KvHeads * Geometry.RowBytes;
        (MemoryBuffer1D<byte, Stride1D.Dense>? keys, MemoryBuffer1D<byte, Stride1D.Dense>? values,
            MemoryBuffer1D<float, Stride1D.Dense>? gates) = (from._keys, from._values, from._gates);
        _keys = _accelerator.Allocate1D<byte>(slots * rows);
        _values = _accelerator.Allocate1D<byte>(slots * rows);
        _gates = _accelerator.Allocate1D<float>(Math.Max(1, (long)slots * Geometry.GatesPerToken));
        Slots = slots;
        if (held == 0) return;
        AcceleratorStream stream = _accelerator.DefaultStream;
        keys!.View.AsContiguous().SubView(0, held * rows).CopyTo(stream, Keys.SubView(0, held * rows));
        values!.View.AsContiguous().SubView(0, held * rows).CopyTo(stream, Values.SubView(0, held * rows));
        long floats = (long)held * Geometry.GatesPerToken;
        if (floats > 0) gates!.View.AsContiguous().SubView(0, floats).CopyTo(stream, Gates.SubView(0, floats));
    }
}
