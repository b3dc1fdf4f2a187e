using System.Collections.Generic;
using System.IO;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>What a snapshot says of itself before its sections: the model, the session, and by both which sections there must be.</summary>
internal sealed record SnapshotHeader
{
    public required ModelIdentity Model { get; init; }
    public required SnapshotShape Shape { get; init; }
    public required MemoryMode Mode { get; init; }
    public required int Window { get; init; } // 0 in the mode full
    public required int Sinks { get; init; } // 0 in the mode full
    public required int ContextTokens { get; init; }
    public required int ChunkTokens { get; init; } // of the writer: continuing is bit-identical with the same
    public required KvType HeldKv { get; init; } // as the session held entries
    public required KvType Kv { get; init; } // as the file does
    public required long Position { get; init; }
    public SnapshotArchive? Archive { get; init; } // null: neither archive nor reach

    public static SnapshotHeader Of(LanguageSession session, KvType kv, ArchiveOrigin? archive) => new()
    {
        Archive = session.Plan.Archive is null && session.Plan.Reach == long.MaxValue ? null : new SnapshotArchive(
            session.Plan.Reach, session.Plan.Archive, archive is null ? "" : Path.GetFileName(archive.Path), archive?.Id ?? default,
            archive?.Hash ?? 0),
        Model = session.Model.Identity,
        Shape = SnapshotShape.Of(session.Model.Config),
        Mode = session.Mode,
        Window = session.Window,
        Sinks = session.Sinks,
        ContextTokens = session.Plan.ContextTokens,
        ChunkTokens = session.Model.ChunkTokens,
        HeldKv = session.Kv,
        Kv = kv,
        Position = session.Position,
    };

    /// <summary>The options of a session that continues it.</summary>
    public SessionOptions Options => new()
    {
        Mode = Mode,
        Window = Mode == MemoryMode.Full ? null : Window,
        Sinks = Mode == MemoryMode.Full ? null : Sinks,
        ContextTokens = ContextTokens,
        Kv = Kv,
        Archive = Archive?.Options,
        Reach = Archive is { Reach: not long.MaxValue } ? Archive.Reach : null,
    };

    /// <summary>
    /// Kinds, layers and lengths of the sections that the engine reads, in the order of the file; offsets are not known here.
    /// </summary>
    public IEnumerable<SnapshotSection> EngineSections()
    {
        yield return new SnapshotSection(SnapshotSectionKind.Tokens, 0, "", 0, sizeof(int) * Position);
        yield return new SnapshotSection(SnapshotSectionKind.Logits, 0, "", 0, sizeof(float) * (long)Shape.Vocabulary);
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            KvGeometry geometry = Geometry(layer);
            (long sinksEnd, long windowStart) = geometry.Held(Position);
            long inWindow = Position - windowStart;
            yield return new SnapshotSection(
                SnapshotSectionKind.Ring, layer, "", 0,
                2L * geometry.KvHeads * geometry.RowBytes * (sinksEnd + inWindow)
                    + sizeof(float) * (long)geometry.GatesPerToken * inWindow);
        }
        if (Mode != MemoryMode.Ahn) yield break;
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            // Before a token has left the window every memory is zero.
            if (Shape.FullAttentionLayers.Contains(layer) || Position <= (long)Window + Sinks) continue;
            yield return new SnapshotSection(
                SnapshotSectionKind.Memory, layer, "", 0, sizeof(float) * (long)Shape.Heads * Shape.HeadDim * Shape.HeadDim);
        }
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            if (Shape.FullAttentionLayers.Contains(layer) || Shape.Memory is not { DecaysByStrength: true }) continue;
            yield return new SnapshotSection(SnapshotSectionKind.DecayRates, layer, "", 0, sizeof(double) * (long)Shape.Heads);
        }
    }

    /// <summary>The archive's layout; null: there is none.</summary>
    public ArchiveShape? ArchiveShape => Archive?.Options is not { } options ? null : new ArchiveShape(
        options, Shape.Layers, Shape.KvHeads, Shape.HeadDim, layer => !Geometry(layer).Grows, Sinks, Window);

    /// <summary>The shape of a layer's exact memory.</summary>
    public KvGeometry Geometry(int layer) => SessionPlan.LayerGeometry(
        Mode, Shape.FullAttentionLayers.Contains(layer), Shape.Memory, Shape.Heads, Shape.KvHeads, Shape.HeadDim, Kv, Sinks,
        Window, ChunkTokens, Archive?.Options?.BlockTokens ?? 0);
}
