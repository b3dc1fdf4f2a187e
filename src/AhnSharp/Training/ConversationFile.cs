using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using AhnSharp.Tokenizer;

namespace AhnSharp.Training;

/// <summary>
/// Conversations to learn from, one JSON object a line: <c>{"messages": [{"role": "user", "content": "…"}, …]}</c>, as the model's template
/// writes them.
/// </summary>
internal static class ConversationFile
{
    // A word at the border of a turn may be cut otherwise when the answer follows; more than that is a template that rewrites earlier
    // turns.
    private const int MostChanged = 2;

    /// <summary>The token ids of each conversation, and what the prediction behind each counts.</summary>
    /// <param name="path">Where it was read, for sentences.</param>
    /// <param name="text">The file's text.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="template">The model's.</param>
    /// <param name="answerWeight">What the prediction of a token of an answer counts.</param>
    /// <exception cref="InvalidDataException">A line is no conversation; the message names it.</exception>
    public static List<(int[] Ids, float[] Weights)> Read(
        string path, string text, QwenTokenizer tokenizer, ChatTemplate template, float answerWeight)
    {
        List<(int[], float[])> conversations = [];
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            List<ChatMessage> messages = Messages(path, number, line);
            conversations.Add(Encode(path, number, messages, tokenizer, template, answerWeight));
        }
        return conversations;
    }

    private static (int[] Ids, float[] Weights) Encode(
        string path, int number, List<ChatMessage> messages, QwenTokenizer tokenizer, ChatTemplate template, float answerWeight)
    {
        int[] ids = template.Encode(tokenizer, messages, addGenerationPrompt: false);
        float[] weights = new float[ids.Length];
        Array.Fill(weights, 1);
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role != "assistant") continue;
            int start = Same(ids, template.Encode(tokenizer, messages[..i], addGenerationPrompt: true)),
                end = i == messages.Count - 1 ? ids.Length
                    : Same(ids, template.Encode(tokenizer, messages[..(i + 1)], addGenerationPrompt: false));
            for (int answer = Math.Max(1, start); answer < end; answer++) weights[answer - 1] = answerWeight;
        }
        return (ids, weights);

        int Same(int[] whole, int[] beginning)
        {
            int same = whole.AsSpan().CommonPrefixLength(beginning);
            return same + MostChanged >= beginning.Length ? same : throw new InvalidDataException(
                $"{path}, line {number}: expected a chat template that leaves earlier turns as they are, found one that rewrites them, so "
                    + "it cannot be said which tokens are answers.");
        }
    }

    private static List<ChatMessage> Messages(string path, int number, string line)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            List<ChatMessage> messages = [];
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("messages", out JsonElement turns)
                && turns.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement turn in turns.EnumerateArray())
                {
                    if (turn.ValueKind != JsonValueKind.Object || Word(turn, "role") is not ("system" or "user" or "assistant")
                        || Word(turn, "content") is null) throw Wrong("a turn without a role of system, user or assistant and a content");
                    messages.Add(new ChatMessage(Word(turn, "role")!, Word(turn, "content")));
                }
            }
            return messages.Count > 0 ? messages : throw Wrong("none");
        }
        catch (JsonException)
        {
            throw Wrong("what is no JSON");
        }

        InvalidDataException Wrong(string found) => new(
            $"{path}, line {number}: expected {{\"messages\": [{{\"role\": \"user\", \"content\": \"…\"}}, …]}}, found {found}.");
    }

    private static string? Word(JsonElement turn, string name) =>
        turn.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
