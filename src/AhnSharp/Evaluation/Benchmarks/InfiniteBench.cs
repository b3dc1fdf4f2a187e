using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace AhnSharp.Evaluation.Benchmarks;

/// <summary>
/// InfiniteBench's retrieval and question tasks, Zhang et al. 2024, github.com/OpenBMB/InfiniteBench at 88b3daa6 (MIT):
/// eval_utils.py, prompt.py, compute_scores.py.
/// </summary>
/// <remarks>
/// Prompts are the authors' for open models, which stand outside a chat template. The task is the file's name: passkey, longbook_qa_eng ….
/// </remarks>
public sealed class InfiniteBench : Benchmark
{
    private const string Letters = "ABCD";
    private static readonly string[] AnswerMarks = ["answer is:", "answer:", "answer is", "option is"];
    private static readonly string[] Others = ["longbook_sum_eng", "math_find", "math_calc", "code_run", "code_debug"];

    /// <inheritdoc/>
    public override string Name => "infinitebench";

    /// <inheritdoc/>
    public override bool Recognizes(JsonElement item) => HasAll(item, "context", "input", "answer");

    /// <inheritdoc/>
    public override string TaskOf(JsonElement item, string path) => Path.GetFileNameWithoutExtension(path);

    /// <inheritdoc/>
    public override string? LeftOut(string task)
    {
        if (InfiniteBenchTasks.All.ContainsKey(task)) return null;
        string supported = $"of InfiniteBench {string.Join(", ", InfiniteBenchTasks.All.Keys)} are supported";
        return Others.Contains(task) ? $"it is a task of summaries, sums or code, and {supported}"
            : $"InfiniteBench names the task by the file, and {supported}; found {task}";
    }

    /// <inheritdoc/>
    public override BenchmarkItem Read(JsonElement item, string task, string path)
    {
        (string prompt, int maxNewTokens) = InfiniteBenchTasks.All[task];
        ImmutableArray<string> truths = Texts(item, "answer");
        var places = new Dictionary<string, string>
        {
            ["context"] = Text(item, "context"),
            ["input"] = Text(item, "input"),
            ["question"] = Text(item, "input"),
        };
        if (task == "longbook_choice_eng")
        {
            ImmutableArray<string> options = Texts(item, "options");
            if (options.Length != Letters.Length)
                throw new InvalidDataException($"expected four texts in the field options, found {options.Length}");
            for (int i = 0; i < Letters.Length; i++) places[$"OPTION_{Letters[i]}"] = options[i];
            truths = WithLetter(truths, options);
        }
        return new BenchmarkItem
        {
            Task = task,
            Prompt = PromptTemplate.Fill(prompt, places),
            InChat = false,
            CutsMiddle = true,
            MaxNewTokens = maxNewTokens,
            Score = answer => Score(task, answer, truths),
        };
    }

    internal static double Score(string task, string answer, ImmutableArray<string> truths) => task switch
    {
        "passkey" or "number_string" => FirstNumber(answer) == truths[0] ? 1 : 0,
        "kv_retrieval" => AnswerText.Split(AnswerText.Blank(answer, "\n:\"'.,?!{}")).Contains(truths[0]) ? 1 : 0,
        "longdialogue_qa_eng" => AnswerText.Split(AnswerText.Blank(answer, "\n:\"'.,?!{}").ToUpperInvariant()).Contains(truths[0]) ? 1 : 0,
        "longbook_choice_eng" => IsRightChoice(answer.Trim(), truths) ? 1 : 0,
        "longbook_qa_chn" => truths.Max(truth => WordOverlap.F1(AnswerText.Characters(answer), AnswerText.Characters(truth))),
        _ => truths.Max(truth => WordOverlap.F1(AnswerText.Words(answer), AnswerText.Words(truth))),
    };

    private static string FirstNumber(string answer)
    {
        int start = answer.AsSpan().IndexOfAnyInRange('0', '9');
        if (start < 0) return "";
        int length = answer.AsSpan(start).IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? answer[start..] : answer.Substring(start, length);
    }

    // The right option's text and its letter both count.
    private static ImmutableArray<string> WithLetter(ImmutableArray<string> truths, ImmutableArray<string> options)
    {
        if (truths.Length == 2 && truths[1].Length == 1 && Letters.Contains(truths[1][0])) return truths;
        int right = options.IndexOf(truths[0]);
        if (right < 0) throw new InvalidDataException($"expected the answer among the options, found \"{truths[0]}\"");
        return [truths[0], Letters[right].ToString()];
    }

    // The order of the rules is the authors': the first letter, the text itself, what follows "answer is", the first word that is a letter.
    private static bool IsRightChoice(string answer, ImmutableArray<string> truths)
    {
        if (answer.Length == 0) return false;
        if (Letters.Contains(answer[0])) return truths.Any(truth => truth == answer[..1]);
        if (truths.Contains(answer)) return true;
        string text = AnswerText.Blank(answer, "\n\"'.,?!{}");
        while (text.Contains("  ", StringComparison.Ordinal)) text = text.Replace("  ", " ", StringComparison.Ordinal);
        foreach (string mark in AnswerMarks)
        {
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0) continue;
            int after = at + mark.Length + 1;
            return after <= text.Length && truths.Any(truth => text[after..].StartsWith(truth, StringComparison.Ordinal));
        }
        // "AB" is a word within the letters too.
        string? word = AnswerText.Split(text).FirstOrDefault(word => Letters.Contains(word, StringComparison.Ordinal));
        return word is not null && truths.Contains(word);
    }
}
