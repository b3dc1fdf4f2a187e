using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>
/// <see cref="LanguageSession.Describe"/> from a file alone: norms from the memories, gates from what lies behind the
/// keys and values of the window.
/// </summary>
internal static class SnapshotDescription
{
    public static SessionDescription Of(SnapshotFile file)
    {
        SnapshotHeader header = file.Header;
        SnapshotShape shape = header.Shape;
        List<LayerDescription> layers = new(shape.Layers);
        long gateTokens = 0;
        bool hasMemory = header.Mode == MemoryMode.Ahn && shape.FullAttentionLayers.Length < shape.Layers;
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            KvGeometry geometry = header.Geometry(layer);
            MemoryHeadDescription[] heads = [];
            if (geometry.GatesPerToken > 0)
            {
                double[] sums = SumGates(file, layer, geometry, out gateTokens);
                heads = HeadsOf(shape, file.ReadMemory(layer), sums, gateTokens, file.ReadDecayRates(layer));
            }
            layers.Add(new LayerDescription
            {
                Layer = layer,
                KeepsEverything = geometry.Grows,
                ExactBytes = geometry.BytesFor(header.Position),
                Heads = heads,
            });
        }
        long exact = 0;
        foreach (LayerDescription layer in layers) exact += layer.ExactBytes;
        return new SessionDescription
        {
            Mode = header.Mode,
            Rule = hasMemory ? shape.Memory : null,
            Window = header.Window,
            Sinks = header.Sinks,
            Kv = header.Kv,
            Tally = SessionPlan.TallyOf(
                header.Mode, header.Window, header.Sinks, header.Archive?.Options?.BlockTokens ?? 0, header.Position,
                header.ArchiveShape is { } archived ? archived.FirstKept(archived.Sealed(header.Position)) * archived.Block : 0),
            ExactBytes = exact,
            MemoryBytes = hasMemory ? MemoryState.Bytes(shape.Layers - shape.FullAttentionLayers.Length, shape.Heads, shape.HeadDim) : 0,
            GateTokens = gateTokens,
            Layers = layers,
        };
    }

    private static MemoryHeadDescription[] HeadsOf(
        SnapshotShape shape, float[]? states, double[] gateSums, long tokens, double[] decayRates)
    {
        MemoryHeadDescription[] heads = new MemoryHeadDescription[shape.Heads];
        int size = shape.HeadDim * shape.HeadDim;
        for (int head = 0; head < heads.Length; head++)
        {
            double norm = states is null ? 0 : SessionDescription.Norm(states.AsSpan(head * size, size));
            heads[head] = MemoryHeadDescription.Of(shape.Memory!, shape.Heads, head, norm, gateSums, tokens, decayRates);
        }
        return heads;
    }

    // The whole section is read, since its checksum stands behind it; gates are its last bytes.
    private static double[] SumGates(SnapshotFile file, int layer, KvGeometry geometry, out long tokens)
    {
        (long sinksEnd, long windowStart) = geometry.Held(file.Position);
        tokens = file.Position - windowStart;
        SectionReader reader = file.Section(SnapshotSectionKind.Ring, layer);
        for (long left = 2L * geometry.KvHeads * geometry.RowBytes * (sinksEnd + tokens); left > 0;)
        {
            Span<byte> skipped = file.Buffer[..(int)Math.Min(file.Buffer.Length, left)];
            reader.Read(skipped);
            left -= skipped.Length;
        }
        double[] sums = new double[geometry.GatesPerToken];
        float[] gates = new float[geometry.GatesPerToken];
        for (long token = 0; token < tokens; token++)
        {
            reader.Read(MemoryMarshal.AsBytes(gates.AsSpan()));
            SessionDescription.Add(gates, sums);
        }
        reader.Finish(file.Buffer);
        return sums;
    }
}
