using System;
using System.IO;
using System.Linq;
using System.Text;
using AhnSharp.Evaluation.Benchmarks;

namespace AhnSharp.Fuzz;

/// <summary>Files of benchmarks, a JSON object a line; some name the task by their file.</summary>
internal static class EvaluationTarget
{
    private static readonly string[] s_items =
    [
        """{"input":"q","context":"text text","answers":["a","b"],"length":12,"dataset":"narrativeqa","language":"en" """
            + ""","all_classes":null,"_id":"1"}""",
        """{"input":"q","context":"t","answers":["a"],"length":1,"dataset":"multifieldqa_en_mixup_16k","language":"en" """
            + ""","all_classes":null,"_id":"x","answer_keywords":"k","confusing_facts":[],"distractor":[]}""",
        """{"index":0,"input":"long text","outputs":["1"],"length":5,"others":{}}""",
        """{"context":"c","input":"i","answer":["a"],"options":["a","b","c","d"],"id":0}""",
    ];

    public static FuzzTarget Create() => new()
    {
        Name = "eval-jsonl",
        Extension = ".jsonl",
        Seeds = static () => [.. s_items.Concat(s_items.Select(static item => $"{item}\n{item}")).Select(Encoding.UTF8.GetBytes)],
        Mutate = static (random, seeds) => Mutator.Json(random, seeds, ["narrativeqa", "multifieldqa_en_mixup_16k", "answers", "a"]),
        Read = Read,
        IsExpected = static e => e is InvalidDataException,
        BytesPerByte = 400,
        ConstantBytes = 1 << 20,
        InputsInSuite = 2000,
    };

    private static void Read(byte[] bytes, string path)
    {
        string text = Encoding.UTF8.GetString(bytes);
        string? task = text.Contains("\"outputs\"", StringComparison.Ordinal) ? "niah_single_1"
            : text.Contains("\"options\"", StringComparison.Ordinal) ? "longbook_choice_eng" : null;
        if (task is not null) File.WriteAllBytes(path = Path.Combine(Path.GetDirectoryName(path)!, task + ".jsonl"), bytes);
        foreach ((_, _, BenchmarkItem item) in BenchmarkFile.Open(path).Read()) item.Score("an answer: 1 A");
    }
}
