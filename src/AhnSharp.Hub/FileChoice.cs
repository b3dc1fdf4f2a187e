using System;
using System.Collections.Generic;
using System.Linq;

namespace AhnSharp.Hub;

/// <summary>Which files of a repository a person means: the same rule for the hub's list and for the cache.</summary>
/// <remarks>
/// After the colon stands a file (<c>folder/file.gguf</c>; of a split model any part means all), or a type (<c>q4_k_m</c>). With nothing
/// after it: the only GGUF model; of several the Q4_K_M; of a repository without GGUF its config, tokenizer and safetensors. Whatever is
/// not clear is a sentence with the choices.
/// </remarks>
public static class FileChoice
{
    /// <summary>The type that is taken of several where none is named.</summary>
    public const string DefaultType = "Q4_K_M";

    private const string Config = "config.json", Weights = "model.safetensors", WeightsIndex = "model.safetensors.index.json",
        Extension = ".safetensors";
    private const int MaxListed = 12;

    // What 'ahn convert' reads, and what other readers of such a folder look for.
    private static readonly string[] s_beside =
    [
        Config, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
        "added_tokens.json", "special_tokens_map.json", "chat_template.jinja",
    ];

    /// <summary>The files that <paramref name="reference"/> means among <paramref name="files"/>.</summary>
    /// <exception cref="HubException">None, or more than one model; the sentence lists what there is.</exception>
    public static ModelChoice<T> Of<T>(ModelReference reference, IReadOnlyList<T> files)
        where T : RepoFile => Of(reference, files, wholeOnly: true);

    /// <summary>The same, where a split model may lack parts: to be removed it need not be whole.</summary>
    internal static ModelChoice<T> Of<T>(ModelReference reference, IReadOnlyList<T> files, bool wholeOnly) where T : RepoFile
    {
        List<Model<T>> models = [.. Models(files)];
        if (reference.What is null) return Default(reference, files, models, wholeOnly);
        if (Named(reference, files) is { } file)
        {
            Model<T>? whole = models.Find(model => model.Files.Contains(file));
            return whole is null ? new ModelChoice<T>(ModelKind.File, file.Path, [file]) : whole.Choice(reference, wholeOnly);
        }
        List<Model<T>> fitting = models.FindAll(model => model.Name.Is(reference.What));
        if (fitting.Count == 1) return fitting[0].Choice(reference, wholeOnly);
        if (fitting.Count > 1)
        {
            throw new HubException($"{reference} fits {fitting.Count} models: {Listed(fitting.Select(model => model.Files[0].Path))}; "
                + $"name the file, as in {reference.Repo}:{fitting[0].Files[0].Path}.");
        }
        throw new HubException($"{reference.Repo} has no file and no type '{reference.What}'; {Contents(files, models)}.");
    }

    /// <summary>The models in GGUF files, those of a split one together, and the folder of safetensors, where there is one.</summary>
    internal static IEnumerable<ModelChoice<T>> All<T>(IReadOnlyList<T> files) where T : RepoFile
    {
        foreach (Model<T> model in Models(files)) yield return new ModelChoice<T>(ModelKind.Gguf, model.Label, model.Files);
        if (Folder(files) is { } folder) yield return folder;
    }

    /// <summary>True where a choice lacks parts of its split model.</summary>
    internal static bool LacksParts<T>(ModelChoice<T> choice) where T : RepoFile =>
        choice.Kind == ModelKind.Gguf && GgufFileName.Of(choice.Files[0].Path) is { } name && name.PartCount > choice.Files.Count;

    private static ModelChoice<T> Default<T>(ModelReference reference, IReadOnlyList<T> files, List<Model<T>> models, bool wholeOnly)
        where T : RepoFile
    {
        if (models.Count == 1) return models[0].Choice(reference, wholeOnly);
        List<Model<T>> usual = models.FindAll(model => model.Name.Type == DefaultType);
        if (usual.Count == 1) return usual[0].Choice(reference, wholeOnly);
        if (models.Count > 0)
        {
            throw new HubException(
                $"{reference.Repo} has {models.Count} models: {Types(models)}; name one, as in {reference.Repo}:{models[0].Label}.");
        }
        return Folder(files) ?? throw new HubException(
            files.Any(file => file.Path.EndsWith(".bin", StringComparison.Ordinal) || file.Path.EndsWith(".pt", StringComparison.Ordinal))
                ? $"{reference.Repo} has weights in the pickle format alone, which is not read; "
                    + "look for a repository with safetensors or GGUF files."
                : $"{reference.Repo} has neither GGUF files nor a {Config} with {Weights}; {Contents(files, models)}.");
    }

    private static T? Named<T>(ModelReference reference, IReadOnlyList<T> files) where T : RepoFile =>
        files.FirstOrDefault(file => file.Path == reference.What)
        ?? files.FirstOrDefault(file => file.Path.Equals(reference.What, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Model<T>> Models<T>(IReadOnlyList<T> files) where T : RepoFile =>
        from file in files
        let name = GgufFileName.Of(file.Path)
        where name is not null
        group (File: file, Name: name) by (name.Model, name.PartCount) into parts
        select new Model<T>(parts.First().Name, [.. parts.OrderBy(part => part.Name.Part).Select(part => part.File)]);

    private static ModelChoice<T>? Folder<T>(IReadOnlyList<T> files) where T : RepoFile
    {
        bool isWhole = files.Any(file => file.Path == Weights);
        List<T> weights = [.. files.Where(file => isWhole ? file.Path == Weights : file.Path == WeightsIndex || IsShard(file.Path))];
        if (weights.Count == 0 || !files.Any(file => file.Path == Config)) return null;
        return new ModelChoice<T>(ModelKind.Folder, "safetensors", [.. files.Where(file => s_beside.Contains(file.Path)), .. weights]);
    }

    // The names come from a converter of Hugging Face's own: model-00001-of-00004.safetensors.
    private static bool IsShard(string path) =>
        path.StartsWith("model-", StringComparison.Ordinal) && path.EndsWith(Extension, StringComparison.Ordinal)
        && !path.Contains('/', StringComparison.Ordinal);

    private static string Contents<T>(IReadOnlyList<T> files, List<Model<T>> models) where T : RepoFile =>
        models.Count
        > 0 ? $"it has {Types(models)}" : files.Count == 0 ? "it is empty" : $"its files are {Listed(files.Select(file => file.Path))}";

    private static string Types<T>(List<Model<T>> models)
        where T : RepoFile => Listed(models.Select(model => $"{model.Label} ({ByteSize.Text(model.Bytes)})"));

    private static string Listed(IEnumerable<string> names)
    {
        string[] all = [.. names.Select(name => FilePaths.Shown(name)[1..^1])];
        return string.Join(", ", all.Take(MaxListed)) + (all.Length > MaxListed ? $" and {all.Length - MaxListed} more" : "");
    }

    private sealed record Model<T>(GgufFileName Name, List<T> Files) where T : RepoFile
    {
        public string Label => Name.Type ?? Files[0].Path;

        public long Bytes => Files.Sum(file => file.Bytes);

        public ModelChoice<T> Choice(ModelReference reference, bool wholeOnly) => Files.Count == Name.PartCount || !wholeOnly
            ? new ModelChoice<T>(ModelKind.Gguf, Label, Files)
            : throw new HubException($"{Name.Model} of {reference.Repo} is split in {Name.PartCount} parts, and {Files.Count} of them are "
                + $"there ({Listed(Files.Select(file => file.Path))}).");
    }
}
