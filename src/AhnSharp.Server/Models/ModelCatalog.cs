using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using AhnSharp.Gguf;
using AhnSharp.Hub;
using AhnSharp.Network;
using AhnSharp.Planning;
using AhnSharp.Server.Http;

namespace AhnSharp.Server.Models;

/// <summary>The models that may be asked for: those by name, those of a folder, those that were fetched; each with its adapters.</summary>
/// <remarks>A base model and a memory that fits it are served as <c>BASE+MEMORY</c> beside the base model alone.</remarks>
internal sealed class ModelCatalog(AhnServerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTime Written, bool IsAdapter, bool IsModel)> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Base, string Adapter), bool> _fits = [];

    /// <summary>All of them, by name; looks through the folders.</summary>
    public IReadOnlyList<ServedModel> List()
    {
        Dictionary<string, ServedModel> all = new(StringComparer.Ordinal);
        foreach (ServedModel model in options.Models) all.TryAdd(model.Id, model);
        lock (_gate)
        {
            foreach (ServedModel model in OfFolder(options.ModelsFolder)) all.TryAdd(model.Id, model);
            foreach (ServedModel model in OfHub(options.HubFolder)) all.TryAdd(model.Id, model);
        }
        return [.. all.Values];
    }

    /// <summary>The model that a request means.</summary>
    /// <param name="name">As it says; null or empty: the default one.</param>
    /// <exception cref="ApiException">There is none of that name.</exception>
    public ServedModel Find(string? name)
    {
        string? wanted =
            string.IsNullOrEmpty(name) ? options.DefaultModel : options.Aliases.TryGetValue(name, out string? real) ? real : name;
        // Named ones need no look into a folder.
        if (wanted is null && options.Models.Count > 0) return options.Models[0];
        if (options.Models.FirstOrDefault(model => model.Id == wanted) is { } named) return named;
        IReadOnlyList<ServedModel> all = List();
        if (wanted is null && all.Count > 0) return all[0];
        // Ollama's programs write 'name:latest'.
        string? plain = wanted?.EndsWith(":latest", StringComparison.Ordinal) == true ? wanted[..^":latest".Length] : wanted;
        if (all.FirstOrDefault(model => model.Id == plain) is { } found) return found;
        if (plain is not null && options.Aliases.TryGetValue(plain, out string? alias)
            && all.FirstOrDefault(model => model.Id == alias) is { } aliased) return aliased;
        if (options.AnyModelName && all.Count > 0) return Find(null);
        const int most = 10;
        string names = all.Count == 0 ? "none" : string.Join(", ", all.Take(most).Select(static model => model.Id));
        throw ApiException.NotFound(
            "model_not_found", $"model: there is no '{name}' here; served: {names}{(all.Count > most ? ", …" : "")}.");
    }

    private List<ServedModel> OfFolder(string? folder)
    {
        if (folder is null || !Directory.Exists(folder)) return [];
        string[] files = [.. Directory.EnumerateFiles(folder, "*.gguf").Order(StringComparer.Ordinal)];
        return Pairs([.. files.Where(static file => !IsLaterPart(file)).Select(
            static file => new ServedModel(Path.GetFileNameWithoutExtension(file), file))]);
    }

    private List<ServedModel> OfHub(string? folder)
    {
        if (folder is null || !Directory.Exists(folder)) return [];
        return Pairs([.. CacheListing.Of(new HubCache(folder)).Models
            .Where(static model => model is { Kind: ModelKind.Gguf, LacksParts: false })
            .Select(static model => new ServedModel($"{model.Repo.Name}:{model.Label}", model.Files[0].LocalPath))]);
    }

    // The base models, and each with every memory that its header fits.
    private List<ServedModel> Pairs(IReadOnlyList<ServedModel> files)
    {
        List<ServedModel> models = [.. files.Where(file => KindOf(file.Path).IsModel)];
        ServedModel[] adapters = [.. files.Where(file => KindOf(file.Path).IsAdapter)];
        foreach (ServedModel model in models.ToArray())
        {
            foreach (ServedModel adapter in adapters.Where(adapter => Fit(model.Path, adapter.Path)))
                models.Add(new ServedModel($"{model.Id}+{adapter.Id}", model.Path, adapter.Path));
        }
        return models;
    }

    private (bool IsAdapter, bool IsModel) KindOf(string path)
    {
        DateTime written = File.GetLastWriteTimeUtc(path);
        if (_kinds.TryGetValue(path, out (DateTime Written, bool IsAdapter, bool IsModel) known) && known.Written == written)
            return (known.IsAdapter, known.IsModel);
        (bool IsAdapter, bool IsModel) kind;
        try
        {
            using GgufFile file = GgufFile.Open(path);
            bool isAdapter = ModelKeys.IsMemoryAdapter(file.Metadata);
            if (!isAdapter) ModelKeys.Read(file);
            kind = (isAdapter, !isAdapter);
        }
        catch (Exception e) when (e is InvalidModelException or IOException or UnauthorizedAccessException)
        {
            kind = (false, false); // being copied, or none of ours
        }
        _kinds[path] = (written, kind.IsAdapter, kind.IsModel);
        foreach ((string Base, string Adapter) pair in _fits.Keys.Where(pair => pair.Base == path || pair.Adapter == path).ToArray())
            _fits.Remove(pair);
        return kind;
    }

    private bool Fit(string path, string adapterPath)
    {
        if (_fits.TryGetValue((path, adapterPath), out bool known)) return known;
        bool fits;
        try
        {
            ModelPlan.Read(path, adapterPath);
            fits = true;
        }
        catch (Exception e) when (e is InvalidModelException or IOException or UnauthorizedAccessException)
        {
            fits = false;
        }
        return _fits[(path, adapterPath)] = fits;
    }

    // NAME-00002-of-00003.gguf: the first opens the others.
    private static bool IsLaterPart(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        int of = name.LastIndexOf("-of-", StringComparison.Ordinal);
        return of > 6 && name[of - 6] == '-' && int.TryParse(name.AsSpan(of - 5, 5), out int part) && part > 1;
    }
}
