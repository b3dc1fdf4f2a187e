using System;
using System.CommandLine;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;
using AhnSharp.Conversion;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn quantize</c>: a GGUF file again, with smaller types.</summary>
internal static class QuantizeCommand
{
    private static readonly Argument<string> Input = new("in")
    {
        Description = "GGUF file to read: a base model or one merged with its "
        + "memory; of a split file any part. Or OWNER/REPO:TYPE as 'ahn pull' fetched it."
    };
    private static readonly Argument<string> Output = new("out") { Description = "GGUF file to write." };
    private static readonly Argument<string> Type =
        new("type") { Description = $"One of {string.Join(", ", QuantizationMixture.WritableNames)}." };
    private static readonly Option<bool> Requantize = Choice.Switch("--requantize", "Allows an input that is coarser than q8_0 already.");
    private static readonly Option<int?> Threads = Choice.WholeNumber(
        "--threads", "Threads that encode (default: one a processor); the file does not depend on it.", 1, 1024);
    private static readonly Option<bool> DryRun = Choice.Switch("--dry-run", "Prints what would be written, and writes nothing.");
    private static readonly Option<bool> Overwrite = OverwriteOption.Create();
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new(
            "quantize", "Writes a GGUF model again with smaller types, mixed as llama.cpp mixes them.") { Input, Output, Type };
        foreach (Option option in new Option[] { Requantize, Threads, DryRun, Overwrite, Json }) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        QuantizationOptions options = new()
        {
            Input = ModelFile.Resolve("in", parsed.GetValue(Input)!),
            Output = parsed.GetValue(Output)!,
            // Nothing is written by a dry run, so nothing is in its way but what is read.
            Overwrite = parsed.GetValue(Overwrite) || parsed.GetValue(DryRun),
            Mixture = MixtureName.Parse("type", parsed.GetValue(Type)!, QuantizationMixture.WritableNames),
            Requantize = parsed.GetValue(Requantize),
            Threads = parsed.GetValue(Threads) ?? Environment.ProcessorCount,
        };
        bool isJson = parsed.GetValue(Json);
        if (parsed.GetValue(DryRun))
        {
            QuantizationPlan plan = ModelQuantizer.Plan(options);
            Note(plan);
            Show(plan, null, 0);
            return AhnCommand.Done;
        }
        long started = Stopwatch.GetTimestamp();
        QuantizationReport report = await ByteProgress.ShowAsync(
            "quantizing", progress => ModelQuantizer.Quantize(options, Note, progress, cancel));
        Show(report.Plan, report, Stopwatch.GetElapsedTime(started).TotalSeconds);
        return AhnCommand.Done;

        void Show(QuantizationPlan plan, QuantizationReport? written, double seconds)
        {
            if (isJson) Terminal.PrintJson(json => QuantizationTable.Write(json, options, plan, written, seconds));
            else QuantizationTable.Show(options, plan, written, seconds);
        }
    }

    private static void Note(QuantizationPlan plan)
    {
        foreach (string sentence in plan.Notes) Terminal.Note(sentence);
    }
}
