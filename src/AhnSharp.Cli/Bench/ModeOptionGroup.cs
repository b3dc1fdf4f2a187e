using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using AhnSharp.Cli.Options;

namespace AhnSharp.Cli.Bench;

/// <summary>The other measurements of <c>ahn bench</c>, one a run, and what only they take.</summary>
internal sealed class ModeOptionGroup
{
    private const int DefaultSteps = 200;

    internal const int DefaultDepth = 131072;

    internal Option<bool> Flat { get; } = Choice.Switch("--flat", $"Steps two sessions alternately, one at window + sinks (with "
        + $"--archive twice that), one at --depth (default {DefaultDepth}) tokens: does a token cost the same?");

    internal Option<bool> MemoryCost { get; } = Choice.Switch(
        "--memory-cost", "Measures what the compressed memory takes of a step, past window + sinks + 512 tokens.");

    internal Option<bool> ArchiveCost { get; } = Choice.Switch("--archive-cost",
        "With --archive: measures what an archive takes of reading, prompts of -p tokens with one and without in turn, behind --depth "
            + "(default: window + sinks + 512) tokens.");

    internal Option<int?> Run { get; } = Choice.WholeNumber(
        "--run", "Runs one session over N tokens and reports time per token and resident memory along the way.", 64, Choice.MaxTokens);

    internal Option<bool> Claims { get; } = Choice.Switch("--claims",
        $"Window and memory against full attention at --depth (default {DefaultDepth}) tokens: bytes of state, operations, tokens/s.");

    internal Option<int[]> Parallel { get; } = Choice.WholeNumbers("--parallel",
        "Continues so many texts at once, as 1,2,4,8,16: tokens/s of all together, behind a prompt of -p tokens, -n tokens each.", 1,
        1024);

    internal Option<string?> Server { get; } = Choice.Text("--server",
        "Asks a server with OpenAI's interface, as http://localhost:8080/v1: how long --clients wait, prompts of -p words, -n tokens each.",
        "URL");

    internal Option<int[]> Clients { get; } = Choice.WholeNumbers(
        "--clients", "With --server: how many ask at the same time (default 1,8,32).", 1, 10_000);

    internal Option<int?> Steps { get; } = Choice.WholeNumber(
        "--steps", $"Steps of --flat and --memory-cost (default {DefaultSteps}).", 2, 1_000_000);

    internal Option<bool> MadeUp { get; } = Choice.Switch(
        "--made-up", "With --depth, --flat and the two costs: the text before is made up in the session (random keys, values, memories), "
            + "not read; speed does not depend on values.");

    internal Option<bool> NoMeasure { get; } = Choice.Switch(
        "--no-measure", "With --claims: counts from the file's header alone; nothing is loaded or timed.");

    internal Option<string?> Plot { get; } = Choice.Text("--plot", "With --run: draws it as SVG.", "FILE");

    internal Option<bool> Overwrite { get; } = OverwriteOption.Create("what --plot and --report name");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            Flat, MemoryCost, ArchiveCost, Run, Claims, Parallel, Server, Clients, Steps, MadeUp, NoMeasure, Plot, Overwrite,
        })
            command.Add(option);
    }

    internal int StepCount(ParseResult parsed) => parsed.GetValue(Steps) ?? DefaultSteps;

    /// <summary>The one that is asked for; options that it does not take are errors.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="speedOnly">Options of the ordinary measurement alone.</param>
    /// <param name="options">Its other options.</param>
    /// <param name="writesPage">Whether --report asks for a page.</param>
    internal BenchMode Read(ParseResult parsed, IEnumerable<Option> speedOnly, BenchOptionGroup options, bool writesPage)
    {
        (Option Option, BenchMode Mode)[] modes =
        [
            (Flat, BenchMode.Flat), (MemoryCost, BenchMode.MemoryCost), (ArchiveCost, BenchMode.ArchiveCost),
            (Run, BenchMode.LongRun), (Claims, BenchMode.Claims), (Parallel, BenchMode.Parallel), (Server, BenchMode.Server),
        ];
        (Option Option, BenchMode Mode)[] asked = [.. modes.Where(mode => Choice.IsGiven(parsed, mode.Option))];
        if (asked.Length > 1)
        {
            throw new UsageException(
                $"{string.Join(" and ", asked.Select(mode => mode.Option.Name))} are measured one at a time: give one of them.");
        }
        BenchMode mode = asked.Length == 0 ? BenchMode.Speed : asked[0].Mode;
        string name = asked.Length == 0 ? "prompts and generated tokens" : asked[0].Option.Name;
        Allow(Clients, BenchMode.Server);
        Allow(Steps, BenchMode.Flat, BenchMode.MemoryCost);
        Allow(MadeUp, BenchMode.Speed, BenchMode.Flat, BenchMode.MemoryCost, BenchMode.ArchiveCost);
        Allow(NoMeasure, BenchMode.Claims);
        Allow(Plot, BenchMode.LongRun);
        if (!writesPage) Allow(Overwrite, BenchMode.LongRun);
        Allow(options.Depths, BenchMode.Speed, BenchMode.Flat, BenchMode.ArchiveCost, BenchMode.Claims);
        Allow(options.Prompts, BenchMode.Speed, BenchMode.MemoryCost, BenchMode.ArchiveCost, BenchMode.Claims, BenchMode.Parallel,
            BenchMode.Server);
        Allow(options.Generated, BenchMode.Speed, BenchMode.Claims, BenchMode.Parallel, BenchMode.Server);
        Allow(options.Runs, BenchMode.Speed, BenchMode.MemoryCost, BenchMode.ArchiveCost, BenchMode.Claims, BenchMode.Parallel,
            BenchMode.Server);
        foreach (Option option in speedOnly) Allow(option, BenchMode.Speed);
        foreach (Option option in new Option[] { options.Model.Device, options.Model.GpuLayers })
            Allow(option, BenchMode.Speed, BenchMode.Parallel);
        Allow(options.Questions, BenchMode.Speed);
        if (mode is BenchMode.MemoryCost or BenchMode.Claims)
        {
            Forbid(options.Model.Memory, "it compares memories by itself");
            if (options.Model.Archive!.IsGiven(parsed) is { } archive)
                throw new UsageException($"{archive} has no place beside {name}: it compares sessions without an archive.");
        }
        if (mode == BenchMode.ArchiveCost)
        {
            Forbid(options.Model.Archive!.Read, "it measures both ways to read");
            if (!options.Model.Archive.IsAsked(parsed)) throw new UsageException("--archive-cost measures an archive: add --archive.");
        }
        if (mode == BenchMode.Speed) return mode;
        foreach (Option<int[]> list in new[] { options.Depths, options.Prompts, options.Generated, options.Threads })
        {
            if (parsed.GetValue(list) is { Length: > 1 }) throw new UsageException($"{list.Name}: {name} takes one number, not several.");
        }
        if (parsed.GetValue(options.Models) is { Length: > 1 }) throw new UsageException($"--model: {name} takes one model, not several.");
        return mode;

        void Allow(Option option, params BenchMode[] takers)
        {
            if (takers.Contains(mode)) return;
            IEnumerable<string> names = takers.Select(
                taker => modes.FirstOrDefault(m => m.Mode == taker).Option?.Name ?? "prompts and generated tokens");
            Forbid(option, $"it is for {string.Join(" and ", names)}");
        }

        void Forbid(Option option, string reason)
        {
            if (Choice.IsGiven(parsed, option)) throw new UsageException($"{option.Name} has no place beside {name}: {reason}.");
        }
    }
}
