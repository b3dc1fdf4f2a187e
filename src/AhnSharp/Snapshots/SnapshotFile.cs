using System;
using System.Collections.Immutable;
using System.IO;
using System.Runtime.InteropServices;
using AhnSharp.Archive;
using AhnSharp.Attention;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>An open snapshot of a session: what it says of itself, and its sections, without the model it belongs to.</summary>
/// <remarks>
/// Opening reads and checks the header; a section is checked when it is read. The file stays open, so that what is read belongs together
/// even where another process saves over it. Not for use on several threads at once. Layout: docs/snapshot.md.
/// </remarks>
public sealed class SnapshotFile : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private readonly uint _checksum;
    private byte[]? _buffer;

    private SnapshotFile(SnapshotStream stream, bool endsThere)
    {
        Stream = stream;
        (Header, Sections, _checksum, ByteLength) = SnapshotHeaderReader.Read(stream);
        if (endsThere && stream.ByteLength is { } length && length != ByteLength)
        {
            throw stream.Fail(
                $"expected {ByteLength} bytes, as the header says, found {length}; the snapshot is damaged, save or copy it again");
        }
    }

    /// <summary>The path it was opened by, or what sentences call its stream.</summary>
    public string Path => Stream.Name;

    /// <summary>Bytes of the file.</summary>
    public long ByteLength { get; }

    /// <summary>Version of the format.</summary>
    public static int Version => SnapshotFormat.Version;

    /// <summary>The model it was made with.</summary>
    public ModelIdentity Model => Header.Model;

    /// <summary>What the session keeps.</summary>
    public MemoryMode Mode => Header.Mode;

    /// <summary>W, tokens; 0 in the mode full.</summary>
    public int Window => Header.Window;

    /// <summary>S, tokens; 0 in the mode full.</summary>
    public int Sinks => Header.Sinks;

    /// <summary>Most tokens that layers with full attention take.</summary>
    public int ContextTokens => Header.ContextTokens;

    /// <summary>C of the model that saved it: a session goes on bit for bit with the same (and the same tier of kernels).</summary>
    public int ChunkTokens => Header.ChunkTokens;

    /// <summary>Entries of the exact memory in the file, and so of a session loaded from it.</summary>
    public KvType Kv => Header.Kv;

    /// <summary>
    /// Entries as the session held them. Where <see cref="Kv"/> is narrower, the file was compressed and a loaded session is approximate.
    /// </summary>
    public KvType HeldKv => Header.HeldKv;

    /// <summary>Whether entries were rounded to a narrower type at the save.</summary>
    public bool IsCompressed => Header.Kv != Header.HeldKv;

    /// <summary>Tokens seen.</summary>
    public long Position => Header.Position;

    /// <summary>N, decoder layers.</summary>
    public int LayerCount => Header.Shape.Layers;

    /// <summary>H, query heads.</summary>
    public int HeadCount => Header.Shape.Heads;

    /// <summary>D, entries of a head.</summary>
    public int HeadDim => Header.Shape.HeadDim;

    /// <summary>The model's rule of folding; null without a memory.</summary>
    public MemoryRule? Rule => Header.Shape.Memory;

    /// <summary>All sections in the order of the file.</summary>
    public ImmutableArray<SnapshotSection> Sections { get; }

    /// <summary>How the archive beside it is kept and asked; null: there is none.</summary>
    public ArchiveOptions? Archive => Header.Archive?.Options;

    /// <summary>Name of the archive's file, which lies beside the snapshot; null: there is none, or nothing is in it yet.</summary>
    public string? ArchiveName => Header.Archive is { Options: not null, File.Length: > 0 } archive ? archive.File : null;

    /// <summary>Bytes of archived keys and values that are the session's, in the file <see cref="ArchiveName"/>.</summary>
    public long ArchiveBytes => Header.ArchiveShape is { } shape ? shape.KeptOf(Position) * shape.BlockBytes : 0;

    /// <summary>Tokens that a limit has dropped from the archive again.</summary>
    public long ArchiveDropped => Header.ArchiveShape is { } shape ? shape.FirstKept(shape.Sealed(Position)) * shape.Block : 0;

    /// <summary>r, tokens; null: none.</summary>
    public long? Reach => Header.Options.Reach;

    /// <summary>Whether it was opened by a path.</summary>
    internal bool IsFile => Stream.IsFile;

    internal SnapshotHeader Header { get; }

    internal SnapshotStream Stream { get; }

    internal Span<byte> Buffer => _buffer ??= new byte[Math.Min(BufferBytes, ByteLength)];

    /// <summary>Opens a snapshot and checks its header.</summary>
    /// <exception cref="SnapshotException">There is none, or it is damaged; the sentence says what was expected and found.</exception>
    public static SnapshotFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) throw new SnapshotException($"{path}: expected a saved session, found a folder.");
        FileInfo info = new(path);
        if (!info.Exists)
        {
            throw new SnapshotException(
                $"{path}: expected a saved session, found no file of that name.",
                new FileNotFoundException("There is no such file.", path));
        }
        // Asked before opening: pipes and devices have length 0 too, and opening a pipe would wait for its writer.
        if (info.Length == 0) throw new SnapshotException($"{path}: expected a saved session, found an empty file.");
        FileStream stream;
        try
        {
            // Saving over it must go on working while it is read.
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotException($"{path}: expected a snapshot that can be read: {error.Message}", error);
        }
        return Open(new SnapshotStream(stream, path, owned: true), endsThere: true);
    }

    /// <summary>
    /// Opens a snapshot that begins where the stream stands; what follows its last byte is not looked at. The stream stays the caller's.
    /// </summary>
    public static SnapshotFile Open(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Open(new SnapshotStream(stream, "the stream", owned: false), endsThere: false);
    }

    /// <summary>What a session of this snapshot would be.</summary>
    /// <exception cref="SnapshotException">It is of another model.</exception>
    internal SessionPlan PlanFor(LanguageModel model)
    {
        SnapshotReader.Compare(this, model, null);
        return model.Plan(Header.Options);
    }

    /// <summary>The ids of all tokens seen.</summary>
    public int[] ReadTokens()
    {
        int[] ids = new int[Position];
        Read(Find(SnapshotSectionKind.Tokens, 0, ""), MemoryMarshal.AsBytes(ids.AsSpan()));
        CheckIds(ids);
        return ids;
    }

    /// <summary>A section of the application; null where there is none of that name.</summary>
    public byte[]? ReadSection(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        int section = Find(SnapshotSectionKind.Application, 0, name);
        if (section < 0) return null;
        byte[] bytes = new byte[Sections[section].ByteLength];
        Read(section, bytes);
        return bytes;
    }

    /// <summary>The compressed memory of a layer, [H, D, D]; null where the layer has none, or no token has left the window yet.</summary>
    public float[]? ReadMemory(int layer)
    {
        int section = Find(SnapshotSectionKind.Memory, layer, "");
        if (section < 0) return null;
        float[] states = new float[Sections[section].ByteLength / sizeof(float)];
        Read(section, MemoryMarshal.AsBytes(states.AsSpan()));
        return states;
    }

    /// <summary>exp(A_log) of a layer of Mamba2, [H]; none in others.</summary>
    public double[] ReadDecayRates(int layer)
    {
        int section = Find(SnapshotSectionKind.DecayRates, layer, "");
        if (section < 0) return [];
        double[] rates = new double[HeadCount];
        Read(section, MemoryMarshal.AsBytes(rates.AsSpan()));
        return rates;
    }

    /// <summary>
    /// What the session holds, layer by layer and head by head, as <see cref="LanguageSession.Describe"/> of the loaded session would say;
    /// reads exact and compressed memory once.
    /// </summary>
    /// <exception cref="SnapshotException">A section is damaged.</exception>
    public SessionDescription Describe() => SnapshotDescription.Of(this);

    /// <summary>Reads everything once and compares every checksum.</summary>
    public void Verify()
    {
        for (int i = 0; i < Sections.Length; i++)
        {
            SectionReader reader = Section(i);
            if (Sections[i].Kind == SnapshotSectionKind.Tokens)
            {
                Span<int> ids = MemoryMarshal.Cast<byte, int>(Buffer);
                for (long left = Position; left > 0; left -= ids.Length)
                {
                    ids = ids[..(int)Math.Min(ids.Length, left)];
                    reader.Read(MemoryMarshal.AsBytes(ids));
                    CheckIds(ids);
                }
            }
            reader.Finish(Buffer);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stream.Dispose();

    internal SectionReader Section(SnapshotSectionKind kind, int layer) => Section(Find(kind, layer, ""));

    internal SectionReader Section(int number) => new(Stream, Sections[number], SnapshotFormat.Seed(_checksum, number));

    internal void CheckIds(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)Header.Shape.Vocabulary)
                throw Stream.Fail($"section tokens: expected ids from 0 to {Header.Shape.Vocabulary - 1}, found {id}");
        }
    }

    private static SnapshotFile Open(SnapshotStream stream, bool endsThere)
    {
        try
        {
            return new SnapshotFile(stream, endsThere);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void Read(int section, Span<byte> bytes)
    {
        SectionReader reader = Section(section);
        reader.Read(bytes);
        reader.Finish(Buffer);
    }

    private int Find(SnapshotSectionKind kind, int layer, string name)
    {
        for (int i = 0; i < Sections.Length; i++)
        {
            if (Sections[i].Kind == kind && Sections[i].Layer == layer && Sections[i].Name == name) return i;
        }
        return -1;
    }
}
