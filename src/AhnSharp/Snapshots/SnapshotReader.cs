using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Hippocampus;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>Makes a session of a snapshot: everything is compared and every checksum verified before a session exists.</summary>
internal static class SnapshotReader
{
    /// <param name="file">An open snapshot.</param>
    /// <param name="model">Whose it must be.</param>
    /// <param name="expected">What the caller asks of it; null: anything.</param>
    /// <param name="own">Receives the application's sections.</param>
    /// <param name="asking">How the session is asked from then on, where not as the file says.</param>
    public static LanguageSession Load(
        SnapshotFile file, LanguageModel model, SessionOptions? expected, IDictionary<string, byte[]>? own, ArchiveAsking? asking = null)
    {
        SnapshotHeader header = file.Header;
        Compare(file, model, expected);
        // A stream that cannot be read twice is verified while it is read: section by section, before the session is handed out.
        if (file.Stream.CanRewind) file.Verify();
        SessionPlan plan = model.Plan(Asked(header.Options, asking, file.Stream) with
        {
            ContextTokens = expected?.ContextTokens ?? header.ContextTokens,
            ArchiveFolder = expected?.ArchiveFolder,
        });
        model.CheckPlan(plan);
        if (plan.Shape is not null && !file.IsFile) throw file.Stream.Fail("its archive lies beside a file: load it by its path");
        int[] tokens = new int[header.Position];
        float[] logits = new float[model.Config.VocabularySize];
        var layers = new HostLayer[model.Config.LayerCount];
        ArchiveStore? archive = null;
        try
        {
            if (plan.Shape is { } archived)
                archive = ArchiveFile.Load(file.Stream, header.Archive!, archived, model, header.Position, plan.ArchiveFolder);
            for (int n = 0; n < layers.Length; n++) layers[n] = plan.CreateHostLayer(n);
            for (int i = 0; i < file.Sections.Length; i++)
            {
                SnapshotSection section = file.Sections[i];
                SectionReader reader = file.Section(i);
                switch (section.Kind)
                {
                    case SnapshotSectionKind.Tokens: ReadTokens(file, tokens, reader); break;
                    case SnapshotSectionKind.Logits: reader.Read(MemoryMarshal.AsBytes(logits.AsSpan())); break;
                    case SnapshotSectionKind.Ring: ReadRing(layers[section.Layer].Ring, header.Position, reader); break;
                    case SnapshotSectionKind.Memory: ReadMemory(layers[section.Layer].Memory!, header.Shape.Heads, reader); break;
                    case SnapshotSectionKind.DecayRates: break; // the model has them
                    default:
                        if (own is not null) reader.Read(own[section.Name] = new byte[section.ByteLength]);
                        break;
                }
                reader.Finish(file.Buffer);
            }
        }
        catch
        {
            foreach (HostLayer? layer in layers) layer?.Dispose();
            archive?.Dispose();
            throw;
        }
        return model.Restore(plan, layers, archive, tokens, logits);
    }

    private static SessionOptions Asked(SessionOptions options, ArchiveAsking? asking, SnapshotStream stream)
    {
        if (asking is null) return options;
        if (options.Archive is null && (asking.Reading is not null || asking.Readout is not null))
            throw stream.Fail("expected a session with an archive, found one without; read the text again with one");
        return options with
        {
            Archive = options.Archive is not { } archive ? null : archive with
            {
                Reading = asking.Reading ?? archive.Reading,
                Readout = asking.Readout ?? archive.Readout,
            },
            Reach = asking.Reach switch { null => options.Reach, long.MaxValue => null, { } reach => reach },
        };
    }

    /// <summary>Says in what a snapshot differs from a model, or from what the caller asks for.</summary>
    public static void Compare(SnapshotFile file, LanguageModel model, SessionOptions? expected)
    {
        SnapshotHeader header = file.Header;
        ModelIdentity mine = model.Identity, theirs = header.Model;
        SnapshotStream stream = file.Stream;
        if (mine.Hash != theirs.Hash)
        {
            string which = mine.Fingerprint is not null && mine.Fingerprint == theirs.Fingerprint
                ? "the same model with other weights, such as another quantization: "
                : "";
            throw stream.Fail(
                $"expected a snapshot of {mine.Description}, found one of {which}{theirs.Description}; load the model it was made with");
        }
        if (header.Mode == MemoryMode.Ahn && mine.MemoryHash != theirs.MemoryHash)
        {
            throw stream.Fail(mine.MemoryHash is null
                ? $"expected a snapshot without a memory, as {mine.Description} has none, "
                    + $"found one of {theirs.Description}; name its adapter with --ahn"
                : $"expected a snapshot of {mine.Description}, found one with another memory, "
                    + $"of {theirs.Description}; name the adapter it was made with");
        }
        if (SnapshotShape.Of(model.Config).Difference(header.Shape, header.Mode) is { } difference) throw stream.Fail(difference);
        if (expected is null) return;
        if (expected.Mode is { } mode && mode != header.Mode) throw Differs("mode", Word(mode), Word(header.Mode));
        if (header.Mode != MemoryMode.Full && expected.Window is { } window && window != header.Window)
            throw Differs("window", window, header.Window);
        if (header.Mode != MemoryMode.Full && expected.Sinks is { } sinks && sinks != header.Sinks)
            throw Differs("number of sinks", sinks, header.Sinks);
        if (expected.Archive is { } asked && !SnapshotArchive.SameOptions(asked, header.Archive?.Options))
        {
            throw stream.Fail(header.Archive?.Options is null
                ? "expected a session with an archive, found one without; read the text again with one"
                : "expected a session whose archive is kept and asked otherwise; leave the options out, or read the text again with them");
        }
        if (expected.Reach is { } reach && reach != (header.Archive?.Reach ?? long.MaxValue))
            throw Differs("reach", reach, header.Archive is { Reach: not long.MaxValue } said ? said.Reach : "off");
        bool grows = header.Mode == MemoryMode.Full || header.Shape.FullAttentionLayers.Length > 0;
        if (grows && expected.ContextTokens is { } context && context < header.Position)
        {
            throw stream.Fail(
                $"expected a context of at least the {header.Position} tokens that the snapshot has seen, found {context}; raise it");
        }

        SnapshotException Differs(string what, object asked, object found) =>
            stream.Fail(FormattableString.Invariant(
                $"expected the {what} {asked}, found a session made with {found}; leave the option out, or read the text again with it"));
    }

    private static string Word(MemoryMode mode) => mode switch { MemoryMode.Full => "full", MemoryMode.Window => "window", _ => "ahn" };

    private static void ReadTokens(SnapshotFile file, int[] tokens, SectionReader reader)
    {
        reader.Read(MemoryMarshal.AsBytes(tokens.AsSpan()));
        file.CheckIds(tokens);
    }

    private static void ReadRing(KvRing ring, long position, SectionReader reader)
    {
        KvGeometry geometry = ring.Geometry;
        (long sinksEnd, long windowStart) = geometry.Held(position);
        ring.Reserve(0, sinksEnd);
        ring.Reserve(windowStart, position);
        byte[] turned = new byte[KvGeometry.SegmentSlots * geometry.RowBytes];
        for (int head = 0; head < geometry.KvHeads; head++)
        {
            foreach (KvRun run in RingRuns.Held(ring, position))
            {
                Span<byte> rows = turned.AsSpan(0, run.Count * geometry.RowBytes);
                reader.Read(rows);
                KvRows.PutKeys(ring, head, run, rows);
            }
        }
        for (int head = 0; head < geometry.KvHeads; head++)
        {
            foreach (KvRun run in RingRuns.Held(ring, position)) reader.Read(KvRows.Values(ring, head, run));
        }
        if (geometry.GatesPerToken == 0) return;
        foreach (KvRun run in RingRuns.Window(ring, position)) reader.Read(KvRows.Gates(ring, run));
    }

    private static void ReadMemory(MemoryState memory, int heads, SectionReader reader)
    {
        for (int head = 0; head < heads; head++) reader.Read(MemoryMarshal.AsBytes(memory.Of(head)));
    }
}
