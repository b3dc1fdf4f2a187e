using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Attention;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Reports;
using AhnSharp.Files;
using AhnSharp.Gguf;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn inspect</c>: what a GGUF file is and what memory a session of it would take, or what a saved session holds.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string?> File = new("file")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "GGUF file: a base model, an adapter, or both merged; of a split file the first part. Or a saved session, "
            + "or OWNER/REPO:TYPE as 'ahn pull' fetched it.",
    };
    private static readonly Option<string?> Ahn = Choice.Text(
        "--ahn", "GGUF adapter with the memory of the model, or OWNER/REPO:TYPE.", "FILE");
    private static readonly Option<int?> Window = Choice.WholeNumber(
        "--window", "Last tokens kept exactly (default: the file's).", 1, Choice.MaxTokens);
    private static readonly Option<int?> Sinks = Choice.WholeNumber(
        "--sinks", "First tokens kept exactly (default: the file's).", 0, Choice.MaxTokens);
    private static readonly Option<int?> Context = Choice.WholeNumber(
        "--context", "Tokens that full attention may hold (default: the file's context length).", 1, Choice.MaxTokens);

    private static readonly Option<KvType?> Kv = Choice.Of(
        "--kv", "How keys and values are held (default: f16).", ("f32", KvType.F32), ("f16", KvType.F16), ("q8_0", KvType.Q8_0));

    private static readonly Option<string?> Snapshot = Choice.Text(
        "--session", "Instead of a GGUF file, a saved session: what it has read and holds, and the state of its memory.", "FILE");
    private static readonly Option<string?> PlotPath = Choice.Text(
        "--plot", "Of a saved session: draws its memory, layers by heads, as heat maps.", "FILE.svg");

    private static readonly ReportOption Report = new("what the file is and what a session takes, or what a saved session holds.");

    private static readonly Option<bool> Check = Choice.Switch(
        "--check", "Reads every weight of the file: NaN, infinities and sizes that no network has are named, and the exit code is 1.");
    private static readonly Option<bool> Overwrite = OverwriteOption.Create("what --plot and --report name");
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new(
            "inspect", "Says what a GGUF file is and what memory a session of it would take, or what a saved session holds.") { File };
        foreach (Option option in new Option[] { Ahn, Window, Sinks, Context, Kv, Snapshot, PlotPath, Check, Overwrite, Json })
            command.Add(option);
        Report.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    // A saved session is told by its first bytes, however it is named on the line.
    private static bool IsSession(string path)
    {
        if (!System.IO.File.Exists(path)) return false;
        using System.IO.FileStream file = new(
            path, System.IO.FileMode.Open, System.IO.FileAccess.Read, System.IO.FileShare.ReadWrite);
        Span<byte> start = stackalloc byte[4];
        return file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start[0] == 0x89 && start[1..].SequenceEqual("AHN"u8);
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? named = parsed.GetValue(File);
        bool isSession = parsed.GetValue(Snapshot) is null && named is not null && IsSession(named);
        if ((isSession ? named : parsed.GetValue(Snapshot)) is { } snapshot)
        {
            foreach (Symbol symbol in new Symbol[] { File, Ahn, Window, Sinks, Context, Kv, Check })
            {
                bool isGiven =
                    symbol is Option option ? Choice.IsGiven(parsed, option) : named is not null && !isSession;
                if (isGiven)
                {
                    throw new UsageException($"{(isSession ? $"{named} is a saved session" : "--session names a saved session")}, and "
                        + $"{symbol.Name} belongs to a GGUF file: give one of the two.");
                }
            }
            InspectSession.Run(snapshot, parsed.GetValue(Json), parsed.GetValue(PlotPath), parsed.GetValue(Overwrite), Report, parsed);
            return AhnCommand.Done;
        }
        if (parsed.GetValue(PlotPath) is not null)
            throw new UsageException("--plot draws the memory of a saved session: name it with --session FILE.");
        if (parsed.GetValue(File) is null)
        {
            throw new UsageException(
                "ahn inspect needs a GGUF file, or a saved session: --session FILE. ('ahn inspect --help' lists the options.)");
        }
        string path = ModelFile.Resolve("file", parsed.GetValue(File)!);
        string? ahnPath = parsed.GetValue(Ahn) is { } given ? ModelFile.Resolve("--ahn", given) : null;
        SessionOptions session = new()
        {
            Window = parsed.GetValue(Window),
            Sinks = parsed.GetValue(Sinks),
            ContextTokens = parsed.GetValue(Context),
            Kv = parsed.GetValue(Kv) ?? KvType.F16,
        };
        using PartialFile? page = Report.Open(parsed, parsed.GetValue(Overwrite), [], path, ahnPath);
        using GgufFile file = GgufFile.Open(path);
        using GgufFile? adapter = ahnPath is null ? null : GgufFile.Open(ahnPath);
        InspectReport report = InspectReport.Of(file, adapter, session);
        if (parsed.GetValue(Check))
        {
            GgufFile[] files = adapter is null ? [file] : [file, adapter];
            report = report with
            {
                Weights = await ByteProgress.ShowAsync(
                "checking", progress => InspectWeights.Of(files, progress, cancellationToken))
            };
        }
        if (page is not null)
        {
            HtmlReport made = InspectPage.Of(report);
            ReportOption.AddFacts(made, parsed, []);
            Report.Write(page, made, parsed);
        }
        if (parsed.GetValue(Json)) Terminal.PrintJson(json => InspectJson.Write(json, report));
        else InspectText.Of(report).Print();
        foreach (string problem in report.Weights?.Named() ?? []) Terminal.Complain(problem);
        return report.Weights is { Problems.Count: > 0 } ? AhnCommand.Failed : AhnCommand.Done;
    }
}
