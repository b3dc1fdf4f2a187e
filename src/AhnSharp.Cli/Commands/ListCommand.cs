using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Hub;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn list</c>: the models in the cache, whoever fetched them.</summary>
internal static class ListCommand
{
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new(
            "list", "Lists the models in the cache: type, files, size, revision, last use; and what unfinished downloads left.") { Json };
        command.Aliases.Add("ls");
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        HubCache cache = new(HubSettings.FromEnvironment().CacheFolder);
        CacheListing listing = CacheListing.Of(cache);
        if (parsed.GetValue(Json))
        {
            Terminal.PrintJson(json => WriteJson(json, cache, listing));
            return AhnCommand.Done;
        }
        if (listing.Models.Count + listing.Partials.Count > 0) Print(listing);
        Terminal.Note($"{(listing.Models.Count == 1 ? "1 model" : $"{listing.Models.Count} models")} in {cache.Folder}, "
            + $"{ByteProgress.Size(listing.Bytes)}{Left(listing)}"
            + $"{(listing.Models.Count + listing.Partials.Count == 0 ? "; 'ahn pull OWNER/REPO:TYPE' fetches one" : "")}.");
        return AhnCommand.Done;
    }

    private static string Left(CacheListing listing) => listing.Partials.Count == 0
        ? ""
        : $"; {listing.Partials.Count} not whole: 'ahn pull' goes on with what is unfinished, 'ahn remove' clears it away";

    private static void Print(CacheListing listing)
    {
        Columns columns = new("model", "type", ">files", ">size", "revision", "last used");
        foreach (CachedModel model in listing.Models)
        {
            columns.Add(
                model.Repo.Name, model.Label + (model.LacksParts ? ", parts missing" : ""),
                model.Files.Count.ToString(CultureInfo.InvariantCulture),
                ByteProgress.Size(model.Bytes), Revision(model), Day(model.LastUsed));
        }
        foreach (CachedPartial partial in listing.Partials)
        {
            string of = partial.TotalBytes is { } total && !partial.IsCorrupt
                ? $"{ByteProgress.Size(partial.Bytes)} of {ByteProgress.Size(total)}"
                : ByteProgress.Size(partial.Bytes);
            columns.Add(
                $"{partial.Repo}:{NameOf(partial)}", partial.IsCorrupt ? "refused" : "unfinished", "1", of, "", Day(partial.LastUsed));
        }
        columns.Print();
    }

    private static string NameOf(CachedPartial partial) => partial.Name ?? Path.GetFileName(partial.LocalPath);

    private static string Revision(CachedModel model) =>
        model.Revisions.Count > 0 ? string.Join(", ", model.Revisions) : model.Commit[..Math.Min(8, model.Commit.Length)];

    private static string Day(DateTime time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static void WriteJson(Utf8JsonWriter json, HubCache cache, CacheListing listing)
    {
        json.WriteString("cache", cache.Folder);
        json.WriteNumber("bytes", listing.Bytes);
        json.WriteStartArray("models");
        foreach (CachedModel model in listing.Models)
        {
            json.WriteStartObject();
            json.WriteString("repo", model.Repo.Name);
            json.WriteString("kind", PullCommand.KindName(model.Kind));
            json.WriteString("label", model.Label);
            json.WriteNumber("bytes", model.Bytes);
            json.WriteString("commit", model.Commit);
            json.WriteStartArray("revisions");
            foreach (string revision in model.Revisions) json.WriteStringValue(revision);
            json.WriteEndArray();
            json.WriteString("last_used", model.LastUsed);
            json.WriteBoolean("parts_missing", model.LacksParts);
            json.WriteStartArray("files");
            foreach (CachedFile file in model.Files)
            {
                json.WriteStartObject();
                json.WriteString("file", file.Path);
                json.WriteString("path", file.LocalPath);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("partials");
        foreach (CachedPartial partial in listing.Partials)
        {
            json.WriteStartObject();
            json.WriteString("repo", partial.Repo.Name);
            if (partial.Name is not null) json.WriteString("file", partial.Name);
            json.WriteString("path", partial.LocalPath);
            json.WriteNumber("bytes", partial.Bytes);
            if (partial.TotalBytes is { } total) json.WriteNumber("bytes_total", total);
            json.WriteBoolean("refused", partial.IsCorrupt);
            json.WriteString("last_used", partial.LastUsed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
