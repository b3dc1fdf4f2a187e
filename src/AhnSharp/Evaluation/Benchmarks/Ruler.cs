using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// RULER, Hsieh et al. 2024, github.com/NVIDIA/RULER at c3f5e3b4 (Apache-2.0): the files that its prepare.py writes, and eval/synthetic.
/// </summary>
/// <remarks>
/// The files hold whole prompts, made to a length for a tokenizer, so nothing is added and nothing is cut; the answer goes on from the
/// file's answer_prefix. Needles, chains and words: the share of the right texts that the answer holds; questions: 1 where it holds one of
/// them. Prepare the files with model_template_type base: the chat template is the model's own.
/// </remarks>
public sealed class Ruler : Benchmark
{
    private static readonly (string Task, int MaxNewTokens)[] Tasks = [("niah", 128), ("vt", 30), ("cwe", 120), ("fwe", 50), ("qa", 32)];

    /// <inheritdoc/>
    public override string Name => "ruler";

    /// <inheritdoc/>
    public override bool Recognizes(JsonElement item) => HasAll(item, "input", "outputs");

    /// <summary>The folder's name for files called validation or test, else the file's: niah_single_1.</summary>
    public override string TaskOf(JsonElement item, string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        return file is "validation" or "test" ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!) : file;
    }

    /// <inheritdoc/>
    public override string? LeftOut(string task) => FamilyOf(task).Task is not null
        ? null
        : $"RULER's tasks are called niah_…, vt, cwe, fwe and qa_…, and the answers' length follows from that; "
            + $"found {task}: name the file or its folder after its task";

    /// <inheritdoc/>
    public override BenchmarkItem Read(JsonElement item, string task, string path)
    {
        string prompt = Text(item, "input");
        if (prompt.Contains("<|im_start|>", StringComparison.Ordinal) || prompt.Contains("[INST]", StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                "expected a prompt without a chat template, found one with: prepare RULER's files with --model_template_type base");
        }
        ImmutableArray<string> truths = Texts(item, "outputs");
        (string family, int maxNewTokens) = FamilyOf(task);
        return new BenchmarkItem
        {
            Task = task,
            Prompt = prompt,
            AnswerPrefix = item.TryGetProperty("answer_prefix", out _) ? Text(item, "answer_prefix") : "",
            InChat = true,
            CutsMiddle = false,
            MaxNewTokens = maxNewTokens,
            Score = answer => Score(family == "qa", answer, truths),
        };
    }

    internal static double Score(bool anyCounts, string answer, ImmutableArray<string> truths)
    {
        var printable = new StringBuilder(answer.Length);
        foreach (char c in answer) printable.Append(c < ' ' ? '\n' : c);
        string text = printable.ToString().Trim().ToLowerInvariant();
        double[] held = [.. truths.Select(truth => text.Contains(truth.ToLowerInvariant(), StringComparison.Ordinal) ? 1.0 : 0)];
        return anyCounts ? held.Max() : held.Average();
    }

    private static (string Task, int MaxNewTokens) FamilyOf(string task) =>
        Tasks.FirstOrDefault(family => task == family.Task || task.StartsWith(family.Task + "_", StringComparison.Ordinal));
}
