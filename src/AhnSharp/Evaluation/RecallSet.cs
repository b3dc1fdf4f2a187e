using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading;
using AhnSharp.Gguf;

namespace AhnSharp.Evaluation;

/// <summary>
/// A file of recall chats: a JSON array of <c>{length, ids, answer_positions, hits_full, hits_window,
/// hits_ahn}</c> (the hits may be absent).
/// </summary>
public static class RecallSet
{
    /// <summary>The chats of a file in its order, one in memory at a time.</summary>
    /// <exception cref="InvalidDataException">The file is not such a set; the message names the chat and what was expected.</exception>
    public static async IAsyncEnumerable<RecallChat> ReadAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using FileStream stream = File.OpenRead(path);
        await using IAsyncEnumerator<RecallSetRow?> rows =
            JsonSerializer.DeserializeAsyncEnumerable(stream, RecallSetJson.Default.RecallSetRow, cancellation)
                .GetAsyncEnumerator(cancellation);
        for (int index = 0; ; index++)
        {
            RecallSetRow? row;
            try
            {
                if (!await rows.MoveNextAsync()) yield break;
                row = rows.Current;
            }
            catch (JsonException broken)
            {
                throw new InvalidDataException(
                    $"{path}: expected a JSON array of recall chats, but chat {index} does not read as one "
                        + $"({GgufText.Shortened(broken.Message)}).", broken);
            }
            yield return Checked(path, index, row);
        }
    }

    private static RecallChat Checked(string path, int index, RecallSetRow? row)
    {
        if (row is not { Ids: { Length: > 1 } ids, AnswerPositions: { Length: > 0 } positions })
        {
            throw new InvalidDataException($"{path}: chat {index}: expected ids (2 or more) and answer_positions (1 or more), "
                + $"found {(row is null ? "null" : "one empty or missing")}.");
        }
        for (int i = 0, before = 0; i < positions.Length; before = positions[i++])
        {
            if (positions[i] <= before || positions[i] >= ids.Length)
            {
                throw new InvalidDataException($"{path}: chat {index}: answer_positions[{i}]: expected ascending places of 1 to "
                    + $"{ids.Length - 1}, found {positions[i]} after {before}.");
            }
        }
        RecallReference? reference =
            row is { HitsFull: int full, HitsWindow: int window, HitsAhn: int ahn } ? new RecallReference(full, window, ahn) : null;
        return new RecallChat(row.Length > 0 ? row.Length : ids.Length, ids, positions, reference);
    }
}

/// <summary>One element of the file, as written.</summary>
internal sealed class RecallSetRow
{
    [JsonPropertyName("length")]
    public int Length { get; set; }

    [JsonPropertyName("ids")]
    public int[]? Ids { get; set; }

    [JsonPropertyName("answer_positions")]
    public int[]? AnswerPositions { get; set; }

    [JsonPropertyName("hits_full")]
    public int? HitsFull { get; set; }

    [JsonPropertyName("hits_window")]
    public int? HitsWindow { get; set; }

    [JsonPropertyName("hits_ahn")]
    public int? HitsAhn { get; set; }
}

/// <summary>Generated readers: no reflection.</summary>
[JsonSerializable(typeof(RecallSetRow))]
internal sealed partial class RecallSetJson : JsonSerializerContext;
