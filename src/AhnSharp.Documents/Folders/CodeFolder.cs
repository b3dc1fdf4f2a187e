using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace AhnSharp.Documents.Folders;

/// <summary>A folder as one document: its text files, each under its path, in ordinal order of the paths.</summary>
/// <remarks>
/// .git is never read; what .gitignore names is not looked at, unless the repository tracks it. Files that are no text, empty, too large,
/// unreadable, pipes or symbolic links are listed with the reason. Links are not followed, so nothing outside the folder is read and
/// nothing twice. Folders wait in a list, so depth takes no stack.
/// </remarks>
internal sealed class CodeFolder
{
    private readonly DocumentLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly string _root;
    private readonly List<(string Relative, FileInfo File)> _files = [];
    private readonly SortedDictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private readonly Stack<Waiting> _waiting = [];
    private GitIndex? _index;
    private int _rootInRepository;
    private int _ignored, _deeper;

    private CodeFolder(string root, DocumentLimits limits, CancellationToken cancellation) =>
        (_root, _limits, _cancellation) = (root, limits, cancellation);

    public static Document Read(string path, DocumentLimits limits, CancellationToken cancellationToken)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string name = Path.GetFileName(root) is { Length: > 0 } last ? last : root;
        CodeFolder folder = new(root, limits, cancellationToken);
        // A folder that is named is read, also where the repository around it ignores it.
        GitIgnore rules = GitIgnore.For(root, out string? repository, out bool isIgnored);
        if (repository is not null)
            (folder._index, folder._rootInRepository) = (GitIndex.Read(repository), Path.TrimEndingDirectorySeparator(repository).Length);
        folder._waiting.Push(new Waiting(new DirectoryInfo(root), rules, 0, IsIgnored: false));
        while (folder._waiting.TryPop(out Waiting next)) folder.Collect(next);
        Document document = folder.ReadFiles(PlainName.Of(name), isIgnored);
        if (document.Parts.Count > 0) return document;
        throw new DocumentException(path, $"expected text files in the folder, "
            + $"found none{(document.Notes.Count == 0 ? "" : $" ({string.Join("; ", document.Notes.Take(5))})")}.");
    }

    private void Collect(Waiting folder)
    {
        try
        {
            foreach (FileSystemInfo entry in folder.Folder.EnumerateFileSystemInfos())
            {
                _cancellation.ThrowIfCancellationRequested();
                if (entry.Name != ".git") Take(entry, folder);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not DocumentException))
        {
            string reason = e is UnauthorizedAccessException ? "may not be read" : HasForeignName(
                folder.Folder.FullName) ? ForeignName : $"cannot be read ({e.Message.TrimEnd('.')})";
            if (folder.Folder.FullName == _root)
                throw new DocumentException(PlainName.Of(_root), $"expected a folder that may be read, found one that {reason}.", e);
            _skipped[Relative(folder.Folder) + "/"] = reason;
        }
    }

    private void Take(FileSystemInfo entry, Waiting folder)
    {
        bool isLink = entry.LinkTarget is not null, isFolder = !isLink && entry is DirectoryInfo;
        bool isIgnored = folder.IsIgnored || folder.Rules.Ignores(entry.FullName, isFolder);
        if (isIgnored && !IsTracked(entry.FullName, isFolder))
        {
            // What is in a folder that is left out was counted with it.
            if (!folder.IsIgnored) _ignored++;
            return;
        }
        if (isLink) _skipped[Relative(entry)] = "a symbolic link";
        else if (entry is not DirectoryInfo inner)
        {
            _files.Add((Relative(entry), (FileInfo)entry));
            if (_files.Count > _limits.FolderFiles)
            {
                throw new DocumentException(
                    PlainName.Of(_root), $"expected at most {_limits.FolderFiles:N0} files in the folder, found more; name a smaller one.");
            }
        }
        else if (folder.Depth >= _limits.FolderDepth) _deeper++;
        else _waiting.Push(new Waiting(inner, folder.Rules.In(inner.FullName), folder.Depth + 1, isIgnored));
    }

    private bool IsTracked(string path, bool isFolder)
    {
        if (_index is null) return false;
        string inRepository = path[(_rootInRepository + 1)..].Replace(Path.DirectorySeparatorChar, '/');
        return isFolder ? _index.TracksBelow(inRepository) : _index.Tracks(inRepository);
    }

    private string Relative(FileSystemInfo entry) =>
        entry.FullName[(_root.Length + (_root.EndsWith(Path.DirectorySeparatorChar) ? 0 : 1))..].Replace(Path.DirectorySeparatorChar, '/');

    private Document ReadFiles(string name, bool isIgnored)
    {
        _files.Sort(static (a, b) => string.CompareOrdinal(a.Relative, b.Relative));
        List<DocumentPart> parts = [];
        SortedDictionary<string, string> remarks = new(StringComparer.Ordinal);
        foreach ((string relative, FileInfo file) in _files)
        {
            _cancellation.ThrowIfCancellationRequested();
            (string? text, string? remark) = FolderFile.Read(file, _limits);
            if (text is null) _skipped[relative] = remark!;
            else
            {
                parts.Add(new DocumentPart(text, Path: PlainName.Of(relative, int.MaxValue)));
                if (remark is not null) remarks[relative] = remark;
            }
        }
        NoteList notes = new();
        if (isIgnored) notes.Add("the repository around the folder ignores it; read because it was named");
        if (_index?.Problem is { } problem)
            notes.Add($"the repository's index is {problem}: tracked files that .gitignore names are left out");
        if (_ignored > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{_ignored:N0} {(_ignored == 1 ? "file or folder" : "files and folders")} left out by .gitignore"));
        }
        if (_deeper > 0)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{_deeper:N0} {(_deeper == 1 ? "folder lies" : "folders lie")} deeper "
                + $"than {_limits.FolderDepth:N0} levels and {(_deeper == 1 ? "is" : "are")} not read (name one by itself to read it)"));
        }
        foreach ((string relative, string reason) in _skipped)
            notes.Add($"{PlainName.Of(relative)}: skipped, {(HasForeignName(relative) ? ForeignName : reason)}");
        foreach ((string relative, string remark) in remarks) notes.Add($"{PlainName.Of(relative)}: {remark}");
        return new Document { Name = name, Kind = DocumentKind.Folder, Parts = parts, Notes = notes.ToList() };
    }

    private const string ForeignName = "its name is not UTF-8, so it cannot be opened (rename it)";

    // The runtime shows such bytes as U+FFFD, and cannot find the file again by that.
    private static bool HasForeignName(string path) => path.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(path);

    private readonly record struct Waiting(DirectoryInfo Folder, GitIgnore Rules, int Depth, bool IsIgnored);
}
