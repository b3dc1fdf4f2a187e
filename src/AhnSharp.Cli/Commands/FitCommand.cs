using System;
using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Hub;
using AhnSharp.Machine;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn fit</c>: what a model takes in memory, what of it fits here, and which window to choose. Loads nothing.</summary>
internal static class FitCommand
{
    private static readonly Argument<string?> Model = new("model")
    {
        Description = "GGUF file of the model, plain or merged with its memory, or OWNER/REPO:TYPE, which need not be fetched "
            + "(default: what 'ahn use' set, else the demo model).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly ModelOptionGroup Options = new() { Positional = static parsed => parsed.GetValue(Model) };
    private static readonly ArchiveOptionGroup Archive = new(isAlwaysAsked: true) { FilesOf = static parsed => Options!.Files(parsed) };
    private static readonly Option<long?> Free = ByteOption.Create(
        "--free", "Plans for a machine with this much free memory, such as 6GB or 900MB (default: what is free here).");
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        ModelOptionGroup.CompleteNames(Model);
        Command command = new("fit", "Says what a model takes in memory, what fits, and which window to choose.") { Model };
        foreach (Option option in new Option[]
        {
            Options.Ahn, Options.Sinks, Options.Kv, Archive.Type, Archive.Heads, Options.Threads, Free, Json,
        }) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        // Judged by its header where it was not fetched: some megabytes instead of all of it.
        using ModelPeek? peek = await RemoteModel.PeekAsync(Options.Chosen(parsed), cancellationToken);
        ModelPlan plan = ModelPlan.Read(peek?.Path ?? Options.ModelPath(parsed), Options.AhnPath(parsed), new ModelOptions
        {
            Threads = parsed.GetValue(Options.Threads) ?? new ModelOptions().Threads,
            MemoryMap = peek is null,
        });
        MachineMemory memory = MachineMemory.Read();
        if (parsed.GetValue(Free) is { } free) memory = new MachineMemory(Math.Max(free, memory.TotalBytes), free, null);
        FitReport report = FitReport.Of(plan, parsed.GetValue(Options.Sinks), parsed.GetValue(Options.Kv),
            Archive.Apply(parsed, new SessionOptions(), plan.Config).Archive!, memory);
        if (parsed.GetValue(Json)) Terminal.PrintJson(json => FitJson.Write(json, report));
        else FitText.Print(report, assumed: parsed.GetValue(Free) is not null);
        if (peek is not null) Terminal.Note(RemoteModel.Judged(peek));
        return AhnCommand.Done;
    }
}
