using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using AhnSharp.Documents;
using AhnSharp.Documents.Reading;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>What was read of which documents, what was left out, and what became of it.</summary>
internal static class DocumentReport
{
    /// <summary>Every document with everything that is not in it, before the long part begins.</summary>
    internal static void Announce(IReadOnlyList<Document> documents)
    {
        foreach (Document document in documents)
        {
            Terminal.Note($"{document.Name}: {Facts(document)}");
            foreach (string note in Told(document.Notes)) Terminal.Note($"  {note}");
        }
    }

    // A folder of pages brings hundreds of pictures: their kinds and number, so that what matters stays on the screen.
    private static IEnumerable<string> Told(IReadOnlyList<string> notes)
    {
        const string Skipped = ": skipped, ";
        const int Most = 8;
        string[] skipped = [.. notes.Where(note => note.Contains(Skipped, StringComparison.Ordinal))];
        if (skipped.Length <= Most || Terminal.Verbosity == Verbosity.Verbose) return notes;
        IEnumerable<string> kinds = skipped.GroupBy(note => Path.GetExtension(note.Split(Skipped)[0]))
            .OrderByDescending(kind => kind.Count())
            .Select(kind => $"{Count(kind.Count())} {(kind.Key.Length > 0 ? kind.Key : "others")}");
        string all = $"{Count(skipped.Length)} files skipped: {string.Join(", ", kinds)} (--verbose names each, and why)";
        return [.. notes.Except(skipped), all];
    }

    internal static void Print(DocumentReading reading, IReadOnlyList<Document> documents, string output, long fileBytes, double seconds)
    {
        LanguageSession state = reading.Session.State;
        long read = state.Position - reading.TokensResumed;
        FactSheet sheet = new();
        sheet.Section("read");
        foreach (Document document in documents) sheet.Fact(document.Name, Facts(document));
        sheet.Section("session");
        sheet.Fact("kept", MemoryName.Of(state.Plan));
        sheet.Fact("tokens read", Count(state.Position)
            + (reading.TokensResumed > 0 ? $", the first {Count(reading.TokensResumed)} of them before" : ""));
        sheet.Fact("kept exactly", Count(state.Tally.Exact));
        if (state.Plan.Archive is not null)
        {
            string bytes = ByteProgress.Size(state.Plan.ArchiveBytes(state.Position));
            long dropped = state.Plan.ArchiveDropped(state.Position);
            sheet.Fact("archived", $"{Count(state.Tally.Archived)}, {bytes} beside the file"
                + (dropped == 0 ? "" : $"; the {Count(dropped)} before them were dropped, as the archive is limited"));
        }
        if (state.Mode == MemoryMode.Ahn) sheet.Fact("compressed", Count(state.Tally.Compressed));
        if (state.Mode == MemoryMode.Window) sheet.Fact("dropped", Count(state.Tally.Dropped));
        sheet.Fact("state", ByteProgress.Size(state.StateBytes));
        sheet.Section("file");
        sheet.Fact(output, ByteProgress.Size(fileBytes));
        sheet.Fact("time", string.Create(
            CultureInfo.InvariantCulture, $"{seconds:N1} s{(read > 0 && seconds > 0 ? $", {read / seconds:N0} tokens/s" : "")}"));
        sheet.Print();
    }

    internal static void Write(
        Utf8JsonWriter json, DocumentReading reading, IReadOnlyList<Document> documents, string output, long fileBytes, double seconds)
    {
        LanguageSession state = reading.Session.State;
        json.WriteString("path", output);
        json.WriteNumber("bytes", fileBytes);
        json.WriteStartArray("documents");
        foreach (Document document in documents) DocumentEntry.Of(document).Write(json);
        json.WriteEndArray();
        MemoryName.Write(json, state.Plan);
        json.WriteNumber("tokens_read", state.Position);
        json.WriteNumber("tokens_resumed", reading.TokensResumed);
        json.WriteNumber("tokens_exact", state.Tally.Exact);
        if (state.Plan.Archive is not null)
        {
            json.WriteNumber("tokens_archived", state.Tally.Archived);
            json.WriteNumber("archive_bytes", state.Plan.ArchiveBytes(state.Position));
            if (state.Plan.Archive.LimitBytes is { } limit)
            {
                json.WriteNumber("archive_limit_bytes", limit);
                json.WriteNumber("tokens_dropped_from_archive", state.Plan.ArchiveDropped(state.Position));
            }
        }
        json.WriteNumber("tokens_compressed", state.Tally.Compressed);
        json.WriteNumber("tokens_dropped", state.Tally.Dropped);
        json.WriteNumber("state_bytes", state.StateBytes);
        json.WriteNumber("seconds", seconds);
    }

    private static string Facts(Document document)
    {
        string pages = document.Pages == 0 ? "" : $"{Count(document.Pages)} {(document.Pages == 1 ? "page" : "pages")}, ";
        string files =
            document.Kind == DocumentKind.Folder ? $"{Count(document.Parts.Count)} {(document.Parts.Count == 1 ? "file" : "files")}, " : "";
        return $"{DocumentEntry.NameOf(document.Kind)}, {pages}{files}{Count(document.Characters)} characters"
            + $"{(document.Notes.Count == 0 ? "" : $", {Count(document.Notes.Count)} {(document.Notes.Count == 1 ? "note" : "notes")}")}";
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
