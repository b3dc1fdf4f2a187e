using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Evaluation;
using AhnSharp.Files;
using AhnSharp.Sessions;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Perplexities of one text as lines and a table for people, or members of a JSON object.</summary>
internal static class PerplexityReport
{
    /// <summary>One little-endian float32 a predicted token.</summary>
    internal static void WriteNll(PartialFile file, PerplexityResult result)
    {
        byte[] bytes = new byte[result.Tokens * sizeof(float)];
        for (int i = 0; i < result.Tokens; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), result.NegativeLogLikelihoods[i]);
        file.Write(bytes);
    }

    internal static void Print(IReadOnlyList<PerplexityReading> readings, int? every)
    {
        if (every is { } step) PrintTable(readings, step);
        foreach ((SessionPlan plan, PerplexityResult result) in readings.Select(reading => (reading.Plan, reading.Result)))
        {
            Terminal.Print(string.Create(
                CultureInfo.InvariantCulture,
                $"perplexity {result.Perplexity:N3} · {result.MeanNll:N4} nats per token · {result.Tokens:N0} tokens · "
                    + $"{result.Seconds:N1} s ({result.Tokens / result.Seconds:N0} tokens/s) · {MemoryName.Of(plan)}"));
        }
    }

    /// <summary>The members of the one reading, or an object of them by memory where there are several.</summary>
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<PerplexityReading> readings, int? every)
    {
        if (readings.Count == 1)
        {
            WriteOne(json, readings[0], every);
            return;
        }
        json.WriteStartObject("by_memory");
        foreach (PerplexityReading reading in readings)
        {
            json.WriteStartObject(MemoryName.OptionOf(reading.Plan.Mode));
            WriteOne(json, reading, every);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteOne(Utf8JsonWriter json, PerplexityReading reading, int? every)
    {
        PerplexityResult result = reading.Result;
        json.WriteNumber("tokens", result.Tokens);
        json.WriteNumber("nll", result.MeanNll);
        json.WriteNumber("perplexity", result.Perplexity);
        json.WriteNumber("seconds", result.Seconds);
        json.WriteNumber("tokens_per_second", result.Tokens / result.Seconds);
        MemoryName.Write(json, reading.Plan);
        json.WriteNumber("tokens_exact", result.Tally.Exact);
        if (reading.Plan.Archive is not null) json.WriteNumber("tokens_archived", result.Tally.Archived);
        json.WriteNumber("tokens_compressed", result.Tally.Compressed);
        json.WriteNumber("tokens_dropped", result.Tally.Dropped);
        if (every is not { } step) return;
        json.WriteStartArray("by_position");
        IReadOnlyList<double> runs = result.ByPosition(step);
        for (int i = 0; i < runs.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("from", i * (long)step);
            json.WriteNumber("tokens", Math.Min(step, result.Tokens - i * step));
            json.WriteNumber("perplexity", runs[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void PrintTable(IReadOnlyList<PerplexityReading> readings, int every)
    {
        Table table = new Table { Border = TableBorder.Simple }.AddColumn(new TableColumn("position").RightAligned().NoWrap());
        foreach (PerplexityReading reading in readings) table.AddColumn(new TableColumn(MemoryName.Of(reading.Plan.Mode)).RightAligned());
        IReadOnlyList<double>[] runs = [.. readings.Select(reading => reading.Result.ByPosition(every))];
        for (int i = 0; i < runs[0].Count; i++)
        {
            table.AddRow([Positions(i * every, Math.Min(every, readings[0].Result.Tokens - i * every)),
                .. runs.Select(run => run[i].ToString("N2", CultureInfo.InvariantCulture))]);
        }
        Terminal.Print(table);
    }

    /// <summary>For example: 1,024–2,047.</summary>
    internal static string Positions(int start, int tokens) =>
        string.Create(CultureInfo.InvariantCulture, $"{start:N0}–{start + tokens - 1:N0}");
}
