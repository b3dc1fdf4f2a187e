using System;
using System.Runtime.InteropServices;
using AhnSharp.Attention;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Model;
using AhnSharp.Model.Snapshots;
using AhnSharp.Network;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>Carries exact and compressed memory between devices and the engine's form: the same rows in another order, so nothing is lost either way.</summary>
internal static class SessionTransfer
{
    public static void Download(GpuLayerState[] layers, Session to, ModelConfig config)
    {
        for (int n = 0; n < layers.Length; n++)
        {
            GpuLayerState layer = layers[n];
            layer.Accelerator.Bind();
            KvRing ring = to.Ring(n);
            (long sinksEnd, long windowStart) = ring.Geometry.Held(to.Position);
            ring.Reserve(0, sinksEnd);
            ring.Reserve(windowStart, to.Position);
            foreach (KvRun run in RingRuns.Held(ring, to.Position)) Turn(layer.Ring, ring, run, download: true);
            if (ring.Geometry.GatesPerToken > 0)
            {
                foreach (KvRun run in RingRuns.Window(ring, to.Position)) Gates(layer.Ring, ring, run, download: true);
            }
            if (layer.State.Length > 0) State(layer, to, config.MemoryIndex(n), config, download: true);
        }
    }

    public static void Upload(Session from, GpuLayerState[] layers, ModelConfig config)
    {
        for (int n = 0; n < layers.Length; n++)
        {
            GpuLayerState layer = layers[n];
            layer.Accelerator.Bind();
            KvRing ring = from.Ring(n);
            foreach (KvRun run in RingRuns.Held(ring, from.Position)) Turn(layer.Ring, ring, run, download: false);
            if (ring.Geometry.GatesPerToken > 0)
            {
                foreach (KvRun run in RingRuns.Window(ring, from.Position)) Gates(layer.Ring, ring, run, download: false);
            }
            if (layer.State.Length > 0) State(layer, from, config.MemoryIndex(n), config, download: false);
        }
    }

    private static long Slot(KvRun run) => (long)run.Segment * KvGeometry.SegmentSlots + run.Slot;

    // The device holds [slots][K][row]; the engine takes and gives [count][row] a head.
    private static void Turn(GpuRing device, KvRing ring, KvRun run, bool download)
    {
        int heads = ring.Geometry.KvHeads, row = ring.Geometry.RowBytes, slotBytes = heads * row;
        byte[] slots = new byte[run.Count * slotBytes], rows = new byte[run.Count * row];
        foreach (bool keys in new[] { true, false })
        {
            ArrayView<byte> view = (keys ? device.Keys : device.Values).SubView(Slot(run) * slotBytes, slots.Length);
            if (download) Take(device, view, slots);
            for (int head = 0; head < heads; head++)
            {
                if (download)
                {
                    for (int i = 0; i < run.Count; i++) slots.AsSpan(i * slotBytes + head * row, row).CopyTo(rows.AsSpan(i * row));
                    if (keys) KvRows.PutKeys(ring, head, run, rows);
                    else rows.CopyTo(KvRows.Values(ring, head, run));
                }
                else
                {
                    if (keys) KvRows.TakeKeys(ring, head, run, rows);
                    else KvRows.Values(ring, head, run).CopyTo(rows);
                    for (int i = 0; i < run.Count; i++) rows.AsSpan(i * row, row).CopyTo(slots.AsSpan(i * slotBytes + head * row));
                }
            }
            if (!download) Put(device, view, slots);
        }
    }

    private static void Gates(GpuRing device, KvRing ring, KvRun run, bool download)
    {
        int gates = ring.Geometry.GatesPerToken;
        ArrayView<byte> view = device.Gates.SubView(Slot(run) * gates, (long)run.Count * gates).Cast<byte>();
        byte[] bytes = new byte[view.Length];
        if (download)
        {
            Take(device, view, bytes);
            bytes.CopyTo(KvRows.Gates(ring, run));
            return;
        }
        KvRows.Gates(ring, run).CopyTo(bytes);
        Put(device, view, bytes);
    }

    private static void State(GpuLayerState layer, Session session, int memoryLayer, ModelConfig config, bool download)
    {
        int floats = config.HeadDim * config.HeadDim;
        byte[] bytes = new byte[sizeof(float) * floats];
        for (int head = 0; head < config.HeadCount; head++)
        {
            ArrayView<byte> view = layer.State.SubView((long)head * floats, floats).Cast<byte>();
            Span<byte> state = MemoryMarshal.AsBytes(session.Memory!.Of(memoryLayer, head));
            if (download)
            {
                Take(layer.Ring, view, bytes);
                bytes.CopyTo(state);
            }
            else
            {
                state.CopyTo(bytes);
                Put(layer.Ring, view, bytes);
            }
        }
    }

    private static void Take(GpuRing ring, ArrayView<byte> from, byte[] to) => from.CopyToCPU(ring.Accelerator.DefaultStream, to);

    private static void Put(GpuRing ring, ArrayView<byte> to, byte[] from) => to.CopyFromCPU(ring.Accelerator.DefaultStream, from);
}
