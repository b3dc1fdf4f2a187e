using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace AhnSharp.Documents.Folders;

/// <summary>What a repository tracks, from its index: tracked files are listed whatever .gitignore says.</summary>
/// <remarks>
/// Versions 2 to 4, SHA-1 and SHA-256. An index that is split or of another version is not read, and that is said.
/// Source: git 2.39, gitformat-index(5).
/// </remarks>
internal sealed class GitIndex
{
    private const int MaxBytes = 256 << 20, FixedBytes = 40;
    private readonly HashSet<string> _files = new(StringComparer.Ordinal), _folders = new(StringComparer.Ordinal);

    /// <summary>Why the index could not be read; null where it was, or where there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>The index of the repository at <paramref name="root"/>.</summary>
    public static GitIndex Read(string root)
    {
        GitIndex index = new();
        try
        {
            string git = GitFolder(root);
            FileInfo file = new(Path.Combine(git, "index"));
            if (!file.Exists || file.Length == 0) return index;
            if (file.Length > MaxBytes) index.Problem = "larger than is read";
            else index.Parse(File.ReadAllBytes(file.FullName), IsSha256(git) ? 32 : 20);
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            index.Problem = e is IOException or UnauthorizedAccessException ? e.Message.TrimEnd('.') : "cut off";
        }
        if (index.Problem is not null)
        {
            index._files.Clear();
            index._folders.Clear();
        }
        return index;
    }

    /// <summary>Whether the path, from the repository's root, is tracked.</summary>
    public bool Tracks(string path) => _files.Contains(path);

    /// <summary>Whether something tracked is below the folder.</summary>
    public bool TracksBelow(string folder) => _folders.Contains(folder);

    // .git is a folder, or in work trees and submodules a file that names one.
    private static string GitFolder(string root)
    {
        string git = Path.Combine(root, ".git");
        FileInfo file = new(git);
        if (!file.Exists || file.Length is 0 or > 4096) return git;
        string text = File.ReadAllText(git).Trim();
        return text.StartsWith("gitdir:", StringComparison.Ordinal) ? Path.GetFullPath(text[7..].Trim(), root) : git;
    }

    private static bool IsSha256(string git)
    {
        FileInfo config = new(Path.Combine(git, "config"));
        return config.Exists && config.Length is > 0 and < 1 << 20 && File.ReadAllText(config.FullName)
            .Replace(" ", "", StringComparison.Ordinal).Contains("objectformat=sha256", StringComparison.OrdinalIgnoreCase);
    }

    private void Parse(ReadOnlySpan<byte> bytes, int hashBytes)
    {
        if (bytes.Length < 12 || !bytes.StartsWith("DIRC"u8))
        {
            Problem = "no index of git";
            return;
        }
        uint version = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), count = BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]);
        if (version is < 2 or > 4)
        {
            Problem = $"of version {version}, where 2 to 4 are read";
            return;
        }
        int at = 12;
        byte[] name = [];
        for (uint i = 0; i < count; i++)
        {
            int start = at, flags = BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + FixedBytes + hashBytes)..]);
            at += FixedBytes + hashBytes + 2 + ((flags & 0x4000) != 0 ? 2 : 0);
            if (version == 4)
            {
                int dropped = Variable(bytes, ref at), end = bytes[at..].IndexOf((byte)0);
                if (end < 0 || dropped > name.Length) throw new ArgumentOutOfRangeException(nameof(bytes));
                name = [.. name.AsSpan(0, name.Length - dropped), .. bytes.Slice(at, end)];
                at += end + 1;
            }
            else
            {
                int end = bytes[at..].IndexOf((byte)0);
                if (end < 0) throw new ArgumentOutOfRangeException(nameof(bytes));
                name = bytes.Slice(at, end).ToArray();
                // One to eight zero bytes, to a multiple of eight.
                at = start + ((at + end - start + 8) & ~7);
            }
            Add(Encoding.UTF8.GetString(name));
        }
        FindSplit(bytes, at, hashBytes);
    }

    // An extension "link" says that most entries are in another file.
    private void FindSplit(ReadOnlySpan<byte> bytes, int at, int hashBytes)
    {
        while (at + 8 <= bytes.Length - hashBytes)
        {
            if (bytes[at..].StartsWith("link"u8)) Problem = "split over two files";
            long size = BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]);
            if (size > bytes.Length - at - 8) return;
            at += 8 + (int)size;
        }
    }

    private void Add(string path)
    {
        // A sparse index names whole folders, with a slash at the end.
        _files.Add(path.TrimEnd('/'));
        for (int slash = path.LastIndexOf('/'); slash > 0 && _folders.Add(path[..slash]); slash = path.LastIndexOf('/', slash - 1))
        {
        }
    }

    // As offsets in packs are written: seven bits a byte, each further byte counts one more.
    private static int Variable(ReadOnlySpan<byte> bytes, ref int at)
    {
        long value = bytes[at] & 0x7F;
        while ((bytes[at++] & 0x80) != 0)
        {
            value = ((value + 1) << 7) | (uint)(bytes[at] & 0x7F);
            if (value > int.MaxValue) throw new ArgumentOutOfRangeException(nameof(bytes));
        }
        return (int)value;
    }
}
