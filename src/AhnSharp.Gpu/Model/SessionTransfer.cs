using System;
using System.Runtime.InteropServices;
using AhnSharp.Attention;
using AhnSharp.Gpu.Kernels;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;
using ILGPU;
using ILGPU.Runtime;

namespace AhnSharp.Gpu.Model;

/// <summary>
/// Carries a layer's exact and compressed memory between a device and the processor's form: the same rows in another order,
/// so nothing is lost either way.
/// </summary>
internal static class SessionTransfer
{
    public static void Download(GpuLayerState from, HostLayer to, long position)
    {
        from.Accelerator.Bind();
        (long sinksEnd, long windowStart) = to.Geometry.Held(position);
        to.Ring.Reserve(0, sinksEnd);
        to.Ring.Reserve(windowStart, position);
        Carry(from, to, position, download: true);
    }

    public static void Upload(HostLayer from, GpuLayerState to, long position)
    {
        to.Accelerator.Bind();
        Carry(to, from, position, download: false);
    }

    private static void Carry(GpuLayerState device, HostLayer host, long position, bool download)
    {
        foreach (KvRun run in RingRuns.Held(host.Ring, position)) Turn(device.Ring, host.Ring, run, download);
        if (host.Geometry.GatesPerToken > 0)
        {
            foreach (KvRun run in RingRuns.Window(host.Ring, position)) Gates(device.Ring, host.Ring, run, download);
        }
        if (device.State.Length > 0) State(device, host, download);
    }

    private static long Slot(KvRun run) => (long)run.Segment * KvGeometry.SegmentSlots + run.Slot;

    // The device holds [slots][K][row]; the processor's form takes and gives [count][row] a head.
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

    private static void State(GpuLayerState device, HostLayer host, bool download)
    {
        int floats = device.Geometry.HeadDim * device.Geometry.HeadDim, heads = (int)(device.State.Length / floats);
        byte[] bytes = new byte[sizeof(float) * floats];
        for (int head = 0; head < heads; head++)
        {
            ArrayView<byte> view = device.State.SubView((long)head * floats, floats).Cast<byte>();
            Span<byte> state = MemoryMarshal.AsBytes(host.Memory!.Of(head));
            if (download)
            {
                Take(device.Ring, view, bytes);
                bytes.CopyTo(state);
            }
            else
            {
                state.CopyTo(bytes);
                Put(device.Ring, view, bytes);
            }
        }
    }

    private static void Take(GpuRing ring, ArrayView<byte> from, byte[] to) => from.CopyToCPU(ring.Accelerator.DefaultStream, to);

    private static void Put(GpuRing ring, ArrayView<byte> to, byte[] from) => to.CopyFromCPU(ring.Accelerator.DefaultStream, from);
}
