using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>
/// Writes a session front to back, without seeking and without a second copy of it. Layout: <see cref="SnapshotFormat"/>.
/// </summary>
internal sealed class SnapshotWriter
{
    private readonly LanguageSession _session;
    private readonly HostLayer[] _layers;
    private readonly Stream _stream;
    private readonly CancellationToken _cancellation;
    private readonly KvType _kv;
    private Crc32C _crc;

    private SnapshotWriter(LanguageSession session, HostLayer[] layers, Stream stream, KvType kv, CancellationToken cancellation) =>
        (_session, _layers, _stream, _kv, _cancellation) = (session, layers, stream, kv, cancellation);

    /// <param name="session">A session that nobody else has: a fork.</param>
    /// <param name="layers">Its layers in the processor's memory.</param>
    /// <param name="archive">The file that its archive was written to; null without one.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="options">Compression, and what the application keeps beside.</param>
    /// <param name="cancellation">Ends it between two pieces.</param>
    public static void Write(
        LanguageSession session, HostLayer[] layers, ArchiveOrigin? archive, Stream stream, SnapshotOptions options,
        CancellationToken cancellation)
    {
        KvType kv = options.Kv ?? session.Kv;
        if (kv < session.Kv)
        {
            throw new ArgumentException(
                $"A snapshot keeps entries as the session holds them or narrower: the session holds {session.Kv}, and {kv} was asked for.",
                nameof(options));
        }
        if ((session.Plan.Geometry(0) with { Type = kv }).Problem() is { } problem) throw new ArgumentException(problem, nameof(options));
        SnapshotHeader header = SnapshotHeader.Of(session, kv, archive);
        List<SnapshotSection> sections = [.. header.EngineSections()];
        int engineSections = sections.Count;
        SortedDictionary<string, byte[]> own = Named(options);
        foreach ((string name, byte[] bytes) in own)
            sections.Add(new SnapshotSection(SnapshotSectionKind.Application, 0, name, 0, bytes.Length));

        byte[] headerBytes = SnapshotFormat.Header(header, sections);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(headerBytes.AsSpan(^SnapshotFormat.ChecksumBytes));
        stream.Write(headerBytes);
        var writer = new SnapshotWriter(session, layers, stream, kv, cancellation);
        Span<byte> crc = stackalloc byte[SnapshotFormat.ChecksumBytes];
        for (int i = 0; i < sections.Count; i++)
        {
            writer._crc = SnapshotFormat.Seed(checksum, i);
            if (i < engineSections) writer.WriteSection(sections[i]);
            else writer.Put(own[sections[i].Name]);
            BinaryPrimitives.WriteUInt32LittleEndian(crc, writer._crc.Value);
            stream.Write(crc);
        }
        stream.Flush();
    }

    private static SortedDictionary<string, byte[]> Named(SnapshotOptions options)
    {
        var sections = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach ((string name, byte[] bytes) in options.Sections ?? new Dictionary<string, byte[]>())
        {
            if (name.Length == 0 || SnapshotFormat.Utf8.GetByteCount(name) > SnapshotFormat.LongestName)
            {
                throw new ArgumentException(
                    $"Expected names of sections of 1 to {SnapshotFormat.LongestName} bytes, found '{name}'.", nameof(options));
            }
            sections.Add(name, bytes);
        }
        if (sections.Count > SnapshotFormat.MaxApplicationSections)
        {
            throw new ArgumentException(
                $"Expected at most {SnapshotFormat.MaxApplicationSections} sections, found {sections.Count}.", nameof(options));
        }
        return sections;
    }

    private void WriteSection(SnapshotSection section)
    {
        switch (section.Kind)
        {
            case SnapshotSectionKind.Tokens: Put(MemoryMarshal.AsBytes(_session.Tokens)); break;
            case SnapshotSectionKind.Logits: Put(MemoryMarshal.AsBytes(_session.LastLogits)); break;
            case SnapshotSectionKind.DecayRates: Put(MemoryMarshal.AsBytes(_session.Model.DecayRatesOf(section.Layer))); break;
            case SnapshotSectionKind.Ring: WriteRing(_layers[section.Layer].Ring); break;
            default: WriteMemory(section.Layer); break;
        }
    }

    private void WriteRing(KvRing ring)
    {
        byte[] turned = new byte[KvGeometry.SegmentSlots * ring.Geometry.RowBytes];
        KvGeometry stored = ring.Geometry with { Type = _kv };
        byte[] converted = _kv == ring.Geometry.Type ? [] : new byte[KvGeometry.SegmentSlots * stored.RowBytes];
        for (int head = 0; head < ring.Geometry.KvHeads; head++)
        {
            foreach (KvRun run in RingRuns.Held(ring, _session.Position))
            {
                Span<byte> rows = turned.AsSpan(0, run.Count * ring.Geometry.RowBytes);
                KvRows.TakeKeys(ring, head, run, rows);
                PutRows(rows);
            }
        }
        for (int head = 0; head < ring.Geometry.KvHeads; head++)
        {
            foreach (KvRun run in RingRuns.Held(ring, _session.Position)) PutRows(KvRows.Values(ring, head, run));
        }
        if (ring.Geometry.GatesPerToken == 0) return;
        foreach (KvRun run in RingRuns.Window(ring, _session.Position)) Put(KvRows.Gates(ring, run));

        void PutRows(ReadOnlySpan<byte> rows)
        {
            if (converted.Length == 0)
            {
                Put(rows);
                return;
            }
            Span<byte> result = converted.AsSpan(0, rows.Length / ring.Geometry.RowBytes * stored.RowBytes);
            KvRows.Convert(rows, ring.Geometry, result, stored);
            Put(result);
        }
    }

    private void WriteMemory(int layer)
    {
        for (int head = 0; head < _session.Model.Config.HeadCount; head++)
            Put(MemoryMarshal.AsBytes(_layers[layer].Memory!.Of(head)));
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        _cancellation.ThrowIfCancellationRequested();
        _crc.Append(bytes);
        _stream.Write(bytes);
    }
}
