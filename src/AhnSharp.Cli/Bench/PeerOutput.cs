using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using AhnSharp.Measurement;

namespace AhnSharp.Cli.Bench;

/// <summary>llama-bench's JSON: an array of records, of which the one of the test is read.</summary>
internal static class PeerOutput
{
    /// <summary>avg_ts of the test's record; null where there is none, and then <paramref name="problem"/> says why.</summary>
    internal static double? TokensPerSecond(string output, SpeedTest test, out string? problem)
    {
        problem = null;
        // Some builds log on standard output, before the array and into it: a line of theirs begins as no line of JSON does.
        string json = string.Join('\n', output.Split('\n').Where(IsJson)).Trim();
        if (!json.StartsWith('['))
        {
            problem = "printed no JSON array (llama-bench does with -o json)";
            return null;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement[] records = [.. document.RootElement.EnumerateArray()];
            double[] speeds = [.. records.Where(record => Fits(record, test)).Select(record => record.GetProperty("avg_ts").GetDouble())];
            if (speeds is [> 0]) return speeds[0];
            problem = speeds.Length == 0
                ? $"printed {records.Length} records and none of "
                    + $"{test.Name} (n_prompt, n_gen and, where it has one, n_depth must be the test's)"
                : $"printed {speeds.Length} records of {test.Name}, where one above 0 tokens/s was expected";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            problem = $"printed JSON that is not llama-bench's ({e.Message.TrimEnd('.')})";
        }
        return null;
    }

    private static bool IsJson(string line)
    {
        string trimmed = line.Trim();
        return trimmed.Length > 0 && ("{}\",]-".Contains(trimmed[0], StringComparison.Ordinal) || char.IsAsciiDigit(trimmed[0])
            || trimmed == "[" || trimmed.StartsWith("[{", StringComparison.Ordinal) || trimmed == "[]");
    }

    // A program without a depth may generate behind a prompt instead, and then its record has that prompt (ik_llama.cpp: -gp).
    private static bool Fits(JsonElement record, SpeedTest test)
    {
        int prompt = record.GetProperty("n_prompt").GetInt32(), generated = record.GetProperty("n_gen").GetInt32();
        int depth = record.TryGetProperty("n_depth", out JsonElement n) ? n.GetInt32() : test.Depth;
        if (generated != test.Generated) return false;
        return (prompt == test.Prompt && depth == test.Depth) || (test.Generated > 0 && test.Depth > 0 && prompt == test.Depth);
    }
}
