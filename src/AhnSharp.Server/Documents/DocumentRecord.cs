using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using AhnSharp.Documents.Reading;
using AhnSharp.Sessions;

namespace AhnSharp.Server.Documents;

/// <summary>What is remembered of a document, in a file of its own.</summary>
internal sealed record DocumentRecord
{
    private const int Version = 1;

    /// <summary>doc_ and 32 hex digits, by chance.</summary>
    public required string Id { get; init; }

    /// <summary>Counts up over all documents ever: their order.</summary>
    public required long Number { get; init; }

    /// <summary>For people: of the file, or as the client says.</summary>
    public required string Name { get; init; }

    /// <summary>When it came, UTC, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The files, in reading order; of a collection several.</summary>
    public required IReadOnlyList<DocumentContent> Contents { get; init; }

    /// <summary>Whether it was made of documents.</summary>
    public bool IsCollection { get; init; }

    /// <summary>The model as the client named it; null: the server's choice.</summary>
    public string? Model { get; init; }

    /// <summary>The system turn before the text; null leaves it to the template.</summary>
    public string? System { get; init; }

    /// <summary>What a client of the Files API said it is for; null: it came as a document.</summary>
    public string? Purpose { get; init; }

    /// <summary>
    /// The documents of a request that it was made for; empty: a client made it. Lists leave it out, and it goes with any of them.
    /// </summary>
    public IReadOnlyList<string> DerivedFrom { get; init; } = [];

    public DocumentState State { get; init; }

    /// <summary>Why it failed: a sentence.</summary>
    public string? Error { get; init; }

    /// <summary>The model that reads it; null before one does.</summary>
    public string? ModelId { get; init; }

    /// <summary>The hash of that model's files.</summary>
    public string? ModelHash { get; init; }

    /// <summary>Names the snapshot; null before it is known.</summary>
    public string? ReadingKey { get; init; }

    /// <summary>What was found in each file; empty before it is read.</summary>
    public IReadOnlyList<DocumentEntry> Entries { get; init; } = [];

    /// <summary>Where the tokens are, once it is ready.</summary>
    public Tally Tokens { get; init; }

    /// <summary>Bytes of the state that lies in memory while it is asked about, once it is ready.</summary>
    public long StateBytes { get; init; }

    /// <summary>Tokens of the whole text; 0 before they are known.</summary>
    public long TokensTotal { get; init; }

    /// <summary>Bytes of its files as they came.</summary>
    public long Bytes => Contents.Sum(static content => content.Bytes);

    /// <summary>Whether nothing more happens to it.</summary>
    public bool IsSettled => State is DocumentState.Ready or DocumentState.Failed;

    /// <summary>The word for a state.</summary>
    public static string NameOf(DocumentState state) => state switch
    {
        DocumentState.Queued => "queued",
        DocumentState.Extracting => "extracting",
        DocumentState.Reading => "reading",
        DocumentState.Ready => "ready",
        _ => "failed",
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("id", Id);
        json.WriteNumber("number", Number);
        json.WriteString("name", Name);
        json.WriteNumber("created_at", Created.ToUnixTimeSeconds());
        json.WriteStartArray("contents");
        foreach (DocumentContent content in Contents) content.Write(json);
        json.WriteEndArray();
        json.WriteBoolean("collection", IsCollection);
        json.WriteString("state", NameOf(State));
        json.WriteStartArray("entries");
        foreach (DocumentEntry entry in Entries) entry.Write(json);
        json.WriteEndArray();
        foreach ((string name, string? value) in new[]
        {
            ("model", Model), ("system", System), ("purpose", Purpose), ("error", Error), ("model_id", ModelId), ("model_hash", ModelHash),
            ("reading", ReadingKey),
        })
        {
            if (value is not null) json.WriteString(name, value);
        }
        json.WriteStartArray("tokens");
        foreach (long count in new[] { Tokens.Seen, Tokens.Exact, Tokens.Archived, Tokens.Compressed, Tokens.Dropped })
            json.WriteNumberValue(count);
        json.WriteEndArray();
        json.WriteStartArray("derived_from");
        foreach (string id in DerivedFrom) json.WriteStringValue(id);
        json.WriteEndArray();
        json.WriteNumber("state_bytes", StateBytes);
        json.WriteNumber("tokens_total", TokensTotal);
        json.WriteEndObject();
    }

    /// <exception cref="FormatException">It is not what <see cref="Write"/> writes.</exception>
    public static DocumentRecord Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement json = document.RootElement;
            if (json.GetProperty("version").GetInt32() != Version) throw new FormatException($"expected a record of version {Version}");
            long[] tokens = [.. json.GetProperty("tokens").EnumerateArray().Select(static count => count.GetInt64())];
            string state = json.GetProperty("state").GetString()!;
            return new DocumentRecord
            {
                Id = json.GetProperty("id").GetString()!,
                Number = json.GetProperty("number").GetInt64(),
                Name = json.GetProperty("name").GetString()!,
                Created = DateTimeOffset.FromUnixTimeSeconds(json.GetProperty("created_at").GetInt64()),
                Contents = [.. json.GetProperty("contents").EnumerateArray().Select(DocumentContent.Parse)],
                IsCollection = json.GetProperty("collection").GetBoolean(),
                State = Enum.GetValues<DocumentState>().First(value => NameOf(value) == state),
                Entries = [.. json.GetProperty("entries").EnumerateArray().Select(DocumentEntry.Parse)],
                Model = Text("model"),
                System = Text("system"),
                Purpose = Text("purpose"),
                Error = Text("error"),
                ModelId = Text("model_id"),
                ModelHash = Text("model_hash"),
                ReadingKey = Text("reading"),
                Tokens = new Tally(tokens[0], tokens[1], tokens[2], tokens[3], tokens[4]),
                DerivedFrom = [.. json.GetProperty("derived_from").EnumerateArray().Select(static id => id.GetString()!)],
                StateBytes = json.GetProperty("state_bytes").GetInt64(),
                TokensTotal = json.GetProperty("tokens_total").GetInt64(),
            };

            string? Text(string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new FormatException($"expected the record of a document, found something else ({e.Message})", e);
        }
    }
}
