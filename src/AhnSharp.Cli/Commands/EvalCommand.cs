using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Attention;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Cli.Reports;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Files;
using AhnSharp.Network;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn eval</c>: published long-text benchmarks, from the files that the user has downloaded.</summary>
internal sealed class EvalCommand
{
    // The template and the longest answer of these benchmarks (512 tokens) have room beside a prompt of the context's length less this.
    private const int Beside = 700;
    private readonly ModelOptionGroup _model = new() { Archive = new ArchiveOptionGroup() };
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "JSONL files of LongBench, LV-Eval, RULER or InfiniteBench, as their authors publish them, each of one task.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<Benchmark?> _benchmark = new("--benchmark")
    {
        Description = "What the files are of (default: told by their fields).",
        HelpName = string.Join('|', Benchmark.All.Select(benchmark => benchmark.Name)),
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            Benchmark? found = Benchmark.Find(result.Tokens[0].Value);
            if (found is null)
            {
                result.AddError($"--benchmark: expected one of {string.Join(", ", Benchmark.All.Select(benchmark => benchmark.Name))}, "
                    + $"found '{result.Tokens[0].Value}'.");
            }
            return found;
        },
    };

    private readonly Option<MemoryMode[]> _memory = Choice.SeveralOf(
        "--memory",
        "The memory of each prompt; several are run one after the other (default: ahn where the model has a memory, else full).",
        ("full", MemoryMode.Full), ("window", MemoryMode.Window), ("ahn", MemoryMode.Ahn));

    private readonly Option<int?> _limit = Choice.WholeNumber("--limit", "Asks the first N questions of each file (default: all).", 1);
    private readonly Option<int?> _maxLength = Choice.WholeNumber("--max-length", $"Tokens of a prompt; a longer one loses its middle "
        + $"where its authors cut it so (default: the file's context length less {Beside}).", 2, Choice.MaxTokens);
    private readonly Option<ChatTemplateUse?> _chatTemplate = Choice.Of(
        "--chat-template",
        "When prompts stand in the model's chat template (default: authors, where the benchmark's authors put them into one).",
        ("authors", ChatTemplateUse.Authors), ("always", ChatTemplateUse.Always), ("never", ChatTemplateUse.Never));

    private readonly Option<string?> _output = Choice.Text(
        "--output", "Keeps every answer in this file (JSONL); the same command goes on where an earlier one stopped.", "FILE", "-o");
    private readonly ReportOption _report = new("scores by task and memory.");
    private readonly Option<bool> _overwrite = OverwriteOption.Create("what --report names");
    private readonly Option<bool> _json = JsonOption.Create();

    private EvalCommand()
    {
    }

    internal static Command Create()
    {
        EvalCommand eval = new();
        Command command = new(
            "eval", "Runs long-text benchmarks (LongBench, LV-Eval, RULER, InfiniteBench) from files you have downloaded.")
        {
            eval._files, eval._benchmark, eval._memory, eval._limit, eval._maxLength, eval._chatTemplate, eval._output,
        };
        eval._model.AddWithoutMemoryTo(command);
        eval._model.Archive!.AddTo(command);
        eval._report.AddTo(command);
        command.Add(eval._overwrite);
        command.Add(eval._json);
        command.SetAction(eval.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string? output = parsed.GetValue(_output);
        if (output is not null) OutputFile.CheckContinued(output, [.. parsed.GetValue(_files)!, .. _model.Inputs(parsed)]);
        using PartialFile? page = _report.Open(
            parsed, parsed.GetValue(_overwrite), [("--output", output)], [.. parsed.GetValue(_files)!, .. _model.Inputs(parsed)]);
        BenchmarkFile[] files = Open(parsed);
        using TextModel model = await LoadedModel.LoadTextAsync(_model, parsed, cancellationToken);
        ModelConfig config = model.Model.Config;
        SessionOptions[] memories = Memories(parsed, config);
        ChatTemplateUse templateUse = parsed.GetValue(_chatTemplate) ?? ChatTemplateUse.Authors;
        if (model.Template is null && templateUse == ChatTemplateUse.Always)
            throw new UsageException("--chat-template always needs a chat template, and the model's file has none.");
        if (model.Template is null && templateUse == ChatTemplateUse.Authors)
            Terminal.Note("The model's file has no chat template: every prompt stands as it is.");
        int maxLength = parsed.GetValue(_maxLength) ?? Math.Max(2, (parsed.GetValue(_model.Context) ?? config.ContextLength) - Beside);
        SessionPlan window = model.Model.Plan(_model.SessionOptionsOf(parsed, MemoryMode.Window));
        ModelIdentity identity = model.Model.Identity;
        var setup = new BenchmarkSetup(
            _model.NameOf(parsed) + (_model.AhnNameOf(parsed) is { } ahn ? $" + {ahn}" : ""), identity.Hash + identity.MemoryHash,
            window.Window, window.Sinks,
            (parsed.GetValue(_model.Kv) ?? KvType.F16).ToString().ToLowerInvariant(), maxLength, templateUse)
        {
            Archive = ArchiveOf(memories, model.Model),
        };

        using ResultsFile? kept = output is null ? null : ResultsFile.Open(output, setup);
        var run = new BenchmarkRun(model, files, memories, setup, parsed.GetValue(_limit), kept);
        try
        {
            await Progress.ShowAsync("eval", bar => run.AnswerAllAsync(bar, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            if (!parsed.GetValue(_json)) EvalReport.Print(run);
            Terminal.Note(kept is null
                ? $"{run.Results.Count} of {run.Total} questions were answered; with -o FILE they would have been kept."
                : $"{run.Results.Count} of {run.Total} questions are answered and kept in {output}; the same command goes on there.");
            throw;
        }
        if (page is not null && run.Results.Count > 0)
        {
            HtmlReport made = EvalPage.Of(run, [.. memories.Select(memory => model.Model.Plan(memory))]);
            ReportOption.AddFacts(made, parsed, [("model", identity.Description), ("runs on", model.Model.RunsOn)]);
            _report.Write(page, made, parsed);
        }
        if (parsed.GetValue(_json)) Terminal.PrintJson(json => EvalReport.Write(json, run));
        else EvalReport.Print(run);
        return AhnCommand.Done;
    }

    private BenchmarkFile[] Open(ParseResult parsed)
    {
        string[] paths = parsed.GetValue(_files)!;
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
                throw new UsageException($"{path}: expected a JSONL file of a benchmark, found a folder; name its files.");
            if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        }
        BenchmarkFile[] files = [.. paths.Select(path => BenchmarkFile.Open(path, parsed.GetValue(_benchmark)))];
        IGrouping<(string, string), BenchmarkFile>? twice =
            files.GroupBy(file => (file.Benchmark.Name, file.Task)).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new UsageException($"{twice.First().Path} and {twice.Last().Path} are both of the task {twice.First().Task}: "
                + "their scores would be mixed; run them one by one, each with a results file of its own.");
        }
        return files;
    }

    private SessionOptions[] Memories(ParseResult parsed, ModelConfig config)
    {
        MemoryMode[] modes =
            parsed.GetValue(_memory) is { Length: > 0 } named ? named : [config.Ahn is null ? MemoryMode.Full : MemoryMode.Ahn];
        if (modes.Contains(MemoryMode.Ahn) && config.Ahn is null)
        {
            throw new UsageException(
                "--memory ahn needs a memory, and this model has none: name its adapter with --ahn, or choose --memory full or window.");
        }
        if (modes is [MemoryMode.Full])
        {
            foreach (Option option in new Option[] { _model.Window, _model.Sinks })
            {
                if (Choice.IsGiven(parsed, option)) Terminal.Note($"With --memory full, {option.Name} has no effect.");
            }
        }
        // Full attention beside an archive is what it is compared with.
        return
        [
            .. modes.Select(mode => mode == MemoryMode.Full && modes.Length > 1 ? _model.SessionOptionsOf(parsed, mode)
                : _model.WithArchive(parsed, _model.SessionOptionsOf(parsed, mode), config)),
        ];
    }

    private static string? ArchiveOf(SessionOptions[] memories, LanguageModel model)
    {
        SessionOptions? options = memories.FirstOrDefault(memory => memory.Archive is not null || memory.Reach is not null);
        if (options is null) return null;
        SessionPlan plan = model.Plan(options);
        string reach = plan.Reach == long.MaxValue ? "off" : string.Create(CultureInfo.InvariantCulture, $"{plan.Reach}");
        return plan.Archive is not { } archive ? $"{BenchmarkSetup.NoArchive}, reach {reach}" : string.Create(
            CultureInfo.InvariantCulture,
            $"{MemoryName.OptionOf(archive.Type)}, {plan.ArchiveHeads} heads, read {MemoryName.OptionOf(archive.Reading)}, "
                + $"readout {MemoryName.OptionOf(archive.Readout)}, reach {reach}");
    }
}
