using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Reports;
using AhnSharp.Files;
using AhnSharp.Network;
using AhnSharp.Sessions;
using AhnSharp.Snapshots;

namespace AhnSharp.Cli.Commands;

/// <summary>
/// <c>ahn inspect --session</c>: what a saved session has read and holds, and what state its memory is in, from the file alone.
/// </summary>
internal static class InspectSession
{
    internal static void Run(string path, bool asJson, string? plotPath, bool overwrite, ReportOption report, ParseResult parsed)
    {
        using PartialFile? plot = plotPath is null ? null : OutputFile.Create(plotPath, OutputKind.Other, overwrite, path);
        using PartialFile? page = report.Open(parsed, overwrite, [("--plot", plotPath)], path);
        using SnapshotFile file = SnapshotFile.Open(path);
        SessionDescription session = file.Describe();
        if (plot is not null) Plot(file, session, plot, plotPath!);
        FactSheet facts = Facts(file, session);
        if (page is not null)
        {
            HtmlReport made = InspectPage.Of(file, session, facts);
            ReportOption.AddFacts(made, parsed, [("file", file.Path)]);
            report.Write(page, made, parsed);
        }
        if (asJson) Terminal.PrintJson(json => Write(json, file, session));
        else facts.Print();
    }

    private static void Plot(SnapshotFile file, SessionDescription session, PartialFile plot, string path)
    {
        if (session.Rule is null)
        {
            throw new UsageException($"--plot draws the compressed memory, and {file.Path} was made with --memory "
                + $"{MemoryName.OptionOf(session.Mode)}, which has none.");
        }
        string title = string.Create(
            CultureInfo.InvariantCulture, $"The memory of {Path.GetFileName(file.Path)} after {session.Tally.Seen:N0} tokens");
        string subtitle = string.Create(
            CultureInfo.InvariantCulture,
            $"{file.Model.Description}, {session.Rule}, window {session.Window:N0}, sinks {session.Sinks:N0}: "
                + $"{session.Tally.Exact:N0} tokens kept exactly, {session.Tally.Compressed:N0} compressed"
                + $"{(session.Tally.Archived > 0 ? $", {session.Tally.Archived:N0} archived too" : "")}");
        plot.Write(Encoding.UTF8.GetBytes(MemoryFigure.Of(title, subtitle, session).ToSvg()));
        Terminal.Note($"Drawn to {path}");
    }

    private static FactSheet Facts(SnapshotFile file, SessionDescription session)
    {
        FactSheet sheet = new();
        sheet.Section("Snapshot");
        sheet.Fact("path", file.Path);
        sheet.Fact("model", file.Model.Description);
        sheet.Fact("format", $"version {SnapshotFile.Version}, {ByteProgress.Size(file.ByteLength)}");
        if (file.IsCompressed) sheet.Fact("compressed",
            $"keys and values were rounded from {MemoryName.OptionOf(file.HeldKv)} to {MemoryName.OptionOf(file.Kv)} when it was saved");
        foreach (SnapshotSection section in file.Sections.Where(section => section.Kind == SnapshotSectionKind.Application))
        {
            sheet.Fact("section", $"{section.Name}, {ByteProgress.Size(section.ByteLength)}");
        }
        if (file.Archive is { } archive)
        {
            sheet.Fact("archive", $"{MemoryName.OptionOf(archive.Type)}, {ByteProgress.Size(file.ArchiveBytes)} "
                + $"{(file.ArchiveName is { } name ? $"in {name}" : "so far")}"
                + (archive.LimitBytes is { } limit ? $", at most {ByteProgress.Size(limit)}" : ""));
        }
        sheet.Section("Session");
        sheet.Fact("keeps", MemoryName.Of(session));
        sheet.Fact("tokens seen", Number(session.Tally.Seen));
        sheet.Fact("kept exactly", Number(session.Tally.Exact));
        if (session.Tally.Archived > 0)
        {
            sheet.Fact("archived", Number(session.Tally.Archived)
                + (file.ArchiveDropped == 0 ? "" : $"; the {Number(file.ArchiveDropped)} before them were dropped from the archive"));
            sheet.Fact("exactly readable", Number(session.Tally.ExactlyReadable));
        }
        if (file.Archive is { } asked)
        {
            sheet.Fact("asked", $"read {MemoryName.OptionOf(asked.Reading)}, read-out {MemoryName.OptionOf(asked.Readout)}, reach "
                + (file.Reach is { } reach ? Number(reach) : "off"));
        }
        sheet.Fact("compressed", Number(session.Tally.Compressed));
        sheet.Fact("dropped", Number(session.Tally.Dropped));
        sheet.Fact("takes", $"{ByteProgress.Size(session.ExactBytes + session.MemoryBytes)} = "
            + $"{ByteProgress.Size(session.ExactBytes)} exact + {ByteProgress.Size(session.MemoryBytes)} memory");
        if (session.Rule is { } rule) AddMemory(sheet, session, rule);
        return sheet;
    }

    // A line a layer: the mean over its heads, and the lowest and highest of them.
    private static void AddMemory(FactSheet sheet, SessionDescription session, MemoryRule rule)
    {
        string gate = rule.WriteSymbol;
        sheet.Section($"Memory ({rule}), mean of the heads (lowest to highest)");
        sheet.Fact("norm", session.Tally.Compressed
            > 0 ? "Frobenius norm of the state" : "Frobenius norm of the state: 0, as nothing has left the window yet");
        if (session.GateTokens > 0)
            sheet.Fact(gate, $"how strongly a token is written, mean of the {Number(session.GateTokens)} in the window");
        sheet.Fact("lasts", rule.Decays ? "tokens until a write has decayed to 1/e, at the mean decay of the same tokens"
            : "does not decay: a write stays until another to the same key replaces it");
        foreach (LayerDescription layer in session.Layers)
        {
            string label = string.Create(CultureInfo.InvariantCulture, $"layer {layer.Layer}");
            if (layer.Heads.Count == 0)
            {
                sheet.Fact(label, "full attention, no memory");
                continue;
            }
            List<string> parts = [$"norm {Range(layer.Heads.Select(head => (double?)head.Norm))}"];
            if (session.GateTokens > 0) parts.Add($"{gate} {Range(layer.Heads.Select(head => head.WriteStrength))}");
            if (layer.Heads.Any(head => head.EffectiveTokens is not null))
                parts.Add($"lasts {Range(layer.Heads.Select(head => head.EffectiveTokens))}");
            sheet.Fact(label, string.Join(" · ", parts));
        }
    }

    private static void Write(Utf8JsonWriter json, SnapshotFile file, SessionDescription session)
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("bytes", file.ByteLength);
        json.WriteNumber("version", SnapshotFile.Version);
        json.WriteStartObject("model");
        json.WriteString("name", file.Model.Name);
        json.WriteString("file", file.Model.File);
        json.WriteString("memory_file", file.Model.MemoryFile);
        json.WriteString("hash", file.Model.Hash);
        json.WriteString("memory_hash", file.Model.MemoryHash);
        json.WriteEndObject();
        json.WriteStartObject("sections");
        foreach (SnapshotSection section in file.Sections.Where(section => section.Kind == SnapshotSectionKind.Application))
            json.WriteNumber(section.Name, section.ByteLength);
        json.WriteEndObject();
        MemoryName.Write(json, session);
        json.WriteBoolean("kv_compressed", file.IsCompressed);
        json.WriteNumber("tokens_seen", session.Tally.Seen);
        json.WriteNumber("tokens_exact", session.Tally.Exact);
        if (session.Tally.Archived > 0)
        {
            json.WriteNumber("tokens_archived", session.Tally.Archived);
            json.WriteNumber("tokens_exactly_readable", session.Tally.ExactlyReadable);
        }
        if (file.Archive is { } archive)
        {
            json.WriteStartObject("archive");
            json.WriteString("type", MemoryName.OptionOf(archive.Type));
            json.WriteString("file", file.ArchiveName);
            json.WriteNumber("bytes", file.ArchiveBytes);
            if (archive.LimitBytes is { } limit) json.WriteNumber("limit_bytes", limit);
            json.WriteNumber("tokens_dropped", file.ArchiveDropped);
            json.WriteString("read", MemoryName.OptionOf(archive.Reading));
            json.WriteString("readout", MemoryName.OptionOf(archive.Readout));
            json.WriteEndObject();
        }
        if (file.Reach is { } reach) json.WriteNumber("reach", reach);
        json.WriteNumber("tokens_compressed", session.Tally.Compressed);
        json.WriteNumber("tokens_dropped", session.Tally.Dropped);
        json.WriteNumber("exact_bytes", session.ExactBytes);
        json.WriteNumber("memory_bytes", session.MemoryBytes);
        json.WriteString("kind", session.Rule?.Name);
        json.WriteNumber("gate_tokens", session.GateTokens);
        json.WriteStartArray("layers");
        foreach (LayerDescription layer in session.Layers)
        {
            json.WriteStartObject();
            json.WriteNumber("layer", layer.Layer);
            json.WriteBoolean("keeps_everything", layer.KeepsEverything);
            json.WriteNumber("exact_bytes", layer.ExactBytes);
            json.WriteStartArray("heads");
            foreach (MemoryHeadDescription head in layer.Heads)
            {
                json.WriteStartObject();
                json.WriteNumber("norm", head.Norm);
                Write(json, "write_strength", head.WriteStrength);
                Write(json, "log_decay", head.LogDecay);
                Write(json, "effective_tokens", head.EffectiveTokens);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } known && double.IsFinite(known)) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    private static string Range(IEnumerable<double?> values)
    {
        double[] known = [.. values.OfType<double>()];
        return known.Length == 0 ? "–" : $"{Short(known.Average())} ({Short(known.Min())} to {Short(known.Max())})";
    }

    private static string Short(double number) => number.ToString(Math.Abs(number) switch
    {
        >= 100 => "N0",
        >= 10 => "0.0",
        >= 1 => "0.00",
        >= 0.1 => "0.000",
        0 => "0",
        _ => "0.0000",
    }, CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
