using System.Collections.Generic;
using System.Text.Json;
using AhnSharp.Server.Answers;
using AhnSharp.Tokenizer;

namespace AhnSharp.Server.Responses;

/// <summary>What <c>/v1/responses</c> is asked.</summary>
/// <param name="Answer">The answer that is wanted; its turns begin with the kept ones.</param>
/// <param name="NewTurns">The turns that this request brings.</param>
/// <param name="Instructions">The system turn of this response alone; null: none.</param>
/// <param name="PreviousId">The kept response that it goes on from; null: none.</param>
/// <param name="IsKept">Whether it is kept to go on from.</param>
/// <param name="Echoed">Fields of the request that the response repeats, as they came.</param>
internal sealed record ResponseRequest(AnswerRequest Answer, IReadOnlyList<ChatMessage> NewTurns, string? Instructions, string? PreviousId,
    bool IsKept, IReadOnlyDictionary<string, JsonElement> Echoed);
