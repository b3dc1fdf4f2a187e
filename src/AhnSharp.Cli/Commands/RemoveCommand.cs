using System;
using System.CommandLine;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn remove</c>: takes a model from the cache, and with it the bytes that nothing else there refers to.</summary>
internal static class RemoveCommand
{
    private static readonly Argument<string> Model = new("model")
    {
        Description = "OWNER/REPO:TYPE or OWNER/REPO:FILE; OWNER/REPO alone is all of it, unfinished downloads included.",
        HelpName = "OWNER/REPO[:TYPE|FILE]",
    };

    private static readonly Option<bool> Yes = Choice.Switch("--yes", "Does not ask.");
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new("remove", "Removes a model from the cache.") { Model, Yes, Json };
        command.Aliases.Add("rm");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        (RepoName repo, string? what) = Parse(parsed.GetValue(Model)!);
        CacheRemoval removal = CacheRemoval.Plan(new HubCache(HubSettings.FromEnvironment().CacheFolder), repo, what);
        string freed = ByteProgress.Size(removal.Bytes);
        if (!parsed.GetValue(Yes) && !IsConfirmed(removal, what is null ? repo.Name : $"{repo}:{what}", freed))
        {
            Terminal.Note("Nothing was removed.");
            return AhnCommand.Done;
        }
        removal.Execute();
        if (parsed.GetValue(Json))
        {
            Terminal.PrintJson(json =>
            {
                json.WriteString("repo", repo.Name);
                json.WriteNumber("bytes_freed", removal.Bytes);
                json.WriteStartArray("files");
                foreach (CachedFile file in removal.Files) json.WriteStringValue(file.LocalPath);
                json.WriteEndArray();
            });
            return AhnCommand.Done;
        }
        Terminal.Note($"Removed {Count(removal)} of {repo}; {freed} are free again.");
        return AhnCommand.Done;
    }

    // Very old repositories have no owner, and other tools fetch them too.
    private static (RepoName Repo, string? What) Parse(string text)
    {
        if (RepoName.TryParse(text, out RepoName? whole)) return (whole, null);
        ModelReference reference = ModelArgument.Parse(text);
        return (reference.Repo, reference.What);
    }

    private static bool IsConfirmed(CacheRemoval removal, string name, string freed)
    {
        if (Console.IsInputRedirected) throw new UsageException(
            $"'ahn remove {name}' would remove {Count(removal)} and free {freed}; standard input is no terminal to ask on, so say --yes.");
        foreach (CachedFile file in removal.Files) Terminal.Note(file.LocalPath);
        if (removal.Files.Count > 0 && removal.Bytes == 0) Terminal.Note("Another revision refers to the same bytes: they stay.");
        Terminal.Prompt($"Remove {Count(removal)} and free {freed}? [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static string Count(CacheRemoval removal)
    {
        string names = removal.Files.Count == 1 ? "1 file" : $"{removal.Files.Count} files";
        return removal.UnfinishedCount == 0 ? names : $"{names} and {removal.UnfinishedCount} unfinished";
    }
}
