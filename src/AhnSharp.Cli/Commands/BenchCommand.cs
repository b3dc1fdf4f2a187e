using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Bench;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Reports;
using AhnSharp.Files;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary>
/// <c>ahn bench</c>: how fast models read and generate here, beside what the machine can do at most and beside other programs.
/// </summary>
internal sealed class BenchCommand
{
    private readonly BenchOptionGroup _options = new();
    private readonly ModeOptionGroup _modes = new();
    private readonly Option<string?> _versus = Choice.Text(
        "--versus", "Runs another program alternately with ours, one that prints llama-bench's JSON: \"llama-bench -m {model} -t {threads} "
            + "-p {prompt} -n {gen} -d {depth} -r 1 -o json\".", "COMMAND");

    private readonly Option<bool> _profile = Choice.Switch("--profile", "Runs every test once more and prints where its time goes.");
    private readonly Option<string?> _markdown = Choice.Text(
        "--markdown", "Writes the tables into a section of this file; its other sections stay.", "FILE");
    private readonly Option<string?> _results = Choice.Text(
        "--results", "The same into FOLDER/CPU.md, named by this machine's processor.", "FOLDER");
    private readonly Option<string?> _section = Choice.Text("--section", "The section's heading (default: the models' names).", "NAME");
    private readonly ReportOption _report = new("what was timed, beside what the machine can do at most.");
    private readonly Option<bool> _json = JsonOption.CreateArray();

    private BenchCommand()
    {
    }

    internal static Command Create()
    {
        BenchCommand bench = new();
        Command command = new(
            "bench", "Measures how fast models read and generate here, beside what the machine can do at most and beside other programs.");
        bench._options.AddTo(command);
        command.Add(bench._versus);
        command.Add(bench._profile);
        bench._modes.AddTo(command);
        bench._report.AddTo(command);
        foreach (Option option in new Option[] { bench._markdown, bench._results, bench._section, bench._json }) command.Add(option);
        command.SetAction(bench.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        BenchMode mode = _modes.Read(parsed, [_versus, _profile], _options, _report.IsGiven(parsed));
        string? markdown = MarkdownPath(parsed);
        // Opened before the work, so that a path that cannot be written is known in the first second.
        using PartialFile? page = _report.Open(
            parsed, parsed.GetValue(_modes.Overwrite), [("--markdown", markdown), ("--plot", parsed.GetValue(_modes.Plot))],
            Inputs(parsed));
        if (mode == BenchMode.Speed) return await RunSpeedAsync(parsed, markdown, page, cancellationToken);
        ModeReport report = await new ModeRunner(_options, _modes).RunAsync(mode, parsed, cancellationToken);
        if (parsed.GetValue(_json)) Terminal.PrintJson(report.Json);
        else report.Print();
        if (page is not null) WritePage(page, BenchPage.Of(mode, report), parsed);
        if (markdown is not null)
            WriteSection(markdown, parsed.GetValue(_section) ?? report.Title, report.ToMarkdown(BenchReport.Heading(CommandLine(parsed))));
        return AhnCommand.Done;
    }

    private async Task<int> RunSpeedAsync(ParseResult parsed, string? markdown, PartialFile? page, CancellationToken cancellationToken)
    {
        string[] paths = _options.ModelPaths(parsed);
        SpeedTest[] tests = _options.Tests(parsed);
        int[] threads = _options.ThreadCounts(parsed);
        PeerProgram? peer = parsed.GetValue(_versus) is { } template ? new PeerProgram(template) : null;
        if (peer is { TakesDepth: false } && tests.Any(test => test.Depth > 0))
        {
            throw new UsageException(
                "--versus: a test at a depth needs {depth} in the command, or the other program would be measured without it.");
        }
        if (peer is { TakesModel: false } && paths.Length > 1)
            throw new UsageException("--versus: several models need {model} in the command.");
        if (peer is { TakesThreads: false } && threads.Length > 1)
            throw new UsageException("--versus: several numbers of threads need {threads} in the command.");

        List<Roofs> roofs = [];
        List<BenchRecord> records = [];
        foreach (int count in threads)
        {
            using (Workers workers = new(count)) roofs.Add(await Task.Run(() => Roofs.Measure(workers), cancellationToken));
            foreach (string line in BenchTable.RoofLines(roofs[^1])) Say(line, parsed);
            foreach (string path in paths)
            {
                using BenchModel model = await BenchModel.LoadAsync(path, _options.Model.AhnPath(parsed),
                    _options.ModelOptions(parsed, count), _options.Model.DeviceChoice(parsed), cancellationToken);
                if (model.OnProcessor is null && parsed.GetValue(_profile))
                {
                    throw new UsageException("--profile times the stages of the processor's passes, and a pass on a GPU is enqueued whole: "
                        + "leave it out with --device.");
                }
                SessionOptions session = BenchOptionGroup.AskingAll(_options.Model.SessionOptions(parsed, model.Model.Config));
                bool madeUp = parsed.GetValue(_modes.MadeUp);
                if (madeUp && model.OnProcessor is null)
                    throw new UsageException("--made-up writes into sessions on the processor: leave it out with --device.");
                records.AddRange(await new BenchRunner(model, session, roofs[^1], _options.RunCount(parsed), peer,
                    parsed.GetValue(_profile), madeUp).RunAsync(tests, cancellationToken));
            }
        }
        BenchReport report = new(roofs, records);
        if (parsed.GetValue(_json)) report.PrintJson();
        else report.Print();
        if (page is not null) WritePage(page, BenchPage.Of(report), parsed);
        if (markdown is not null)
        {
            WriteSection(markdown, parsed.GetValue(_section) ?? string.Join(", ", paths.Select(Path.GetFileNameWithoutExtension)),
                report.ToMarkdown(CommandLine(parsed)));
        }
        return AhnCommand.Done;
    }

    // Of a server the model is a name there.
    private string?[] Inputs(ParseResult parsed) => parsed.GetValue(_modes.Server) is not null
        ? [] : [.. _options.ModelPaths(parsed), .. _options.Model.Inputs(parsed)];

    private void WritePage(PartialFile file, HtmlReport page, ParseResult parsed)
    {
        ReportOption.AddFacts(page, parsed, parsed.GetValue(_modes.Server) is { } server ? [("server", server)]
            : [("model", string.Join(", ", _options.ModelPaths(parsed).Select(path => Path.GetFileName(path))))]);
        _report.Write(file, page, parsed);
    }

    private static void WriteSection(string path, string section, string body)
    {
        ResultsFile.Replace(path, section, body);
        Terminal.Note($"Written: {path}, section {section}");
    }

    private void Say(string line, ParseResult parsed)
    {
        if (parsed.GetValue(_json)) Terminal.Note(line);
        else Terminal.Print(line);
    }

    private string? MarkdownPath(ParseResult parsed)
    {
        string? file = parsed.GetValue(_markdown), folder = parsed.GetValue(_results);
        if (file is not null && folder is not null)
            throw new UsageException("--markdown names the file and --results the folder: give one of them.");
        if (file is null && folder is null && parsed.GetValue(_section) is not null)
            throw new UsageException("--section names a part of a file: give --markdown FILE or --results FOLDER.");
        if (parsed.GetValue(_section) is { } section && (section.Trim().Length == 0 || section.AsSpan().IndexOfAny('\n', '\r') >= 0))
            throw new UsageException("--section: expected one line of text.");
        string? path = folder is null ? file : ResultsFile.PathIn(folder);
        if (path is not null)
        {
            OutputFile.CheckContinued(path, Inputs(parsed));
            ResultsFile.Check(path);
        }
        // Known in the first second, not after an hour of measuring.
        if (path is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new DirectoryNotFoundException($"{path}: expected its folder to exist.");
        return path;
    }

    // As it was given, without folders: what stands in a file of results is run elsewhere.
    private static string CommandLine(ParseResult parsed) =>
        "ahn " + string.Join(' ', parsed.Tokens.Select(token => token.Value.Contains(
            ' ', StringComparison.Ordinal) ? $"\"{BenchReport.WithoutFolders(token.Value)}\"" : BenchReport.WithoutFolders(token.Value)));
}
