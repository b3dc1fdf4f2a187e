using System;
using System.CommandLine;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cpu;
using AhnSharp.Files;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Bench;

/// <summary>Runs the measurements of <c>ahn bench</c> that are not prompts and generated tokens.</summary>
internal sealed class ModeRunner(BenchOptionGroup options, ModeOptionGroup modes)
{
    private const int DefaultPrompt = 512, DefaultClaimsPrompt = 256, DefaultClaimsGenerated = 8, DefaultMemoryRuns = 9,
        DefaultClaimsRuns = 3, DefaultParallelPrompt = 64, DefaultParallelGenerated = 64;

    internal async Task<ModeReport> RunAsync(BenchMode mode, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (mode == BenchMode.Server) return await ServerAsync(parsed, cancellationToken);
        string path = options.ModelPaths(parsed)[0], name = Path.GetFileName(path);
        string? ahnPath = options.Model.AhnPath(parsed);
        ModelOptions modelOptions = options.ModelOptions(parsed, options.ThreadCounts(parsed)[0]);
        ModelPlan plan = ModelPlan.Read(path, ahnPath, modelOptions);
        if (mode is BenchMode.MemoryCost or BenchMode.Claims && plan.Config.Ahn is null)
        {
            throw new UsageException($"{name} has no memory to measure: name its adapter with --ahn, or another model ('ahn synth 3B "
                + "q4_k_m --ahn dn' makes one).");
        }
        if (mode == BenchMode.Claims) return await ClaimsAsync(path, ahnPath, plan, modelOptions, parsed, cancellationToken);
        if (mode == BenchMode.LongRun) return await LongRunAsync(path, ahnPath, modelOptions, parsed, cancellationToken);
        if (mode == BenchMode.Parallel) return await ParallelAsync(path, ahnPath, modelOptions, parsed, cancellationToken);

        using CpuModel model = await LoadAsync(path, ahnPath, modelOptions, cancellationToken);
        SessionOptions session = BenchOptionGroup.AskingAll(options.Model.SessionOptions(parsed, model.Config));
        bool madeUp = parsed.GetValue(modes.MadeUp);
        int steps = modes.StepCount(parsed);
        if (mode == BenchMode.MemoryCost)
        {
            using Workers workers = new(model.Workers.Count);
            Roofs roofs = Roofs.Measure(workers);
            int prompt = One(parsed, options.Prompts, DefaultPrompt), runs = parsed.GetValue(options.Runs) ?? DefaultMemoryRuns;
            MemoryCost cost = await Progress.ShowAsync("memory cost", _ =>
                Task.Run(() => MemoryCost.Run(model, session, steps, prompt, runs, roofs, madeUp, cancellationToken), cancellationToken));
            return MemoryCostReport.Of(cost, prompt, name);
        }
        SessionPlan kept = model.Plan(session);
        if (mode == BenchMode.ArchiveCost) return await ArchiveCostAsync(model, session, kept, name, parsed, cancellationToken);
        int depth = One(parsed, options.Depths, ModeOptionGroup.DefaultDepth);
        if (kept.Mode == MemoryMode.Full)
        {
            throw new UsageException(
                "--flat compares texts that have filled their window, and --memory full has none: choose --memory ahn or window.");
        }
        long near = FlatTest.NearTokensOf(kept);
        if (depth <= near) throw new UsageException($"--depth: expected more than the near session's {near} tokens, found {depth}.");
        FlatTest flat = await Progress.ShowAsync("flat", bar =>
        {
            CountBar count = new(bar, "tokens", depth);
            return Task.Run(
                () => FlatTest.Run(model, session, depth, madeUp, steps, tokens => count.Report((int)tokens), cancellationToken),
                cancellationToken);
        });
        return FlatReport.Of(flat, name);
    }

    private async Task<ModeReport> ArchiveCostAsync(
        CpuModel model, SessionOptions session, SessionPlan kept, string name, ParseResult parsed, CancellationToken cancellationToken)
    {
        long least = ArchiveCost.BeginOf(kept), depth = One(parsed, options.Depths, (int)least);
        int prompt = One(parsed, options.Prompts, DefaultPrompt), runs = parsed.GetValue(options.Runs) ?? DefaultMemoryRuns;
        if (prompt < 1) throw new UsageException("--archive-cost reads prompts of at least 1 token (-p).");
        if (depth < least) throw new UsageException($"--depth: expected at least window, sinks and 512, {least} tokens, found {depth}.");
        ArchiveCost cost = await Progress.ShowAsync("archive cost", bar =>
        {
            CountBar count = new(bar, "rounds", runs);
            return Task.Run(
                () => ArchiveCost.Run(
                    model, session, depth, prompt, runs, parsed.GetValue(modes.MadeUp), count.Report, cancellationToken),
                cancellationToken);
        });
        return ArchiveCostReport.Of(cost, name);
    }

    private async Task<ModeReport> ServerAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string given = parsed.GetValue(modes.Server)!;
        if (!Uri.TryCreate(given, UriKind.Absolute, out Uri? server) || server.Scheme is not ("http" or "https"))
            throw new UsageException($"--server: expected an address, such as http://localhost:8080/v1, found '{given}'.");
        int[] clients = parsed.GetValue(modes.Clients) is { Length: > 0 } counts ? counts : [1, 8, 32];
        int words = One(parsed, options.Prompts, DefaultParallelPrompt), tokens = One(parsed, options.Generated, DefaultParallelGenerated);
        int requests = parsed.GetValue(options.Runs) ?? DefaultClaimsRuns;
        string? model = parsed.GetValue(options.Models) is [string named, ..] ? named : null;
        if (tokens < 1) throw new UsageException("--server asks for answers of at least 1 token (-n).");
        return ServerLoadReport.Of(await Progress.ShowAsync("clients", bar => ServerLoad.RunAsync(
            server, Environment.GetEnvironmentVariable("AHN_API_KEY"), model, clients, words, tokens, requests,
            note => bar.Report((0, clients.Length, note)), cancellationToken)));
    }

    private async Task<ModeReport> ParallelAsync(
        string path, string? ahnPath, ModelOptions modelOptions, ParseResult parsed, CancellationToken cancellationToken)
    {
        int[] counts = parsed.GetValue(modes.Parallel)!;
        int prompt = One(parsed, options.Prompts, DefaultParallelPrompt),
            generated = One(parsed, options.Generated, DefaultParallelGenerated);
        int runs = parsed.GetValue(options.Runs) ?? DefaultMemoryRuns;
        if (prompt < 1 || generated < 1)
            throw new UsageException("--parallel goes on with texts of at least 1 token (-p), and at least 1 token each (-n).");
        using LanguageModel model = await LoadedModel.LoadMeasuredAsync(
            path, ahnPath, modelOptions, options.Model.DeviceChoice(parsed), cancellationToken);
        SessionOptions session = BenchOptionGroup.AskingAll(options.Model.SessionOptions(parsed, model.Config));
        ParallelTest test = await Progress.ShowAsync("texts at once", bar =>
        {
            CountBar count = new(bar, "runs", runs * counts.Length);
            return Task.Run(() => ParallelTest.Run(
                model, session, counts, prompt, generated, runs, count.Report, cancellationToken), cancellationToken);
        });
        return ParallelReport.Of(test, MemoryName.Of(model.Plan(session)), Path.GetFileName(path), model.RunsOn);
    }

    private async Task<ModeReport> LongRunAsync(
        string path, string? ahnPath, ModelOptions modelOptions, ParseResult parsed, CancellationToken cancellationToken)
    {
        string name = Path.GetFileName(path);
        // Opened before the work, so that a path that cannot be written is known in the first second.
        using PartialFile? drawing = parsed.GetValue(modes.Plot) is not { } plotFile ? null
            : OutputFile.Create(plotFile, OutputKind.Other, parsed.GetValue(modes.Overwrite), path, ahnPath);
        using CpuModel model = await LoadAsync(path, ahnPath, modelOptions, cancellationToken);
        SessionOptions session = options.Model.SessionOptions(parsed, model.Config);
        int tokens = parsed.GetValue(modes.Run)!.Value;
        LongRun run = await Progress.ShowAsync("long run", bar =>
        {
            CountBar count = new(bar, "tokens", tokens);
            return Task.Run(
                () => LongRun.Run(model, session, tokens, done => count.Report((int)done), cancellationToken), cancellationToken);
        });
        string memory = MemoryName.Of(model.Plan(session));
        drawing?.Write(Encoding.UTF8.GetBytes(LongRunReport.Draw(run, memory, name)));
        if (drawing is not null) Terminal.Note($"Drawn: {parsed.GetValue(modes.Plot)}");
        return LongRunReport.Of(run, memory, name);
    }

    private async Task<ModeReport> ClaimsAsync(
        string path, string? ahnPath, ModelPlan plan, ModelOptions modelOptions, ParseResult parsed, CancellationToken cancellationToken)
    {
        SessionOptions session = ClaimsReport.OptionsOf(options.Model.SessionOptionsOf(parsed, MemoryMode.Ahn));
        long depth = One(parsed, options.Depths, ModeOptionGroup.DefaultDepth),
            characters = (long)Math.Round(ClaimsReport.ClaimedCharacters / ClaimsReport.EnglishCharactersPerToken);
        int prompt = One(parsed, options.Prompts, DefaultClaimsPrompt), generated = One(parsed, options.Generated, DefaultClaimsGenerated),
            runs = parsed.GetValue(options.Runs) ?? DefaultClaimsRuns;
        if (depth < 2 || prompt < 1 || generated < 1)
            throw new UsageException("--claims reads at least 1 token (-p), generates at least 1 (-n), and the text has at least 2 (-d).");
        using CpuModel? model = parsed.GetValue(modes.NoMeasure) ? null : await LoadAsync(path, ahnPath, modelOptions, cancellationToken);
        ClaimsTest[] tests = await Progress.ShowAsync(
            "claims", _ => Task.Run(() => new[] { Of(depth), Of(characters) }, cancellationToken));
        SessionPlan kept = plan.Session(session);
        return new ClaimsReport(
            Path.GetFileName(path), kept.Window, kept.Sinks, ClaimsReport.EnglishCharactersPerToken, ClaimsReport.ClaimedCharacters,
            ClaimsTest.PaperStateChange, ClaimsTest.PaperOperationsChange, tests).ToReport();

        ClaimsTest Of(long tokens) => model is null
            ? ClaimsTest.Count(plan, session, tokens)
            : ClaimsTest.Measure(model, plan, session, tokens, prompt, generated, runs, cancellationToken);
    }

    private static Task<CpuModel> LoadAsync(string path, string? ahnPath, ModelOptions modelOptions, CancellationToken cancellationToken) =>
        LoadedModel.LoadHereAsync(path, ahnPath, modelOptions, cancellationToken);

    private static int One(ParseResult parsed, Option<int[]> option, int otherwise) =>
        parsed.GetValue(option) is [int given] ? given : otherwise;
}
