using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Server.Http;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Responses;

/// <summary>Responses that are kept to go on from: a file each, whole at every moment, and nobody's but who asked.</summary>
internal sealed class ResponseStore
{
    private const int MostKept = 10_000;
    private readonly string _folder;
    private readonly Lock _gate = new();
    private readonly Queue<string> _oldest = new();

    public ResponseStore(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        foreach (FileInfo left in new DirectoryInfo(_folder).EnumerateFiles("*.new")) left.Delete();
        foreach (FileInfo file in new DirectoryInfo(_folder).EnumerateFiles("*.json").OrderBy(static file => file.LastWriteTimeUtc))
            _oldest.Enqueue(Path.GetFileNameWithoutExtension(file.Name));
    }

    /// <summary>Keeps a response; of more than 10,000 the oldest is forgotten.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="writeResponse">The response.</param>
    /// <param name="turns">The conversation, the answer among it.</param>
    /// <param name="firstNew">The first turn that its request brought.</param>
    public async Task AddAsync(
        string id, string client, Action<Utf8JsonWriter> writeResponse, IReadOnlyList<ChatMessage> turns, int firstNew)
    {
        byte[] body = JsonReply.BytesOf(json =>
        {
            json.WriteStartObject();
            json.WriteString("client", client);
            json.WriteNumber("first_new", firstNew);
            json.WritePropertyName("response");
            writeResponse(json);
            json.WriteStartArray("turns");
            foreach (ChatMessage turn in turns) Write(json, turn);
            json.WriteEndArray();
            json.WriteEndObject();
        });
        string path = PathOf(id);
        await File.WriteAllBytesAsync(path + ".new", body).ConfigureAwait(false);
        File.Move(path + ".new", path);
        lock (_gate)
        {
            _oldest.Enqueue(id);
            while (_oldest.Count > MostKept) File.Delete(PathOf(_oldest.Dequeue()));
        }
    }

    /// <summary>A kept response.</summary>
    /// <exception cref="ApiException">There is none of that name, or it is somebody else's.</exception>
    public JsonDocument Open(string id, string client)
    {
        // A name is letters, digits and a line below: no path comes of it.
        if (id.Length is > 5 and < 64 && id.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            && File.Exists(PathOf(id)))
        {
            JsonDocument kept = JsonDocument.Parse(File.ReadAllBytes(PathOf(id)));
            if (kept.RootElement.GetProperty("client").GetString() == client) return kept;
            kept.Dispose();
        }
        throw ApiException.NotFound("response_not_found", $"There is no response '{id}' here: it was deleted, or store was false.");
    }

    /// <summary>The conversation up to a kept response, its answer among it.</summary>
    public IReadOnlyList<ChatMessage> Turns(string id, string client)
    {
        using JsonDocument kept = Open(id, client);
        return [.. kept.RootElement.GetProperty("turns").EnumerateArray().Select(Read)];
    }

    /// <summary>Forgets a response.</summary>
    public void Delete(string id, string client)
    {
        Open(id, client).Dispose();
        File.Delete(PathOf(id));
    }

    private string PathOf(string id) => Path.Combine(_folder, id + ".json");

    private static void Write(Utf8JsonWriter json, ChatMessage turn)
    {
        json.WriteStartObject();
        json.WriteString("role", turn.Role);
        json.WriteString("content", turn.Content);
        if (turn.ToolCalls is { Count: > 0 } calls)
        {
            json.WriteStartArray("calls");
            foreach (ChatToolCall call in calls)
            {
                json.WriteStartObject();
                json.WriteString("name", call.Name);
                json.WriteString("arguments", call.Arguments);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static ChatMessage Read(JsonElement turn) => new(turn.GetProperty("role").GetString()!, turn.GetProperty("content").GetString(),
        turn.TryGetProperty("calls", out JsonElement calls)
            ? [.. calls.EnumerateArray().Select(static call =>
                new ChatToolCall(call.GetProperty("name").GetString()!, call.GetProperty("arguments").GetString()!))]
            : null);
}
