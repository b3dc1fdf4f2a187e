using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>Everything in a cache: whole models, and what unfinished downloads left.</summary>
/// <param name="Models">The models, by repository, then the newest snapshot first.</param>
/// <param name="Partials">What is not whole.</param>
/// <param name="Bytes">What all of it takes on the disk; every blob counts once.</param>
public sealed record CacheListing(IReadOnlyList<CachedModel> Models, IReadOnlyList<CachedPartial> Partials, long Bytes)
{
    // What is in a snapshot beside its models: a README, a config.
    private const string Rest = "other files";

    /// <summary>Reads a cache; of one repository where one is named.</summary>
    public static CacheListing Of(HubCache cache, RepoName? only = null)
    {
        List<CachedModel> models = [];
        List<CachedPartial> partials = [];
        foreach (RepoName repo in cache.Repos().Where(repo => only is null || repo == only))
        {
            ILookup<string, string> revisions = cache.Refs(repo).ToLookup(reference => reference.Commit, reference => reference.Revision);
            foreach (string commit in cache.Commits(repo, null)) models.AddRange(ModelsOf(cache, repo, commit, [.. revisions[commit]]));
            partials.AddRange(PartialsOf(cache, repo));
        }
        IEnumerable<CachedFile> blobs = models.SelectMany(model => model.Files).DistinctBy(file => file.BlobPath);
        return new CacheListing(models, partials, blobs.Sum(file => file.Bytes) + partials.Sum(partial => partial.Bytes));
    }

    private static IEnumerable<CachedModel> ModelsOf(HubCache cache, RepoName repo, string commit, IReadOnlyList<string> revisions)
    {
        IReadOnlyList<CachedFile> files = cache.Files(repo, commit);
        ModelChoice<CachedFile>[] choices = [.. FileChoice.All(files)];
        foreach (ModelChoice<CachedFile> choice in choices) yield return Model(choice, FileChoice.LacksParts(choice));
        CachedFile[] rest = [.. files.Except(choices.SelectMany(choice => choice.Files))];
        if (rest.Length > 0) yield return Model(new ModelChoice<CachedFile>(ModelKind.File, Rest, rest), false);

        CachedModel Model(ModelChoice<CachedFile> choice, bool lacksParts)
        {
            CachedFile[] blobs = [.. choice.Files.DistinctBy(file => file.BlobPath)];
            return new CachedModel(repo, choice.Kind, choice.Label, choice.Files, blobs.Sum(file => file.Bytes), commit, revisions,
                blobs.Max(LastUsed), lacksParts);
        }
    }

    private static IEnumerable<CachedPartial> PartialsOf(HubCache cache, RepoName repo)
    {
        string folder = cache.BlobFolder(repo);
        if (!Directory.Exists(folder)) yield break;
        IReadOnlyDictionary<string, RepoFile> names = TreeFile.Names(cache, repo);
        foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            bool isCorrupt = file.Name.EndsWith(HubCache.Corrupt, StringComparison.Ordinal);
            if (!isCorrupt && !file.Name.EndsWith(HubCache.Incomplete, StringComparison.Ordinal)) continue;
            // Other tools put a number of their own between hash and ending.
            RepoFile? whole = names.GetValueOrDefault(file.Name.Split('.')[0]);
            yield return new CachedPartial(repo, whole?.Path, file.FullName, file.Length, whole?.Bytes, isCorrupt, file.LastWriteTimeUtc);
        }
    }

    private static DateTime LastUsed(CachedFile file)
    {
        DateTime read = File.GetLastAccessTimeUtc(file.BlobPath), written = File.GetLastWriteTimeUtc(file.BlobPath);
        return read > written ? read : written;
    }
}
