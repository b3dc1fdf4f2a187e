using System;
using System.Linq;
using AhnSharp.Documents.Archives;

namespace AhnSharp.Documents.Epub;

/// <summary>The paths of a book: from what its files write to what its archive holds.</summary>
internal sealed class EpubPaths
{
    private const string Container = "META-INF/container.xml";

    public EpubPaths(ZipFiles files)
    {
        Files = files;
        ContainerPath = files.Paths.Where(IsContainer).MinBy(static path => path.Length);
        // A folder around everything: paths of the container begin in it.
        Root = ContainerPath is null ? "" : ContainerPath[..^Container.Length];
    }

    public ZipFiles Files { get; }

    /// <summary>The file that names the package; null where there is none.</summary>
    public string? ContainerPath { get; }

    public string Root { get; }

    public static bool IsContainer(string path) =>
        path.Equals(Container, StringComparison.OrdinalIgnoreCase) || path.EndsWith("/" + Container, StringComparison.OrdinalIgnoreCase);

    /// <summary>A path as the container or the encryption file writes it; null where the archive has no such file.</summary>
    public string? FromRoot(string written) => Existing(Root, written) ?? Existing("", written);

    /// <summary>A reference of a file in the archive, relative to that file's folder; null where the archive has no such file.</summary>
    public string? FromFile(string file, string reference)
    {
        int end = reference.AsSpan().IndexOfAny('#', '?');
        string folder = file[..(file.LastIndexOf('/') + 1)], path = end < 0 ? reference : reference[..end];
        return Existing(folder, path) ?? Existing(folder, reference) ?? Existing(Root, path);
    }

    // As written, else with its percents decoded.
    private string? Existing(string folder, string path)
    {
        if (path.Trim() is not { Length: > 0 } trimmed) return null;
        string joined = trimmed[0] is '/' or '\\' ? trimmed : folder + trimmed;
        string asWritten = ZipFiles.Key(joined);
        if (Files.Has(asWritten)) return asWritten;
        string decoded = ZipFiles.Key(Uri.UnescapeDataString(joined));
        return Files.Has(decoded) ? decoded : null;
    }
}
