using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Gguf;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn pull</c>: fetches a model from the hub into the cache that the hub's own tools use.</summary>
internal static class PullCommand
{
    private const int MaxParallel = 16;

    private static readonly Argument<string> Model = new("model")
    {
        Description = "OWNER/REPO:TYPE (q4_k_m, Q8_0 …) or OWNER/REPO:FILE; OWNER/REPO alone: its only GGUF model, of several the Q4_K_M, "
            + "without any its safetensors for 'ahn convert'.",
        HelpName = "OWNER/REPO[:TYPE|FILE]",
    };

    private static readonly Option<string?> Revision = Choice.Text("--revision", "Branch, tag or commit (default: main).", "NAME");

    private static readonly Option<int?> Parallel = Choice.WholeNumber(
        "--parallel", $"Files fetched at once (default: {ModelPull.DefaultParallel}).", 1, MaxParallel);

    private static readonly Option<bool> Any = Choice.Switch(
        "--any", "Fetches also a model that ahn does not run, and does not look at its header first.");

    private static readonly Option<bool> Json = JsonOption.Create();
    private static readonly Option<bool> Events = MachineOutput.CreateLines("fetching, done, error");

    public static Command Create()
    {
        Command command = new("pull", "Fetches a model from the hub (HF_ENDPOINT, HF_TOKEN, HF_HOME as its own tools read them); "
            + "goes on where an earlier run was cut.") { Model };
        foreach (Option option in new Option[] { Revision, Parallel, Any, Json, Events }) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool asJson = parsed.GetValue(Json), asEvents = parsed.GetValue(Events);
        if (asJson && asEvents) throw new UsageException("--json prints one object and --jsonl many: give one of the two.");
        ModelReference reference = ModelArgument.Parse(parsed.GetValue(Model)!);
        string? named = parsed.GetValue(Revision);
        if (named is not null && reference.Revision is not null && named != reference.Revision)
            throw new UsageException($"--revision names {named}, and the address {reference.Revision}: give one of the two.");
        string revision = named ?? reference.Revision ?? "main";
        PullResult result = await FetchAsync(
            reference, revision, parsed.GetValue(Parallel) ?? ModelPull.DefaultParallel, cancellationToken,
            judges: !parsed.GetValue(Any), asEvents);
        if (asEvents) EventStream.Write("done", json => WriteJson(json, result));
        else if (asJson) Terminal.PrintJson(json => WriteJson(json, result));
        else Print(result);
        return AhnCommand.Done;
    }

    /// <summary>Fetches a model behind bars; what was cut goes on.</summary>
    internal static Task<PullResult> FetchAsync(string reference, CancellationToken cancellationToken) =>
        FetchAsync(ModelArgument.Parse(reference), "main", ModelPull.DefaultParallel, cancellationToken);

    private static async Task<PullResult> FetchAsync(
        ModelReference reference, string revision, int parallel, CancellationToken cancellationToken, bool judges = true,
        bool asEvents = false)
    {
        HubSettings settings = HubSettings.FromEnvironment();
        if (settings is { Token: not null, Endpoint: { Scheme: "http", IsLoopback: false } })
        {
            Terminal.Note(
                $"The token of {settings.TokenSource} goes to {settings.Endpoint.Authority} unencrypted: HF_ENDPOINT is plain http.");
        }
        try
        {
            return await Progress.ShowManyAsync(async addBar =>
            {
                PullBars bars = new(addBar);
                ModelPull pull = new(settings)
                {
                    Revision = revision,
                    Parallel = parallel,
                    Judge = !judges ? null : (connection, repo, choice, stop) =>
                        RemoteModel.JudgeAsync(settings, connection, repo, choice, stop),
                    Listed = repo => TellOthers(reference, repo),
                    Chosen = choice => bars.Begin(choice.Files),
                };
                IProgress<FileProgress> progress = asEvents ? new EventStream.Fetching() : bars;
                return await Task.Run(() => pull.RunAsync(reference, progress, cancellationToken), cancellationToken);
            });
        }
        catch (OperationCanceledException)
        {
            Terminal.Note($"What has come stays in the cache; 'ahn pull {reference}' goes on from there.");
            throw;
        }
    }

    // Where nobody named a type, there may be a better one.
    private static void TellOthers(ModelReference reference, RemoteRepo repo)
    {
        if (reference.What is not null) return;
        ModelChoice<RemoteFile>[] all = [.. FileChoice.All(repo.Files).Where(choice => choice.Kind == ModelKind.Gguf)];
        if (all.Length < 2) return;
        Terminal.Note($"{reference.Repo} has {string.Join(", ", all.OrderBy(choice => choice.Bytes).Take(12).Select(
            choice => $"{choice.Label} ({ByteProgress.Size(choice.Bytes)})"))}; OWNER/REPO:TYPE names one.");
    }

    private static void Print(PullResult result)
    {
        // What the next command takes: a folder, a file, or the first part of a split one.
        Terminal.PrintPath(result.Kind == ModelKind.Folder ? result.Folder : result.Files[0].LocalPath);
        string files = result.Files.Count == 1 ? "1 file" : $"{result.Files.Count} files";
        string came = result.FetchedBytes == 0
            ? "all of it was there already"
            : string.Create(CultureInfo.InvariantCulture,
                $"{ByteProgress.Size(result.FetchedBytes)} fetched in {result.Took.TotalSeconds:N1} s, hashes right");
        Terminal.Note($"{result.Reference.Repo} at {result.Revision} ({result.Commit[..8]}): {result.Label}, {files}, "
            + $"{ByteProgress.Size(result.Bytes)}; {came}.");
        try
        {
            if (Next(result) is { } next) Terminal.Note($"Next: {next}");
        }
        // InvalidOperationException: a string of config.json with half a character in it.
        catch (Exception unusable) when (unusable is InvalidModelException or JsonException or InvalidOperationException)
        {
            Terminal.Note($"It came as the hub has it, and is not what ahn reads: {unusable.Message}");
        }
    }

    // What is likely wanted now, by what the files are.
    private static string? Next(PullResult result) => result.Kind switch
    {
        ModelKind.Gguf when IsAdapter(result.Files[0].LocalPath) => $"ahn use BASE.gguf --ahn {Named(result)}",
        ModelKind.Gguf => $"ahn run {Named(result)} \"…\", or 'ahn use {Named(result)}' for all commands",
        ModelKind.Folder when IsMemory(result.Folder) =>
            $"ahn convert --ahn {result.Reference.Repo} --fingerprint-from BASE.gguf -o {result.Reference.Repo.ShortName}.gguf",
        ModelKind.Folder => $"ahn convert {result.Reference.Repo} -o {result.Reference.Repo.ShortName}.gguf",
        _ => null,
    };

    private static string Named(PullResult result) =>
        result.Reference.What is null ? $"{result.Reference.Repo}:{result.Label}" : result.Reference.ToString();

    private static bool IsAdapter(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        return file.Metadata.GetStringOrNull("general.type") == "adapter";
    }

    private static bool IsMemory(string folder)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        return config.RootElement.ValueKind == JsonValueKind.Object
            && config.RootElement.EnumerateObject().Any(member => member.NameEquals("_ahn_implementation"));
    }

    private static void WriteJson(Utf8JsonWriter json, PullResult result)
    {
        json.WriteString("repo", result.Reference.Repo.Name);
        json.WriteString("revision", result.Revision);
        json.WriteString("commit", result.Commit);
        json.WriteString("kind", KindName(result.Kind));
        json.WriteString("label", result.Label);
        json.WriteString("folder", result.Folder);
        json.WriteNumber("bytes", result.Bytes);
        json.WriteNumber("bytes_fetched", result.FetchedBytes);
        json.WriteNumber("seconds", result.Took.TotalSeconds);
        json.WriteStartArray("files");
        foreach (PulledFile file in result.Files)
        {
            json.WriteStartObject();
            json.WriteString("file", file.Path);
            json.WriteString("path", file.LocalPath);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteNumber("bytes_fetched", file.FetchedBytes);
            json.WriteString("hash", file.BlobId);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    internal static string KindName(ModelKind kind) => kind switch
    {
        ModelKind.Gguf => "gguf",
        ModelKind.Folder => "safetensors",
        _ => "file",
    };
}
