using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Conversion;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>What a quantization wrote, or would write, by type: a table for people or members of a JSON object.</summary>
internal static class QuantizationTable
{
    internal static void Show(QuantizationOptions options, QuantizationPlan plan, QuantizationReport? written, double seconds)
    {
        Table table = new Table { Border = TableBorder.Simple }.AddColumn("type");
        foreach (string column in new[] { "tensors", "weights", "before", "after", "bits per weight" })
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (IGrouping<string, PlannedTensor> group in ByType(plan)) AddRow(table, group.Key, [.. group]);
        AddRow(table, "all", plan.Tensors);
        Terminal.Print(table);
        string size = $"{ByteProgress.Size(written?.FileBytesAfter ?? plan.BytesAfter)}";
        Terminal.Print(written is null
            ? $"{options.Output} would hold {size} of weights as {options.Mixture.Name}; nothing is written."
            : string.Create(CultureInfo.InvariantCulture,
                $"{options.Output}: {options.Mixture.Name}, {size} instead of {ByteProgress.Size(written.FileBytesBefore)}, "
                    + $"{seconds:N1} s · {ByteProgress.Count((long)(plan.Weights / seconds))} weights/s"));
    }

    internal static void Write(
        Utf8JsonWriter json, QuantizationOptions options, QuantizationPlan plan, QuantizationReport? written, double seconds)
    {
        json.WriteString("path", options.Output);
        json.WriteString("type", options.Mixture.Name);
        json.WriteBoolean("written", written is not null);
        json.WriteNumber("weights", plan.Weights);
        json.WriteNumber("tensor_bytes_before", plan.BytesBefore);
        json.WriteNumber("tensor_bytes_after", plan.BytesAfter);
        json.WriteNumber("bits_per_weight", Bits(plan.BytesAfter, plan.Weights));
        if (written is not null)
        {
            json.WriteNumber("bytes_before", written.FileBytesBefore);
            json.WriteNumber("bytes_after", written.FileBytesAfter);
            json.WriteNumber("seconds", seconds);
        }
        json.WriteStartObject("types");
        foreach (IGrouping<string, PlannedTensor> group in ByType(plan))
        {
            json.WriteStartObject(group.Key);
            json.WriteNumber("tensors", group.Count());
            json.WriteNumber("weights", group.Sum(tensor => tensor.Source.ElementCount));
            json.WriteNumber("bytes", group.Sum(tensor => tensor.Bytes));
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteStartArray("notes");
        foreach (string note in plan.Notes) json.WriteStringValue(note);
        json.WriteEndArray();
    }

    private static IEnumerable<IGrouping<string, PlannedTensor>> ByType(QuantizationPlan plan) =>
        plan.Tensors.GroupBy(tensor => tensor.Choice.Type.ToString()).OrderByDescending(group => group.Sum(tensor => tensor.Bytes));

    private static void AddRow(Table table, string name, IReadOnlyCollection<PlannedTensor> tensors)
    {
        long weights = tensors.Sum(tensor => tensor.Source.ElementCount), after = tensors.Sum(tensor => tensor.Bytes);
        table.AddRow(name, tensors.Count.ToString("N0", CultureInfo.InvariantCulture), ByteProgress.Count(weights),
            ByteProgress.Size(tensors.Sum(tensor => tensor.Source.ByteLength)),
            ByteProgress.Size(after), Bits(after, weights).ToString("0.00", CultureInfo.InvariantCulture));
    }

    private static double Bits(long bytes, long weights) => 8.0 * bytes / weights;
}
