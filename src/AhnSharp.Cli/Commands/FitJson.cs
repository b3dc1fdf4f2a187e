using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>The report of <c>ahn fit --json</c>.</summary>
internal static class FitJson
{
    public static void Write(Utf8JsonWriter json, FitReport report)
    {
        json.WriteString("name", report.Plan.Name);
        json.WriteNumber("parameters", report.Plan.ParameterCount);
        json.WriteNumber("file_bytes", report.Plan.FileBytes);
        json.WriteNumber("weight_bytes", report.Plan.WeightBytes);
        json.WriteNumber("scratch_bytes", report.Plan.ScratchBytes);
        json.WriteNumber("program_bytes", report.Plan.OtherBytes);
        json.WriteNumber("memory_total_bytes", report.Memory.TotalBytes);
        json.WriteNumber("memory_free_bytes", report.Memory.AvailableBytes);
        if (report.Memory.LimitBytes is { } limit) json.WriteNumber("memory_limit_bytes", limit);
        json.WriteNumber("memory_usable_bytes", report.UsableBytes);
        json.WriteStartArray("sessions");
        foreach (FitReport.Row row in report.Rows)
        {
            json.WriteStartObject();
            MemoryName.Write(json, row.Session);
            json.WriteNumber("tokens_exact", row.Session.MaxExactTokens);
            json.WriteNumber("exact_bytes", row.Session.MaxExactBytes);
            json.WriteNumber("memory_bytes", row.Session.MemoryBytes);
            json.WriteNumber("total_bytes", row.TotalBytes);
            json.WriteBoolean("fits", row.Fits);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("archive_heads", report.ArchiveHeads);
        json.WriteStartArray("archives");
        foreach (FitReport.ArchiveRow row in report.Archives)
        {
            json.WriteStartObject();
            json.WriteNumber("tokens", row.Tokens);
            json.WriteNumber("archive_bytes", row.ArchiveBytes);
            json.WriteNumber("index_bytes", row.IndexBytes);
            json.WriteNumber("full_bytes", row.FullBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("choice");
        json.WriteBoolean("fits", report.Choice.Fits);
        MemoryName.Write(json, report.Plan.Session(report.Choice.Options));
        if (report.Choice.Options.Mode == MemoryMode.Full) json.WriteNumber("context", report.Choice.Options.ContextTokens!.Value);
        json.WriteNumber("total_bytes", report.Choice.Bytes);
        json.WriteString("reason", report.Choice.Reason);
        if (!report.Choice.Fits && report.SmallerType is { } smaller)
        {
            json.WriteString("smaller_type", smaller.Type);
            json.WriteNumber("smaller_type_bytes", smaller.Bytes);
        }
        json.WriteEndObject();
    }
}
