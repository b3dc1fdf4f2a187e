using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using AhnSharp.Archive;
using AhnSharp.Files;
using AhnSharp.Sessions;

namespace AhnSharp.Snapshots;

/// <summary>Keeps sessions in files, and goes on from them. Layout: docs/snapshot.md.</summary>
public static class SessionSnapshots
{
    /// <summary>
    /// Keeps the session in a file, from which <see cref="LoadSession(LanguageModel, string, SessionOptions?, ArchiveAsking?)"/>
    /// of every kind of model goes on.
    /// </summary>
    /// <remarks>
    /// Written beside <paramref name="path"/>, seen to the disk, then renamed over what stood there: a crash or a full disk leaves the old
    /// file whole. What is written is a fork: the session may go on meanwhile. A loaded session goes on bit for bit on the same machine
    /// with the same chunk, unless entries were compressed (<see cref="SnapshotOptions.Kv"/>).
    /// </remarks>
    /// <param name="session">The session.</param>
    /// <param name="path">The file, usually NAME.ahn.</param>
    /// <param name="options">Compression, and what the application keeps beside the session.</param>
    /// <param name="cancellation">Ends the saving; the old file stays.</param>
    public static void Save(
        this LanguageSession session, string path, SnapshotOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        using PartialFile file = OutputFile.CreateOverSession(path);
        int beginnings = session.Beginnings;
        using LanguageSession still = session.Fork();
        using ArchiveSave? archive = ArchiveSave.Write(still, path, cancellation);
        string? replaced = ArchiveBeside(path);
        Write(still, archive?.Origin, file.Stream, options, cancellation);
        // Of two names that are given one after the other, a kill between them leaves the old snapshot, which has its own archive.
        archive?.Commit();
        file.Commit();
        archive?.Settle();
        if (archive is not null) ReadFrom(session, still, beginnings, archive);
        if (replaced is not null && replaced != archive?.Origin.Path) TryDelete(replaced);
    }

    /// <summary>Deletes a snapshot, and the archive beside it that bears its name; nothing where there is none.</summary>
    public static void Delete(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string? archive = ArchiveBeside(path);
        File.Delete(path);
        if (archive is not null) TryDelete(archive);
    }

    /// <summary>
    /// Removes what killed saves left beside a snapshot: archives that bear its name and that it does not name, and parts of such. Only
    /// while nobody else writes the snapshot.
    /// </summary>
    internal static void RemoveLeftovers(string path)
    {
        string? named = ArchiveBeside(path, out bool isKnown);
        if (isKnown) ArchiveFile.RemoveLeftovers(path, named);
    }

    /// <summary>Writes the bytes of a snapshot to a stream, front to back without seeking.</summary>
    public static void Save(this LanguageSession session, Stream stream, SnapshotOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(stream);
        if (session.Archive is not null)
            throw new NotSupportedException("A session with an archive is kept in files: save it under a path.");
        using LanguageSession still = session.Fork();
        Write(still, null, stream, options, CancellationToken.None);
    }

    /// <summary>Goes on from a snapshot.</summary>
    /// <param name="model">The model it was made with, on whatever it runs.</param>
    /// <param name="path">The snapshot.</param>
    /// <param name="expected">
    /// Mode, W and S that the session must have been made with, where they are not null; ContextTokens replaces the file's. Entries are
    /// always the file's.
    /// </param>
    /// <param name="asking">How it is asked from then on, where not as the file says.</param>
    /// <exception cref="SnapshotException">The file is damaged, or of another model, memory, geometry, version or session; the
    /// sentence names both.</exception>
    public static LanguageSession LoadSession(
        this LanguageModel model, string path, SessionOptions? expected = null, ArchiveAsking? asking = null)
    {
        using SnapshotFile file = SnapshotFile.Open(path);
        return LoadSession(model, file, expected, asking);
    }

    /// <summary>Goes on from an open snapshot.</summary>
    public static LanguageSession LoadSession(
        this LanguageModel model, SnapshotFile file, SessionOptions? expected = null, ArchiveAsking? asking = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(file);
        return SnapshotReader.Load(file, model, expected, null, asking);
    }

    /// <summary>Goes on from a snapshot that begins where the stream stands; afterwards the stream stands behind its last byte.</summary>
    /// <param name="model">As for a file.</param>
    /// <param name="stream">Need not seek.</param>
    /// <param name="expected">As for a file.</param>
    /// <param name="sections">Receives what the application keeps in the snapshot.</param>
    public static LanguageSession LoadSession(
        this LanguageModel model, Stream stream, SessionOptions? expected = null, IDictionary<string, byte[]>? sections = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SnapshotFile file = SnapshotFile.Open(stream);
        return SnapshotReader.Load(file, model, expected, sections);
    }

    // The saved file takes the place of what the session had of its own.
    private static void ReadFrom(LanguageSession session, LanguageSession still, int beginnings, ArchiveSave archive)
    {
        MappedRegion saved = archive.Map();
        try
        {
            session.Adopt(still, beginnings, archive.Origin, saved);
        }
        finally
        {
            saved.Release();
        }
    }

    // Windows keeps a file that a session maps: it stays behind, and nothing names it.
    private static void TryDelete(string archive)
    {
        try
        {
            File.Delete(archive);
        }
        catch (Exception error) when (OperatingSystem.IsWindows() && error is IOException or UnauthorizedAccessException)
        {
        }
    }

    // The archive of the snapshot that is saved over goes with it, where it bears that snapshot's name.
    private static string? ArchiveBeside(string path) => ArchiveBeside(path, out _);

    private static string? ArchiveBeside(string path, out bool isKnown)
    {
        isKnown = true;
        if (!File.Exists(path)) return null;
        try
        {
            using SnapshotFile old = SnapshotFile.Open(path);
            if (old.ArchiveName is not { } name || name != ArchiveFile.NameOf(path, old.Header.Archive!.Id)) return null;
            return Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name);
        }
        catch (SnapshotException)
        {
            isKnown = false;
            return null; // a damaged one names no archive
        }
    }

    private static void Write(
        LanguageSession still, ArchiveOrigin? archive, Stream stream, SnapshotOptions? options, CancellationToken cancellation)
    {
        using HostLayers layers = still.ToHost();
        SnapshotWriter.Write(still, layers.All, archive, stream, options ?? new SnapshotOptions(), cancellation);
    }
}
