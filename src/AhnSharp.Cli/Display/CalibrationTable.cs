using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Evaluation;
using Spectre.Console;

namespace AhnSharp.Cli.Display;

/// <summary>A calibration of archive heads, as a table for people or members of a JSON object.</summary>
internal static class CalibrationTable
{
    internal static void Show(HeadCalibration calibration, string path, string? kept)
    {
        HeadRecall all = calibration.Recall[0];
        Table table = new Table { Border = TableBorder.Simple };
        string[] columns = ["heads", "digits right", "of all heads'", "archive, bytes/token", "index, bytes/token", "saved"];
        foreach (string column in columns)
            table.AddColumn(new TableColumn(column).RightAligned().NoWrap());
        foreach (HeadRecall recall in calibration.Recall)
        {
            double saved = 1 - (recall.ArchiveBytes + recall.IndexBytes) / (all.ArchiveBytes + all.IndexBytes);
            table.AddRow(
                Number(recall.Heads) + (recall.Heads == calibration.Keep ? " (kept)" : ""),
                $"{Number(recall.Hits)} of {Number(recall.Digits)}",
                all.Hits > 0 ? $"{Number(100.0 * recall.Hits / all.Hits)} %" : "",
                Number(recall.ArchiveBytes), Number(recall.IndexBytes), $"{Number(100 * saved)} %");
        }
        Terminal.Print(table);
        Terminal.Print($"Best heads (layer.head): {string.Join(", ", calibration.Heads.Take(calibration.Keep).Select(Name))}");
        Terminal.Print($"Written: {path}. An archive of these heads alone: --archive-heads {path}");
        if (kept is not null)
            Terminal.Print($"Kept for this model in {kept}: --archive-heads auto finds it where none lies beside the model's files.");
    }

    internal static void Write(Utf8JsonWriter json, HeadCalibration calibration, string path, string? kept)
    {
        json.WriteString("path", path);
        if (kept is not null) json.WriteString("kept_path", kept);
        json.WriteNumber("keep", calibration.Keep);
        json.WriteStartArray("recall");
        foreach (HeadRecall recall in calibration.Recall)
        {
            json.WriteStartObject();
            json.WriteNumber("heads", recall.Heads);
            json.WriteNumber("digits", recall.Digits);
            json.WriteNumber("hits", recall.Hits);
            json.WriteNumber("archive_bytes_per_token", recall.ArchiveBytes);
            json.WriteNumber("index_bytes_per_token", recall.IndexBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("heads");
        foreach (RankedHead head in calibration.Heads) json.WriteStringValue(Name(head));
        json.WriteEndArray();
    }

    private static string Name(RankedHead head) => string.Create(CultureInfo.InvariantCulture, $"{head.Layer}.{head.KvHead}");

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
