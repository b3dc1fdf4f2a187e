using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Archive;
using AhnSharp.Cli.Commands;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Settings;
using AhnSharp.Gguf;
using AhnSharp.Hub;
using AhnSharp.Machine;
using AhnSharp.Planning;

namespace AhnSharp.Cli;

/// <summary>A model on the hub that was not fetched, judged by its header.</summary>
internal static class RemoteModel
{
    /// <summary>Below this, fetching all of it is no more trouble than asking.</summary>
    internal const long WorthJudging = 200_000_000;

    /// <summary>The header of the model that a command names, where it is neither a file nor in the cache; else null.</summary>
    internal static async Task<ModelPeek?> PeekAsync(ChosenModel chosen, CancellationToken cancellationToken)
    {
        if (chosen.Name is not { } name || File.Exists(name) || Directory.Exists(name) || ModelFile.Reference(name) is not { } reference
            || ModelFile.TryResolve(chosen.Option, name) is not null) return null;
        HubSettings settings = HubSettings.FromEnvironment();
        // Without a network, the sentence about the cache is the right one.
        return settings.Offline ? null
            : await ModelPeek.RunAsync(settings, reference, reference.Revision ?? "main", cancellationToken);
    }

    /// <summary>What was looked at, and how to have the rest.</summary>
    internal static string Judged(ModelPeek peek) =>
        $"Judged by its header: {ByteProgress.Size(peek.FetchedBytes)} of {ByteProgress.Size(peek.Choice.Bytes)} were read; "
            + $"'ahn pull {peek.Repo.Name}:{peek.Choice.Label.ToLowerInvariant()}' fetches all of it.";

    /// <summary>
    /// Says whether a model that is about to be fetched would fit here, and refuses one that is not read here; nothing of small ones and of
    /// folders.
    /// </summary>
    internal static async Task JudgeAsync(
        HubSettings settings, HubConnection connection, RemoteRepo repo, ModelChoice<RemoteFile> choice,
        CancellationToken cancellationToken, long least = WorthJudging)
    {
        if (choice.Kind != ModelKind.Gguf || choice.Bytes < least) return;
        using ModelPeek peek = await ModelPeek.RunAsync(settings, connection, repo, choice, cancellationToken);
        using (GgufFile file = GgufFile.Open(peek.Path, memoryMap: false))
        {
            if (file.Metadata.GetStringOrNull("general.type") == "adapter") return;
        }
        ModelPlan plan;
        try
        {
            plan = ModelPlan.Read(peek.Path, null, new Sessions.ModelOptions { MemoryMap = false });
        }
        catch (InvalidModelException unread)
        {
            string sentence = unread.Message.Replace(peek.Path, peek.Choice.Files[0].Path, StringComparison.Ordinal);
            throw new UsageException($"{repo.Name}:{choice.Label} is not fetched, as it would not run: {sentence.TrimEnd('.')}; "
                + "--any fetches it all the same.");
        }
        FitReport report = FitReport.Of(plan, null, null, new ArchiveOptions(), MachineMemory.Read());
        string verdict = $"{peek.Choice.Label}, {ByteProgress.Size(peek.Choice.Bytes)}: {FitText.Verdict(report)}";
        if (report.Choice.Fits) Terminal.Note(verdict);
        else Terminal.Warn(verdict);
    }
}
