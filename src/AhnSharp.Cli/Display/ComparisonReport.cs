using System;
using System.Globalization;
using System.Text.Json;
using AhnSharp.Evaluation;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>A comparison of two models or memories as a table by position and lines below it, or as members of a JSON object.</summary>
internal sealed class ComparisonReport(ComparedName reference, ComparedName model, ComparisonResult result, int every)
{
    internal ComparedName Reference => reference;

    internal ComparedName Model => model;

    internal ComparisonResult Result => result;

    internal void Print()
    {
        PrintTable();
        ComparisonSummary all = result.Summary;
        Distribution kl = all.Divergence;
        Terminal.Print($"reference      {reference}");
        Terminal.Print($"model          {model}");
        string quantiles = Invariant($"median {Short(kl.Median)} · 99 % {Short(kl.Percent99)} · 99.9 % {Short(kl.Percent999)}");
        string ratio = Invariant($"ratio {all.PerplexityRatio:N4} ± {all.PerplexityRatioError:N4}");
        string time = Invariant($"{result.Seconds:N1} s ({all.Tokens / result.Seconds:N0} tokens/s)");
        Terminal.Print($"KL divergence  mean {Short(kl.Mean)} ± {Short(kl.StandardError)} · {quantiles} · "
            + $"largest {Short(kl.Largest)} (reference ‖ model, nats per token)");
        Terminal.Print(Invariant($"top-1          {100 * all.Agreement:N2} % ± {100 * all.AgreementError:N2} of {all.Tokens:N0} tokens")
            + " have the same most likely next token");
        Terminal.Print(Invariant($"perplexity     {all.ModelPerplexity:N3} against {all.ReferencePerplexity:N3}") + $" · {ratio} · {time}");
    }

    internal void Write(Utf8JsonWriter json)
    {
        WriteSide(json, "reference", reference);
        WriteSide(json, "model", model);
        json.WriteString("divergence", "KL(reference || model), nats per token");
        WriteSummary(json, result.Summary);
        json.WriteNumber("seconds", result.Seconds);
        json.WriteStartArray("by_position");
        foreach (ComparisonSummary part in result.ByPosition(every))
        {
            json.WriteStartObject();
            json.WriteNumber("from", part.Start);
            WriteSummary(json, part);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void PrintTable()
    {
        Table table = new Table { Border = TableBorder.Simple };
        foreach (string column in (string[])["position", "KL mean", "median", "99 %", "99.9 %", "top-1 %", "perpl.", "ratio"])
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap().PadLeft(1).PadRight(0)); // eight columns in eighty characters
        foreach (ComparisonSummary part in result.ByPosition(every))
        {
            Distribution kl = part.Divergence;
            table.AddRow(
                PerplexityReport.Positions(part.Start, part.Tokens),
                Short(kl.Mean), Short(kl.Median), Short(kl.Percent99), Short(kl.Percent999),
                Invariant($"{100 * part.Agreement:N1}"), Invariant($"{part.ModelPerplexity:N2}"), Invariant($"{part.PerplexityRatio:N3}"));
        }
        Terminal.Print(table);
    }

    /// <summary>Three digits that count, in seven characters: 0.0123, 4.15, 1.2e-07.</summary>
    internal static string Short(double value) => value switch
    {
        0 => "0",
        < 1e-4 => value.ToString("0.0e-00", CultureInfo.InvariantCulture),
        < 1 => value.ToString(value < 0.01 ? "0.00000" : "0.0000", CultureInfo.InvariantCulture),
        _ => value.ToString("N2", CultureInfo.InvariantCulture),
    };

    private static void WriteSide(Utf8JsonWriter json, string name, ComparedName side)
    {
        json.WriteStartObject(name);
        json.WriteString("file", side.File);
        if (side.AhnFile is not null) json.WriteString("ahn", side.AhnFile);
        MemoryName.Write(json, side.Plan);
        json.WriteEndObject();
    }

    private static void WriteSummary(Utf8JsonWriter json, ComparisonSummary summary)
    {
        json.WriteNumber("tokens", summary.Tokens);
        json.WriteNumber("kl_mean", summary.Divergence.Mean);
        json.WriteNumber("kl_standard_error", summary.Divergence.StandardError);
        json.WriteNumber("kl_median", summary.Divergence.Median);
        json.WriteNumber("kl_99", summary.Divergence.Percent99);
        json.WriteNumber("kl_99_9", summary.Divergence.Percent999);
        json.WriteNumber("kl_largest", summary.Divergence.Largest);
        json.WriteNumber("top1_agreement", summary.Agreement);
        json.WriteNumber("top1_standard_error", summary.AgreementError);
        json.WriteNumber("perplexity", summary.ModelPerplexity);
        json.WriteNumber("reference_perplexity", summary.ReferencePerplexity);
        json.WriteNumber("perplexity_ratio", summary.PerplexityRatio);
        json.WriteNumber("perplexity_ratio_standard_error", summary.PerplexityRatioError);
        json.WriteNumber("nll_change_99_9", summary.NllChange.Percent999);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
