using System;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Evaluation.Benchmarks;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>Scores of benchmarks by task and memory, as a table for people or members of a JSON object.</summary>
internal static class EvalReport
{
    internal static void Print(BenchmarkRun run)
    {
        if (run.Results.Count > 0)
        {
            Table table = new Table { Border = TableBorder.Simple }.AddColumn(new TableColumn("task").NoWrap()).AddColumn(
                new TableColumn("memory").NoWrap());
            foreach (string column in (string[])["items", "score", "tokens", "cut", "seconds"])
                table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
            foreach (BenchmarkScore score in BenchmarkScore.Of(run.Results))
            {
                table.AddRow(
                    Terminal.Cell(score.Task), Terminal.Cell(MemoryName.Of(score.Mode)), Terminal.Cell(Invariant($"{score.Items:N0}")),
                    Terminal.Cell(Invariant($"{score.Score:N2}")),
                    Terminal.Cell(Invariant($"{score.MeanPromptTokens:N0}")), Terminal.Cell(Invariant($"{score.Cut:N0}")),
                    Terminal.Cell(Invariant($"{score.Seconds:N1}")));
            }
            Terminal.Print(table);
            string before = run.AnsweredBefore > 0 ? Invariant($" · {run.AnsweredBefore:N0} answered before") : "";
            Terminal.Print("score of 100, as the authors compute it · tokens read, mean · cut: prompts over "
                + Invariant($"{run.Setup.MaxPromptTokens:N0} tokens, which lost their middle{before}"));
        }
        foreach ((BenchmarkFile file, string reason) in run.LeftOut) Terminal.Print($"left out: {file.Path}: {reason}.");
    }

    internal static void Write(Utf8JsonWriter json, BenchmarkRun run)
    {
        json.WriteString("model", run.Setup.Model);
        json.WriteNumber("window", run.Setup.Window);
        json.WriteNumber("sinks", run.Setup.Sinks);
        json.WriteString("kv", run.Setup.Kv);
        json.WriteNumber("max_length", run.Setup.MaxPromptTokens);
        json.WriteString("chat_template", run.Setup.ChatTemplate.ToString().ToLowerInvariant());
        json.WriteNumber("answered_before", run.AnsweredBefore);
        json.WriteStartArray("scores");
        foreach (BenchmarkScore score in BenchmarkScore.Of(run.Results))
        {
            json.WriteStartObject();
            json.WriteString("benchmark", score.Benchmark);
            json.WriteString("task", score.Task);
            json.WriteString("memory", MemoryName.OptionOf(score.Mode));
            json.WriteNumber("items", score.Items);
            json.WriteNumber("score", score.Score);
            json.WriteNumber("mean_prompt_tokens", score.MeanPromptTokens);
            json.WriteNumber("cut", score.Cut);
            json.WriteNumber("seconds", score.Seconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("left_out");
        foreach ((BenchmarkFile file, string reason) in run.LeftOut)
        {
            json.WriteStartObject();
            json.WriteString("file", file.Path);
            json.WriteString("task", file.Task);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
