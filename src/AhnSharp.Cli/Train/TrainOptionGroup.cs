using System;
using System.CommandLine;
using AhnSharp.Cli.Options;
using AhnSharp.Network;
using AhnSharp.Training;

namespace AhnSharp.Cli.Train;

/// <summary>What <c>ahn train</c> is asked for: which memory, of what, for how long.</summary>
internal sealed class TrainOptionGroup
{
    private const int MostTokens = 1 << 20;
    private static readonly TrainingOptions s_default = new();

    internal Option<string?> Model { get; } = Choice.Text(
        "--model", "GGUF file of the base model that the memory is for, without a memory in it, or OWNER/REPO:TYPE.", "FILE", "-m");

    internal Option<string?> Output { get; } = Choice.Text(
        "--output", "The adapter to write; the best so far is there while it runs.", "FILE",
        "-o");

    internal Option<int?> Memory { get; } = Choice.Of("--memory", "The rule of the memory (default: dn).",
        ("dn", (int)HippocampusKind.DeltaNet), ("gdn", (int)HippocampusKind.GatedDeltaNet), ("mamba2", (int)HippocampusKind.Mamba2));

    internal Option<string[]> Text { get; } = new("--text")
    {
        Description = "What it learns from: files and folders as 'ahn read' takes them.",
        HelpName = "PATH",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    internal Option<string[]> Conversations { get; } = new("--conversations")
    {
        Description = "Conversations to learn from, a JSON object a line: {\"messages\": [{\"role\": \"user\", \"content\": \"…\"}, …]}.",
        HelpName = "FILE.jsonl",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    internal Option<bool> Resume { get; } = Choice.Switch(
        "--resume", "Goes on from the checkpoint beside the output, to the same bits as if it had never stopped.");

    internal Option<bool> DryRun { get; } = Choice.Switch(
        "--dry-run", "Says what it will take, of one text that is measured, and trains nothing.");

    internal Option<int?> Threads { get; } = Choice.WholeNumber(
        "--threads", "Threads that compute (default: one per physical core); the bits do not depend on it.", 1, 1024);

    internal Option<string?> Device { get; } = Choice.Text(
        "--device", "Where texts go forward and back: cpu (default), cuda, cuda:N, opencl:N, or auto: a CUDA device where there is one; "
            + "the steps, checkpoints and files are the same.", "DEVICE");

    private readonly Option<int?> _steps = Choice.WholeNumber(
        "--steps", $"Steps of the optimiser (default {s_default.Steps}).", 1, 10_000_000);
    private readonly Option<int?> _batch = Choice.WholeNumber(
        "--batch", $"Texts whose gradients are added up before a step, one after another (default {s_default.Batch}).", 1, 65536);
    private readonly Option<int?> _length = Choice.WholeNumber(
        "--length", $"Tokens of a text; half, a quarter or an eighth of them stay exact (default {s_default.Length}).", 16, MostTokens);
    private readonly Option<float?> _rate = Choice.Number(
        "--learning-rate", $"Highest learning rate, reached after a twentieth of the steps (default {s_default.LearningRate}).", 1e-8f, 1);
    private readonly Option<ulong?> _seed = Choice.Seed("--seed", $"Chooses everything that is drawn (default {s_default.Seed}).");
    private readonly Option<float?> _recall = Choice.Number(
        "--recall", "Share of the texts that are chats with codes strewn in, as the demo's memory was trained (default 0).", 0, 1);
    private readonly Option<float?> _weights = Choice.Number(
        "--weights",
        $"What a digit of an answer of these chats, or a token of one in conversations, counts beside 1 for every other token "
            + $"(default {s_default.AnswerWeight}).", 0.01f,
        1000);
    private readonly Option<float?> _holdOut = Choice.Number(
        "--hold-out", $"Share of every document, its end, that is never trained on (default {s_default.HoldOut}).", 0.001f, 0.9f);
    private readonly Option<int?> _heldOutTexts = Choice.WholeNumber(
        "--held-out-texts", $"Texts of it that a measurement reads (default {s_default.HeldOutTexts}).", 1, 4096);
    private readonly Option<int?> _every = Choice.WholeNumber(
        "--every", $"Steps between two measurements, behind which the best is kept (default {s_default.Every}).", 1);
    private readonly Option<int?> _window = Choice.WholeNumber(
        "--window", "Last tokens held exactly, written as the adapter's default (default: a quarter of the length, less the sinks).", 1,
        Choice.MaxTokens);
    private readonly Option<int?> _sinks = Choice.WholeNumber(
        "--sinks", "First tokens held exactly, likewise (default: 32, or none where that is more than an eighth of the length).", 0,
        Choice.MaxTokens);

    internal void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            Model, Memory, Text, Conversations, Output, _steps, _batch, _length, _rate, _seed, _recall, _weights, _holdOut,
            _heldOutTexts, _every, _window, _sinks,
            Threads, Device, Resume, DryRun,
        }) command.Add(option);
    }

    internal TrainingOptions Training(ParseResult parsed)
    {
        TrainingOptions options = new()
        {
            Steps = parsed.GetValue(_steps) ?? s_default.Steps,
            Batch = parsed.GetValue(_batch) ?? s_default.Batch,
            Length = parsed.GetValue(_length) ?? s_default.Length,
            LearningRate = parsed.GetValue(_rate) ?? s_default.LearningRate,
            Seed = parsed.GetValue(_seed) ?? s_default.Seed,
            Recall = parsed.GetValue(_recall) ?? s_default.Recall,
            AnswerWeight = parsed.GetValue(_weights) ?? s_default.AnswerWeight,
            HoldOut = parsed.GetValue(_holdOut) ?? s_default.HoldOut,
            HeldOutTexts = parsed.GetValue(_heldOutTexts) ?? s_default.HeldOutTexts,
            Every = parsed.GetValue(_every) ?? s_default.Every,
        };
        bool hasText = parsed.GetValue(Text) is { Length: > 0 }, hasConversations = parsed.GetValue(Conversations) is { Length: > 0 };
        if (!hasText && !hasConversations)
        {
            throw new UsageException(
                "ahn train needs texts to learn from: name files or folders with --text PATH, or --conversations FILE.jsonl.");
        }
        if (options.Recall > 0 && !hasText) throw new UsageException("--recall makes chats of texts: name some with --text PATH.");
        if (options.Recall == 0 && !hasConversations && parsed.GetValue(_weights) is not null)
        {
            throw new UsageException(
                "--weights is for answers, and there are none: add --recall or --conversations, or leave it out.");
        }
        return options;
    }

    /// <summary>W and S that the adapter names.</summary>
    internal (int Window, int Sinks) Sizes(ParseResult parsed, TrainingOptions options)
    {
        int sinks = parsed.GetValue(_sinks) ?? (32 <= options.Length / 8 ? 32 : 0);
        return (parsed.GetValue(_window) ?? Math.Max(1, options.Length / 4 - sinks), sinks);
    }

    internal MemoryRule Rule(ParseResult parsed) => MemoryRule.All[parsed.GetValue(Memory) ?? (int)HippocampusKind.DeltaNet];
}
