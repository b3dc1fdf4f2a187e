using System.CommandLine;
using System.Linq;
using AhnSharp.Cli.Options;
using AhnSharp.Kernels;
using AhnSharp.Measurement;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Bench;

/// <summary>What is measured, how often, and in which memory; the short names are llama-bench's.</summary>
internal sealed class BenchOptionGroup
{
    private const int DefaultPrompt = 512, DefaultGenerated = 64, DefaultRuns = 5;

    internal Option<string[]> Models { get; } = new("--model", "-m")
    {
        Description = "GGUF file, or OWNER/REPO:TYPE as 'ahn pull' fetched it, or demo (default); may be given several times.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    internal Option<int[]> Prompts { get; } = Choice.WholeNumbers(
        "--prompt", $"Tokens of the prompts that are read at once, 0 for none (default {DefaultPrompt}).", 0, Choice.MaxTokens, "-p");

    internal Option<int[]> Generated { get; } = Choice.WholeNumbers(
        "--gen", $"Tokens that are generated one by one, 0 for none (default {DefaultGenerated}).", 0, Choice.MaxTokens, "-n");

    internal Option<int[]> Depths { get; } = Choice.WholeNumbers(
        "--depth", "Tokens that a session has seen before a test (default 0).", 0, Choice.MaxTokens, "-d");

    internal Option<int[]> Threads { get; } = Choice.WholeNumbers(
        "--threads", "Threads that compute (default: one per physical core).", 1, 1024, "-t");

    internal Option<int?> Runs { get; } = Choice.WholeNumber(
        "--runs", $"Timed runs of every test, behind one that warms up (default {DefaultRuns}).", 1, 1000, "-r");

    internal Option<bool> NoRepack { get; } = Choice.Switch("--no-repack",
        "Computes from the file as it is, without rearranging its weights first: loads at once, many times slower.");

    internal Option<int[]> Questions { get; } = Choice.WholeNumbers(
        "--ask", "With --archive: tokens of questions that are read at once and ask it (default: none).", 1, Choice.MaxTokens);

    internal ModelOptionGroup Model { get; } = new() { Archive = new ArchiveOptionGroup() };

    internal BenchOptionGroup() => Model.Archive!.FilesOf = parsed => ModelPaths(parsed) is [string only]
        ? (only, Model.AhnPath(parsed))
        : throw new UsageException("--archive-heads auto finds the heads of one model, and several are measured: name one with --model.");

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            Models, Prompts, Generated, Questions, Depths, Threads, Runs, Model.Memory, Model.Window, Model.Sinks, Model.Context, Model.Kv,
            Model.Ahn, Model.Device, Model.GpuLayers, Model.Activations, Model.NoMmap, NoRepack, Model.Force,
        }) command.Add(option);
        Model.Archive!.AddTo(command);
    }

    internal string[] ModelPaths(ParseResult parsed)
    {
        string[] names = parsed.GetValue(Models) is { Length: > 0 } given ? given : ["demo"];
        return [.. names.Select(name => ModelOptionGroup.ModelPath(name == "demo" ? null : name, "--model"))];
    }

    internal int[] ThreadCounts(ParseResult parsed) => parsed.GetValue(Threads) is { Length: > 0 } given ? given : [Workers.DefaultCount];

    internal int RunCount(ParseResult parsed) => parsed.GetValue(Runs) ?? DefaultRuns;

    /// <summary>Prompts then generations, depth by depth.</summary>
    internal SpeedTest[] Tests(ParseResult parsed)
    {
        int[] prompts = [.. (parsed.GetValue(Prompts) is { Length: > 0 } p ? p : [DefaultPrompt]).Where(n => n > 0)];
        int[] generated = [.. (parsed.GetValue(Generated) is { Length: > 0 } g ? g : [DefaultGenerated]).Where(n => n > 0)];
        int[] asked = [.. parsed.GetValue(Questions) ?? []];
        if (asked.Length > 0 && !Model.Archive!.IsAsked(parsed))
            throw new UsageException("--ask times questions to an archive: add --archive.");
        int[] depths = parsed.GetValue(Depths) is { Length: > 0 } d ? [.. d.Order()] : [0];
        if (prompts.Length + generated.Length + asked.Length == 0)
            throw new UsageException("ahn bench: -p 0 and -n 0 leave nothing to measure.");
        return [.. depths.SelectMany(
            depth => prompts.Select(n => new SpeedTest(n, 0, depth)).Concat(asked.Select(n => new SpeedTest(n, 0, depth, Asks: true)))
                .Concat(generated.Select(n => new SpeedTest(0, n, depth))))];
    }

    /// <summary>
    /// The most that asking can cost: every token attends to as many blocks as it may, whatever they weigh. Random texts would
    /// attend to none.
    /// </summary>
    internal static SessionOptions AskingAll(SessionOptions session) => session.Archive is null ? session
        : session with { Archive = session.Archive with { Threshold = float.NegativeInfinity } };

    internal ModelOptions ModelOptions(ParseResult parsed, int threads) => new()
    {
        Threads = threads,
        MemoryMap = !parsed.GetValue(Model.NoMmap),
        Repack = !parsed.GetValue(NoRepack),
        Activations = parsed.GetValue(Model.Activations) ?? ActivationPrecision.EightBits,
        IgnoreFingerprint = parsed.GetValue(Model.Force),
    };
}
