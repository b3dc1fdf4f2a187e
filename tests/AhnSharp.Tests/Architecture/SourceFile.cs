using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace AhnSharp.Tests.Architecture;

/// <summary>One text file of the repository: its path from the root, with forward slashes, and its text.</summary>
internal sealed partial record SourceFile(string Path, string Text)
{
    private static readonly string[] Skipped = ["artifacts", "bin", "obj", ".git", "TestResults", "BenchmarkDotNet.Artifacts", "scratch"];
    private static readonly string[] TextEndings =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".json", ".md", ".sh", ".yml", ".config", ".editorconfig", ".py"];

    /// <summary>The lines, as an editor counts them.</summary>
    public string[] Lines => Text.TrimEnd('\n').Split('\n');

    /// <summary>The text without comments (strings stay: a type named in one is not a dependency, and none is written so).</summary>
    public string Code => Comment().Replace(Text, "");

    /// <summary>All .cs files under the given top-level folders.</summary>
    public static IReadOnlyList<SourceFile> CSharpOf(params string[] folders) =>
        [.. folders.SelectMany(folder => Under(folder)).Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal))];

    /// <summary>All text files of the repository that people write.</summary>
    public static IReadOnlyList<SourceFile> All() => [.. Under("")];

    private static IEnumerable<SourceFile> Under(string folder)
    {
        string start = System.IO.Path.Combine(Fixture.Repository, folder);
        return Directory.Exists(start) ? Walk(new DirectoryInfo(start)) : [];
    }

    private static IEnumerable<SourceFile> Walk(DirectoryInfo folder)
    {
        foreach (FileInfo file in folder.EnumerateFiles().Where(IsText).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            string path = System.IO.Path.GetRelativePath(Fixture.Repository, file.FullName).Replace('\\', '/');
            yield return new SourceFile(path, File.ReadAllText(file.FullName));
        }
        foreach (DirectoryInfo inner in folder.EnumerateDirectories().Where(inner => !Skipped.Contains(inner.Name)).OrderBy(
            inner => inner.Name, StringComparer.Ordinal))
        {
            foreach (SourceFile file in Walk(inner)) yield return file;
        }
    }

    // .ci/run has no ending; .gitignore and .editorconfig are their endings.
    private static bool IsText(FileInfo file) =>
        TextEndings.Contains(file.Extension) || file.Extension == ".gitignore"
        || (file.Directory!.Name == ".ci" && file.Extension.Length == 0);

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
