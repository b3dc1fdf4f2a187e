using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using AhnSharp.Documents.Reading;
using AhnSharp.Sessions;

namespace AhnSharp.Server.Documents;

/// <summary>Documents as clients see them.</summary>
internal static class DocumentJson
{
    /// <summary>A document of our own interface.</summary>
    public static void Write(Utf8JsonWriter json, DocumentView view)
    {
        DocumentRecord record = view.Record;
        json.WriteStartObject();
        json.WriteString("id", record.Id);
        json.WriteString("object", "document");
        json.WriteString("name", record.Name);
        json.WriteNumber("created_at", record.Created.ToUnixTimeSeconds());
        json.WriteNumber("bytes", record.Bytes);
        json.WriteString("status", DocumentRecord.NameOf(record.State));
        if (record.Error is { } error)
        {
            json.WriteStartObject("error");
            json.WriteString("message", error);
            json.WriteEndObject();
        }
        else json.WriteNull("error");
        json.WriteString("model", record.ModelId ?? record.Model);
        json.WriteString("system", record.System);
        if (record.IsCollection)
        {
            json.WriteStartArray("documents");
            foreach (DocumentContent content in record.Contents) json.WriteStringValue(content.DocumentId);
            json.WriteEndArray();
        }
        json.WriteStartArray("files");
        for (int i = 0; i < record.Contents.Count; i++)
            Write(json, record.Contents[i], record.Entries.Count > i ? record.Entries[i] : null);
        json.WriteEndArray();
        Write(json, record, view.Reading);
        json.WriteEndObject();
    }

    /// <summary>A page of a list, as OpenAI's interface has them.</summary>
    public static void WriteList(
        Utf8JsonWriter json, IReadOnlyList<DocumentView> page, bool hasMore, bool asFiles)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (DocumentView view in page)
        {
            if (asFiles) WriteFile(json, view.Record);
            else Write(json, view);
        }
        json.WriteEndArray();
        json.WriteString("first_id", page.Count > 0 ? page[0].Record.Id : null);
        json.WriteString("last_id", page.Count > 0 ? page[^1].Record.Id : null);
        json.WriteBoolean("has_more", hasMore);
        json.WriteEndObject();
    }

    /// <summary>A document as a file of OpenAI's interface.</summary>
    public static void WriteFile(Utf8JsonWriter json, DocumentRecord record)
    {
        json.WriteStartObject();
        json.WriteString("id", record.Id);
        json.WriteString("object", "file");
        json.WriteNumber("bytes", record.Bytes);
        json.WriteNumber("created_at", record.Created.ToUnixTimeSeconds());
        json.WriteString("filename", record.Name);
        json.WriteString("purpose", record.Purpose ?? "assistants");
        json.WriteString("status", record.State switch
        {
            DocumentState.Ready => "processed",
            DocumentState.Failed => "error",
            _ => "uploaded",
        });
        if (record.Error is not null) json.WriteString("status_details", record.Error);
        json.WriteEndObject();
    }

    /// <summary>That something was deleted.</summary>
    public static void WriteDeleted(Utf8JsonWriter json, string id, string kind)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", kind);
        json.WriteBoolean("deleted", true);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DocumentContent content, DocumentEntry? entry)
    {
        json.WriteStartObject();
        json.WriteString("name", content.Name);
        json.WriteNumber("bytes", content.Bytes);
        json.WriteString("sha256", content.Sha256);
        if (entry is not null)
        {
            json.WriteString("kind", DocumentEntry.NameOf(entry.Kind));
            if (entry.Title is not null) json.WriteString("title", entry.Title);
            if (entry.Author is not null) json.WriteString("author", entry.Author);
            json.WriteNumber("pages", entry.Pages);
            json.WriteNumber("characters", entry.Characters);
            json.WriteStartArray("notes");
            foreach (string note in entry.Notes.Take(100)) json.WriteStringValue(note);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DocumentRecord record, ReadingStatus? reading)
    {
        Tally tokens = record.State == DocumentState.Ready ? record.Tokens : reading?.Tokens ?? default;
        json.WriteStartObject("progress");
        json.WriteNumber("tokens_read", record.State == DocumentState.Ready ? record.TokensTotal : reading?.TokensRead ?? 0);
        if (record.State == DocumentState.Ready) json.WriteNumber("tokens_total", record.TokensTotal);
        else if (reading is not null) json.WriteNumber("tokens_total", reading.TokensTotal);
        else json.WriteNull("tokens_total");
        if (reading is not null && record.State == DocumentState.Reading)
        {
            json.WriteNumber("tokens_per_second", reading.TokensPerSecond);
            if (reading.SecondsLeft is { } left) json.WriteNumber("seconds_left", left);
            json.WriteString("file", reading.Document);
            if (reading.Page is { } page) json.WriteNumber("page", page);
        }
        json.WriteNumber("state_bytes", record.State == DocumentState.Ready ? record.StateBytes : reading?.StateBytes ?? 0);
        json.WriteStartObject("tokens");
        json.WriteNumber("seen", tokens.Seen);
        json.WriteNumber("exact", tokens.Exact);
        json.WriteNumber("archived", tokens.Archived);
        json.WriteNumber("compressed", tokens.Compressed);
        json.WriteNumber("dropped", tokens.Dropped);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
