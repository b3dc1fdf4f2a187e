using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Files;
using AhnSharp.Machine;

namespace AhnSharp.Cli.Reports;

/// <summary><c>--report FILE.html</c>: what a command found, as a page that explains itself.</summary>
internal sealed class ReportOption
{
    private const string Command = "command";
    private readonly Option<string?> _option;

    /// <param name="what">What the page shows, a sentence's middle: "perplexity in every memory …".</param>
    internal ReportOption(string what) => _option = Choice.Text(
        "--report", $"Writes a page that explains itself, one HTML file without script: {what}", "FILE.html");

    internal void AddTo(Command command) => command.Add(_option);

    internal string? Of(ParseResult parsed) => parsed.GetValue(_option);

    internal bool IsGiven(ParseResult parsed) => Of(parsed) is not null;

    /// <summary>Opens the file before the work, so that one that may not be written is known in the first second.</summary>
    /// <returns>null where none was asked for.</returns>
    /// <param name="parsed">The command line.</param>
    /// <param name="overwrite">Whether what stands there may go.</param>
    /// <param name="others">What else the command writes, by option.</param>
    /// <param name="inputs">What it reads.</param>
    internal PartialFile? Open(
        ParseResult parsed, bool overwrite, IEnumerable<(string Option, string? Path)> others, params IEnumerable<string?> inputs)
    {
        if (Of(parsed) is not { } path) return null;
        foreach ((string option, string? other) in others)
        {
            if (other is not null && Path.GetFullPath(other) == Path.GetFullPath(path))
                throw new UsageException($"{option} and --report both name {path}: give each a file of its own.");
        }
        return OutputFile.Create(path, OutputKind.Other, overwrite, inputs);
    }

    /// <summary>Writes the page and says where it is.</summary>
    internal void Write(PartialFile file, HtmlReport page, ParseResult parsed)
    {
        file.Write(page.ToBytes());
        Terminal.Note($"Reported: {Of(parsed)}");
    }

    /// <summary>On what it was measured: the facts of the command, then this machine's, and the line that does it again.</summary>
    internal static void AddFacts(HtmlReport page, ParseResult parsed, IEnumerable<(string Label, string Value)> facts)
    {
        page.Section("What was measured, and on what");
        page.Facts(
            [.. facts, ("processor", $"{CpuName.Here}, kernels {BuildInfo.Kernels()}"),
                ("program", $"ahn {BuildInfo.Version} (commit {BuildInfo.Commit}), {BuildInfo.Kind}"),
                ("when", DateTime.UtcNow.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture)),
                (Command, Line(parsed))],
            asCode: Command);
    }

    /// <summary>The command line as a shell takes it.</summary>
    internal static string Line(ParseResult parsed) => "ahn " + string.Join(' ', parsed.Tokens.Select(token => Quoted(token.Value)));

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+@%".Contains(c, StringComparison.Ordinal))
            ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
