using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using AhnSharp.Files;

namespace AhnSharp.Cluster.Storage;

/// <summary>
/// Small values by name on a file system that several machines share: each write replaces the version that it names, or is refused.
/// </summary>
/// <remarks>
/// <code>
/// XX/NAME/00000000000000000012      version 12 of a value; XX: two letters of the name's hash, so that no folder has 100,000 entries
///   byte 0  "ahn1 "  │ 5 64 hex digits: SHA-256 of what follows byte 72 │ 69 " v\n" or " d\n" (deleted) │ 72 the value
/// XX/NAME/GUID.new                  a version that is being written
/// </code>
/// <para>A version is written whole and flushed under a name of its own, and gets its number by a hard link, which the file system makes
/// for exactly one of those who want the same number. The highest number counts. So nothing is ever half there, whoever is killed when,
/// and two writers that go out from the same version cannot both succeed, whatever either believes about the other: no clock and no
/// lease is part of it.</para>
/// <para>Of versions that are replaced the last <see cref="Kept"/> stay: a writer that was held up between looking and writing finds its
/// number free only where more than so many have come since, which it sees when it has written, and takes back.</para>
/// </remarks>
internal sealed class VersionedFolder
{
    /// <summary>How many replaced versions stay.</summary>
    public const int Kept = 4;

    private const int HeadBytes = 72;
    private const string Unfinished = ".new";
    private readonly string _folder;

    /// <param name="folder">Where they lie; it is made where there is none.</param>
    public VersionedFolder(string folder)
    {
        _folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>The names of all values, those that were deleted too, in no order.</summary>
    public IEnumerable<string> Names() =>
        Directory.EnumerateDirectories(_folder).SelectMany(Directory.EnumerateDirectories).Select(static path => Path.GetFileName(path));

    /// <summary>The value of a name; null: nothing was ever written under it.</summary>
    /// <exception cref="InvalidDataException">Its bytes are not those that were written.</exception>
    public VersionedValue? Read(string name)
    {
        string folder = FolderOf(name);
        while (true)
        {
            long version = Last(folder);
            if (version == 0) return null;
            byte[] bytes;
            try
            {
                bytes = RegularFile.ReadAllBytes(PathOf(folder, version));
            }
            catch (FileNotFoundException)
            {
                continue; // it was replaced so often meanwhile that it is gone
            }
            return Parse(PathOf(folder, version), version, bytes);
        }
    }

    /// <summary>Replaces a version.</summary>
    /// <param name="name">The name: letters, digits, _ and -.</param>
    /// <param name="expected">The version that was read; 0: nothing is expected under the name.</param>
    /// <param name="value">What is to stand there.</param>
    /// <returns>The version that it is.</returns>
    /// <exception cref="VersionConflictException">Another version stands there; nothing was written.</exception>
    public long Write(string name, long expected, ReadOnlySpan<byte> value) => Write(name, expected, value, isDeleted: false);

    /// <summary>Takes a value away; its versions go on, so that whoever still holds an old one cannot bring it back.</summary>
    /// <inheritdoc cref="Write(string, long, ReadOnlySpan{byte})"/>
    public long Delete(string name, long expected) => Write(name, expected, [], isDeleted: true);

    private long Write(string name, long expected, ReadOnlySpan<byte> value, bool isDeleted)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        string folder = FolderOf(name);
        Directory.CreateDirectory(folder);
        long found = Last(folder), version = expected + 1;
        if (found != expected) throw new VersionConflictException(name, expected, found);
        string unfinished = Path.Combine(folder, $"{Guid.NewGuid():N}{Unfinished}"), path = PathOf(folder, version);
        try
        {
            using (FileStream file = new(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                byte[] bytes = new byte[HeadBytes + value.Length];
                Encoding.ASCII.GetBytes($"ahn1 {Convert.ToHexStringLower(SHA256.HashData(value))} {(isDeleted ? 'd' : 'v')}\n", bytes);
                value.CopyTo(bytes.AsSpan(HeadBytes));
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }
            if (!HardLink.TryCreate(unfinished, path))
            {
                found = Last(folder);
                if (found > expected) throw new VersionConflictException(name, expected, found);
                throw new IOException($"{folder}: expected a file system that makes hard links, by which one of two writers is refused, "
                    + "found one that made none: keep the library on another (ext4, xfs, NFS and their like).");
            }
        }
        finally
        {
            File.Delete(unfinished);
        }
        // So many have written since that the number was free again: nobody has seen this version, and nobody will.
        if (Last(folder) is var last && last > version + Kept)
        {
            File.Delete(path);
            throw new VersionConflictException(name, expected, last);
        }
        Prune(folder, version);
        return version;
    }

    private static void Prune(string folder, long version)
    {
        foreach (string path in Directory.GetFiles(folder))
        {
            if (VersionOf(path) is > 0 and var old && old < version - Kept) File.Delete(path);
            // A killed writer's: a live one takes milliseconds.
            else if (path.EndsWith(Unfinished, StringComparison.Ordinal) && File.GetLastWriteTimeUtc(path) < DateTime.UtcNow.AddHours(-1))
                File.Delete(path);
        }
    }

    private static VersionedValue Parse(string path, long version, byte[] bytes)
    {
        if (bytes.Length < HeadBytes || !bytes.AsSpan().StartsWith("ahn1 "u8) || bytes[70] is not ((byte)'v' or (byte)'d'))
            throw new InvalidDataException($"{path}: expected a value with its hash before it, found something else.");
        string written = Encoding.ASCII.GetString(bytes, 5, 64), found = Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(HeadBytes)));
        if (written != found)
            throw new InvalidDataException($"{path}: expected bytes of SHA-256 {written}, found {found}: the file is damaged.");
        return new VersionedValue(version, bytes.AsMemory(HeadBytes), bytes[70] == (byte)'d');
    }

    private static long Last(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder).Select(VersionOf).DefaultIfEmpty().Max();
        }
        catch (DirectoryNotFoundException)
        {
            return 0;
        }
    }

    // 0 for what is no version.
    private static long VersionOf(string path) =>
        long.TryParse(Path.GetFileName(path.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out long version) ? version : 0;

    private static string PathOf(string folder, long version) =>
        Path.Combine(folder, version.ToString("D20", CultureInfo.InvariantCulture));

    private string FolderOf(string name)
    {
        if (name.Length is 0 or > 128 || name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')))
            throw new ArgumentException($"expected a name of at most 128 letters, digits, _ and -, found '{name}'.", nameof(name));
        return Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(name)))[..2], name);
    }
}
