using System.Collections.Generic;
using System.Text.Json;
using AhnSharp.Evaluation;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>The demo's results as members of a JSON object.</summary>
internal static class DemoJson
{
    internal static void Write(Utf8JsonWriter json, string title, ulong seed, RecallDialogue dialogue,
        IReadOnlyList<RecallInterviewResult> results, SessionPlan memory)
    {
        json.WriteString("book", title);
        json.WriteNumber("seed", seed);
        json.WriteNumber("tokens", dialogue.Chat.Length);
        json.WriteNumber("codes", dialogue.Facts.Length);
        json.WriteNumber("window", memory.Window);
        json.WriteNumber("sinks", memory.Sinks);
        json.WriteNumber("memory_bytes", memory.MemoryBytes);
        json.WriteNumber("chance", 0.1);
        json.WriteStartObject("by_memory");
        foreach (RecallInterviewResult result in results)
        {
            json.WriteStartObject(MemoryName.OptionOf(result.Mode) + (result.Tally.Archived > 0 ? "_archive" : ""));
            WriteResult(json, dialogue, result);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, RecallDialogue dialogue, RecallInterviewResult result)
    {
        json.WriteNumber("digits", result.Digits);
        json.WriteNumber("hits", result.DigitsRight);
        json.WriteNumber("codes_right", result.CodesRight);
        json.WriteNumber("read_tokens", result.TokensRead);
        json.WriteNumber("read_seconds", result.ReadSeconds);
        json.WriteNumber("read_tokens_per_second", result.TokensPerSecond);
        json.WriteNumber("answer_seconds", result.AnswerSeconds);
        json.WriteNumber("peak_state_bytes", result.PeakStateBytes);
        json.WriteNumber("tokens_exact", result.Tally.Exact);
        if (result.Tally.Archived > 0)
        {
            json.WriteNumber("tokens_archived", result.Tally.Archived);
            json.WriteNumber("archive_bytes", result.ArchiveBytes);
        }
        json.WriteNumber("tokens_compressed", result.Tally.Compressed);
        json.WriteNumber("tokens_dropped", result.Tally.Dropped);
        json.WriteStartArray("answers");
        for (int i = 0; i < result.Answers.Length; i++)
        {
            RecallAnswer answer = result.Answers[i];
            json.WriteStartObject();
            json.WriteString("name", answer.Fact.Name);
            json.WriteString("code", answer.Fact.Code);
            json.WriteNumber("tokens_ago", dialogue.Reading.Length - dialogue.SentencePositions[i]);
            json.WriteString("answer", answer.Text);
            json.WriteNumber("hits", answer.DigitsRight);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
