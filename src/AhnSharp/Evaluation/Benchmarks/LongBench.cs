using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// LongBench (v1 and LongBench-E), Bai et al. 2023, github.com/THUDM/LongBench at 2e00731f (MIT): pred.py, eval.py, metrics.py.
/// </summary>
/// <remarks>
/// Prompts and lengths are those of config/dataset2prompt.json and dataset2maxlen.json: of the files in a folder <c>config</c> beside
/// or above the data where there are such, else as built in. Few-shot and code tasks stand outside the chat template; of few-shot
/// answers the first line counts.
/// </remarks>
public sealed partial class LongBench : Benchmark
{
    private const string NeedsJieba = "its authors cut Chinese into words with jieba before they compare, "
        + "which is not part of this program; a score by characters would not be comparable";
    private static readonly string[] OutsideChat = ["trec", "triviaqa", "samsum", "lsht", "lcc", "repobench-p"],
        FirstLine = ["trec", "triviaqa", "samsum", "lsht"];

    /// <inheritdoc/>
    public override string Name => "longbench";

    /// <inheritdoc/>
    public override bool Recognizes(JsonElement item) => HasAll(item, "input", "context", "answers", "dataset");

    /// <inheritdoc/>
    public override string TaskOf(JsonElement item, string path) => Text(item, "dataset");

    /// <inheritdoc/>
    public override string? LeftOut(string task) => Plain(task) switch
    {
        "multifieldqa_zh" or "dureader" or "vcsum" => NeedsJieba,
        string plain when LongBenchTasks.Prompts.ContainsKey(plain) => null,
        string plain =>
            $"LongBench has no task {plain}; its tasks are {string.Join(", ", LongBenchTasks.Prompts.Keys.Order(StringComparer.Ordinal))}",
    };

    /// <inheritdoc/>
    public override BenchmarkItem Read(JsonElement item, string task, string path)
    {
        string plain = Plain(task);
        (string prompt, int maxNewTokens) = LongBenchConfig.Of(plain, Path.GetDirectoryName(Path.GetFullPath(path))!);
        ImmutableArray<string> truths = Texts(item, "answers");
        ImmutableArray<string> classes = !item.TryGetProperty("all_classes", out JsonElement named)
            || named.ValueKind == JsonValueKind.Null ? [] : Texts(item, "all_classes");
        bool firstLine = FirstLine.Contains(plain);
        return new BenchmarkItem
        {
            Task = task,
            Prompt = PromptTemplate.Fill(
                prompt, new Dictionary<string, string> { ["context"] = Text(item, "context"), ["input"] = Text(item, "input") }),
            InChat = !OutsideChat.Contains(plain),
            CutsMiddle = true,
            MaxNewTokens = maxNewTokens,
            FirstLineCounts = firstLine,
            Score = answer => truths.Max(truth => Score(plain, firstLine ? answer.TrimStart('\n').Split('\n')[0] : answer, truth, classes)),
        };
    }

    internal static double Score(string task, string answer, string truth, ImmutableArray<string> classes) => task switch
    {
        "gov_report" or "qmsum" or "multi_news" or "samsum" => RougeL.F(answer, truth),
        "trec" or "lsht" => Classification(answer, truth, classes),
        "passage_retrieval_en" => Numbers(answer, Paragraph().Match(truth).Groups[1].Value),
        "passage_retrieval_zh" => Numbers(answer, ChineseParagraph().Match(truth).Groups[1].Value),
        "passage_count" => Numbers(answer, truth),
        "lcc" or "repobench-p" => Code(answer, truth),
        _ => WordOverlap.F1(AnswerText.Words(answer), AnswerText.Words(truth)),
    };

    // LongBench-E files carry the names of their tasks with an _e behind them.
    private static string Plain(string task) => task.EndsWith("_e", StringComparison.Ordinal) ? task[..^2] : task;

    /// <summary>The share of the numbers in an answer that are the right one.</summary>
    private static double Numbers(string answer, string truth)
    {
        MatchCollection numbers = Digits().Matches(answer);
        return numbers.Count == 0 ? 0 : (double)numbers.Count(number => number.Value == truth) / numbers.Count;
    }

    /// <summary>One over the classes named in the answer, where the right one is among them.</summary>
    private static double Classification(string answer, string truth, ImmutableArray<string> classes)
    {
        List<string> named = [.. classes.Where(one => answer.Contains(one, StringComparison.Ordinal))];
        // Names that are a part of the right one do not count against it. The authors take them out while they walk the list, so that the
        // name behind one that is taken out is not looked at; that is kept, because it is in the published numbers.
        for (int i = 0; i < named.Count; i++)
        {
            if (truth.Contains(named[i], StringComparison.Ordinal) && named[i] != truth) named.RemoveAt(i);
        }
        return named.Contains(truth) ? 1.0 / named.Count : 0;
    }

    /// <summary>The first line of the answer that is no comment and no fence, compared by characters.</summary>
    private static double Code(string answer, string truth)
    {
        string line = answer.TrimStart('\n').Split('\n').FirstOrDefault(
            line => !line.Contains('`') && !line.Contains('#') && !line.Contains("//", StringComparison.Ordinal)) ?? "";
        return TextSimilarity.Percent(line, truth) / 100.0;
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"Paragraph (\d+)")]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"段落(\d+)")]
    private static partial Regex ChineseParagraph();
}
