using System;
using System.IO;
using AhnSharp.Cli.Settings;
using AhnSharp.Hub;

namespace AhnSharp.Cli;

/// <summary>
/// The file that a person means where a command takes a model: a path, or <c>OWNER/REPO:TYPE</c> as 'ahn pull' fetched it.
/// </summary>
/// <remarks>
/// What exists on the disk under the given name is taken; only then it is looked for in the cache. Nothing is
/// fetched without being asked for.
/// </remarks>
internal static class ModelFile
{
    /// <summary>The GGUF file, which exists; of a split model the first part.</summary>
    /// <param name="option">Where the name was given, for sentences.</param>
    /// <param name="name">The path or the reference.</param>
    internal static string Resolve(string option, string name) =>
        !File.Exists(name) && UserSettings.Here.Alias(name) is { } alias ? ResolveName(option, alias.Model) : ResolveName(option, name);

    private static string ResolveName(string option, string name)
    {
        if (File.Exists(name)) return name;
        if (Directory.Exists(name))
        {
            throw new UsageException(
                $"{option}: expected a GGUF file, found the folder {name}; 'ahn convert' makes one from a Hugging Face folder.");
        }
        if (Reference(name) is not { } reference) throw new FileNotFoundException($"{option}: {ModelName.Missing(name)}", name);
        (_, ModelChoice<CachedFile> choice) = Find(option, reference);
        return choice.Kind switch
        {
            ModelKind.Folder => throw new UsageException(
                $"{option}: {reference} is a Hugging Face folder; 'ahn convert {reference} -o FILE.gguf' makes a GGUF file of it."),
            ModelKind.File =>
                throw new UsageException($"{option}: expected a GGUF file, found {choice.Files[0].Path} of {reference.Repo}."),
            _ => Used(choice),
        };
    }

    /// <summary>The Hugging Face folder that a path or a reference means.</summary>
    internal static string ResolveFolder(string option, string name)
    {
        if (File.Exists(name))
        {
            throw new UsageException(name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
                ? $"{option}: {name} is a GGUF file already; 'ahn quantize' writes it with smaller types."
                : $"{option}: expected a Hugging Face folder, found the file {name}; name its folder.");
        }
        if (Directory.Exists(name) || Reference(name) is not { } reference) return name;
        (string commit, ModelChoice<CachedFile> choice) = Find(option, reference);
        if (choice.Kind != ModelKind.Folder)
            throw new UsageException($"{option}: expected a Hugging Face folder, found {choice.Files[0].Path} of {reference.Repo}.");
        return Cache().SnapshotFolder(reference.Repo, commit);
    }

    /// <summary>The GGUF file or the Hugging Face folder, whichever a path or a reference means.</summary>
    internal static string ResolveEither(string option, string name)
    {
        if (Directory.Exists(name) || File.Exists(name) || Reference(name) is not { } reference) return name;
        return Find(option, reference).Choice.Kind == ModelKind.Folder ? ResolveFolder(option, name) : Resolve(option, name);
    }

    /// <summary>The file of <see cref="Resolve"/>, or null where there is none: who must have it says so later.</summary>
    internal static string? TryResolve(string option, string name)
    {
        try
        {
            return Resolve(option, name);
        }
        catch (Exception none) when (none is IOException or UsageException)
        {
            return null;
        }
    }

    /// <summary>
    /// The name of the repository whose snapshot a folder is; null for other folders. The folder itself is named after a commit.
    /// </summary>
    internal static string? RepoOf(string folder)
    {
        DirectoryInfo? snapshots = new DirectoryInfo(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))).Parent;
        return snapshots is { Name: "snapshots", Parent: { } repo } && RepoName.TryParseFolder(repo.Name, out RepoName? name)
            ? name.ShortName
            : null;
    }

    private static HubCache Cache() => new(HubSettings.FromEnvironment().CacheFolder);

    /// <summary>The name of a model on the hub, where it is one; models/file.gguf has its form too, and is meant as a path.</summary>
    internal static ModelReference? Reference(string name) =>
        ModelReference.TryParse(name, out ModelReference? reference)
        && (reference.What is not null || !name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) ? reference : null;

    private static (string Commit, ModelChoice<CachedFile> Choice) Find(string option, ModelReference reference)
    {
        HubCache cache = Cache();
        string remedy = $"'ahn pull {reference}' fetches it";
        try
        {
            return cache.Find(reference, reference.Revision) ?? throw new FileNotFoundException(
                $"{option}: there is no file {reference}, and no model of that name in the cache {cache.Folder}; {remedy}.");
        }
        catch (HubException unclear)
        {
            throw new FileNotFoundException(
                $"{option}: in the cache {cache.Folder}, {unclear.Message.TrimEnd('.')}; {remedy}, where the hub has it.", unclear);
        }
    }

    // Mapped files do not change their time of access by themselves on every file system; 'ahn list' tells it.
    private static string Used(ModelChoice<CachedFile> choice)
    {
        foreach (CachedFile file in choice.Files)
        {
            try
            {
                File.SetLastAccessTimeUtc(file.BlobPath, DateTime.UtcNow);
            }
            catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
            {
                // A cache that is only read, or someone else's.
            }
        }
        return choice.Files[0].LocalPath;
    }
}
