using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// LV-Eval, Yuan et al. 2024, github.com/infinigence/LVEval at 63e7ae93 (MIT): prediction.py, config.py, metrics.py, evaluation.py.
/// </summary>
/// <remarks>
/// F1 of words against the first of the true answers; where an item names keywords, an answer that has fewer than a fifth of them, common
/// words not counted, is worth 0. The Chinese tasks are left out.
/// </remarks>
public sealed partial class LvEval : Benchmark
{
    private const double LeastRecall = 0.2;
    private static readonly string[] Chinese = ["multifieldqa_zh_mixup", "factrecall_zh", "cmrc_mixup", "lic_mixup", "dureader_mixup"];

    /// <inheritdoc/>
    public override string Name => "lveval";

    /// <inheritdoc/>
    public override bool Recognizes(JsonElement item) =>
        HasAll(item, "input", "context", "answers", "dataset") && item.GetProperty("dataset") is { ValueKind: JsonValueKind.String } dataset
        && IsKnown(Plain(dataset.GetString()!));

    /// <summary>The dataset with its length level, as the files are called: hotpotwikiqa_mixup_16k.</summary>
    public override string TaskOf(JsonElement item, string path)
    {
        string dataset = Text(item, "dataset"), file = Path.GetFileNameWithoutExtension(path);
        return file.StartsWith(dataset, StringComparison.Ordinal) ? file : dataset;
    }

    /// <inheritdoc/>
    public override string? LeftOut(string task)
    {
        string plain = Plain(task);
        if (LvEvalTasks.English.ContainsKey(plain)) return null;
        return Chinese.Contains(plain)
            ? "its authors cut Chinese into words with jieba before they compare, which is not part of this program; "
                + "a score by characters would not be comparable"
            : $"LV-Eval has no task {plain}; "
                + $"its English tasks are {string.Join(", ", LvEvalTasks.English.Keys.Order(StringComparer.Ordinal))}";
    }

    /// <inheritdoc/>
    public override BenchmarkItem Read(JsonElement item, string task, string path)
    {
        string plain = Plain(task);
        (string prompt, int maxNewTokens) = LvEvalTasks.English[plain];
        string truth = Texts(item, "answers")[0];
        string? keywords = item.TryGetProperty("answer_keywords", out JsonElement given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()
            : null;
        return new BenchmarkItem
        {
            Task = task,
            Prompt = PromptTemplate.Fill(
                prompt, new Dictionary<string, string> { ["context"] = Text(item, "context"), ["input"] = Text(item, "input") }),
            InChat = true,
            CutsMiddle = true,
            MaxNewTokens = maxNewTokens,
            // The questions of single facts are scored without keywords.
            Score = answer => Score(answer, truth, plain == "factrecall_en" ? null : keywords),
        };
    }

    internal static double Score(string answer, string truth, string? keywords)
    {
        string[] words = AnswerText.Words(answer);
        if (!string.IsNullOrEmpty(keywords))
        {
            string[] wanted = AnswerText.Words(keywords);
            int found = WordOverlap.Shared(words, wanted).Where(word => !LvEvalTasks.NoKeywords.Contains(word.Key)).Sum(word => word.Value);
            // Keywords of nothing but punctuation and articles would be a division by zero in the authors' code; here they ask for nothing.
            if (wanted.Length > 0 && (double)found / wanted.Length < LeastRecall) return 0;
        }
        return WordOverlap.F1(words, AnswerText.Words(truth));
    }

    private static bool IsKnown(string dataset) => LvEvalTasks.English.ContainsKey(dataset) || Chinese.Contains(dataset);

    private static string Plain(string task) => LengthLevel().Split(task)[0];

    [GeneratedRegex("_.{1,3}k")]
    private static partial Regex LengthLevel();
}
