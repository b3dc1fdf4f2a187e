using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;

namespace AhnSharp.Documents.Folders;

/// <summary>A folder as one document: its text files, each under its path, in ordinal order of the paths.</summary>
/// <remarks>
/// .git is never read; what .gitignore names is not looked at. Files that are no text, empty, too large, unreadable or symbolic links are listed with the reason.
/// Links are not followed, so nothing outside the folder is read and nothing twice.
/// </remarks>
internal sealed class CodeFolder
{
    private readonly DocumentLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly string _root;
    private readonly List<(string Relative, FileInfo File)> _files = [];
    private readonly SortedDictionary<string, string> _skipped = new(StringComparer.Ordinal);
    private int _ignored;

    private CodeFolder(string root, DocumentLimits limits, CancellationToken cancellation) => (_root, _limits, _cancellation) = (root, limits, cancellation);

    public static Document Read(string path, DocumentLimits limits, CancellationToken cancellationToken)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string name = Path.GetFileName(root) is { Length: > 0 } last ? last : root;
        CodeFolder folder = new(root, limits, cancellationToken);
        try
        {
            // A folder that is named is read, also where the repository around it ignores it.
            folder.Collect(new DirectoryInfo(root), GitIgnore.For(root, out bool isIgnored));
            Document document = folder.ReadFiles(name, isIgnored);
            if (document.Parts.Count > 0) return document;
            throw new DocumentException(path, $"expected text files in the folder, found none{(document.Notes.Count == 0 ? "" : $" ({string.Join("; ", document.Notes)})")}.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DocumentException(path, $"expected a folder that may be read, found one that may not ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private void Collect(DirectoryInfo folder, GitIgnore rules)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            _cancellation.ThrowIfCancellationRequested();
            if (entry.Name == ".git") continue;
            bool isLink = entry.LinkTarget is not null, isFolder = !isLink && entry is DirectoryInfo;
            if (rules.Ignores(entry.FullName, isFolder))
            {
                _ignored++;
                continue;
            }
            string relative = Path.GetRelativePath(_root, entry.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (isLink) _skipped[relative] = "a symbolic link";
            else if (entry is DirectoryInfo inner) CollectInner(inner, rules, relative);
            else
            {
                _files.Add((relative, (FileInfo)entry));
                if (_files.Count > _limits.FolderFiles) throw new DocumentException(_root, $"expected at most {_limits.FolderFiles:N0} files in the folder, found more; name a smaller one.");
            }
        }
    }

    private void CollectInner(DirectoryInfo folder, GitIgnore rules, string relative)
    {
        try
        {
            Collect(folder, rules.In(folder.FullName));
        }
        catch (UnauthorizedAccessException)
        {
            _skipped[relative + "/"] = "may not be read";
        }
    }

    private Document ReadFiles(string name, bool isIgnored)
    {
        _files.Sort(static (a, b) => string.CompareOrdinal(a.Relative, b.Relative));
        List<DocumentPart> parts = [];
        foreach ((string relative, FileInfo file) in _files)
        {
            _cancellation.ThrowIfCancellationRequested();
            string? text = ReadText(file, out string? problem);
            if (text is null) _skipped[relative] = problem!;
            else parts.Add(new DocumentPart(text, Path: relative));
        }
        List<string> notes = [];
        if (isIgnored) notes.Add("the repository around the folder ignores it; read because it was named");
        if (_ignored > 0) notes.Add(string.Create(CultureInfo.InvariantCulture, $"{_ignored:N0} {(_ignored == 1 ? "file or folder" : "files and folders")} left out by .gitignore"));
        foreach ((string relative, string reason) in _skipped) notes.Add($"{relative}: skipped, {reason}");
        return new Document { Name = name, Kind = DocumentKind.Folder, Parts = parts, Notes = notes };
    }

    private string? ReadText(FileInfo file, out string? problem)
    {
        try
        {
            // Also what has no length, such as a pipe: opening one would wait for somebody who writes.
            if (file.Length == 0) return Skip("empty", out problem);
            if (file.Length > _limits.FolderFileBytes)
            {
                return Skip(string.Create(CultureInfo.InvariantCulture, $"{file.Length:N0} bytes, more than {_limits.FolderFileBytes:N0} (name it by itself to read it)"), out problem);
            }
            byte[] bytes = File.ReadAllBytes(file.FullName);
            if (FileSignature.IsPdf(bytes)) return Skip("a PDF (name it by itself to read it)", out problem);
            if (FileSignature.IsZip(bytes)) return Skip("an archive (an EPUB is read when it is named by itself)", out problem);
            string? text = TextBytes.Decode(bytes, out problem);
            if (text is null) return Skip($"no text: {problem}", out problem);
            string trimmed = TextBytes.Trimmed(text);
            return trimmed.Length > 0 ? trimmed : Skip("nothing but white space", out problem);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return Skip($"cannot be read ({e.Message.TrimEnd('.')})", out problem);
        }
    }

    private static string? Skip(string reason, out string? problem)
    {
        problem = reason;
        return null;
    }
}
