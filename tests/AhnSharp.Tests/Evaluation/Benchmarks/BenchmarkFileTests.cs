using System;
using System.IO;
using System.Linq;
using AhnSharp.Evaluation.Benchmarks;
using Xunit;

namespace AhnSharp.Tests.Evaluation.Benchmarks;

public sealed class BenchmarkFileTests : IDisposable
{
    private readonly MadeUpFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Each_benchmark_is_told_by_its_fields_and_its_task_by_field_or_name()
    {
        Assert.Equal(("longbench", "hotpotqa", 2), Told(_files.LongBench()));
        Assert.Equal(("lveval", "hotpotwikiqa_mixup_16k", 1), Told(_files.LvEval()));
        Assert.Equal(("ruler", "niah_single_1", 1), Told(_files.Ruler()));
        Assert.Equal(("infinitebench", "longbook_choice_eng", 1), Told(_files.InfiniteBench()));

        static (string, string, int) Told(string path) =>
            BenchmarkFile.Open(path) is var file ? (file.Benchmark.Name, file.Task, file.Items) : default;
    }

    [Fact]
    public void LongBench_prompts_are_filled_once_and_scored_by_the_best_answer()
    {
        BenchmarkItem item = One(_files.LongBench());
        Assert.StartsWith("Answer the question based on the given passages. Only give me the answer and do not output any other words.\n\n"
            + "The following are given passages.\nThe captain is called Marlow {input}.\n\n", item.Prompt, StringComparison.Ordinal);
        Assert.EndsWith("Question: Who is the captain, 0?\nAnswer:", item.Prompt, StringComparison.Ordinal);
        Assert.Equal((true, true, 32, false), (item.InChat, item.CutsMiddle, item.MaxNewTokens, item.FirstLineCounts));
        Assert.Equal(1, item.Score("the Captain, Marlow!"));
        Assert.Equal(0, item.Score("Kurtz"));
    }

    [Fact]
    public void Few_shot_answers_stand_outside_the_chat_and_count_by_their_first_line()
    {
        BenchmarkItem item = One(_files.LongBench("trec", classes: ["Marlow", "Captain Marlow", "Other"]));
        Assert.Equal((false, true, 64), (item.InChat, item.FirstLineCounts, item.MaxNewTokens));
        Assert.Equal(1, item.Score("\n\nMarlow\nOther"));
        Assert.Equal(0.5, item.Score("Marlow or Other"));
        Assert.False(One(_files.LongBench("lcc")).InChat);
        Assert.True(One(_files.LongBench("qasper_e")).InChat);
    }

    [Fact]
    public void The_authors_own_configuration_beside_the_data_is_used()
    {
        string path = _files.WriteText("data/hotpotqa.jsonl", File.ReadAllText(_files.LongBench()));
        _files.WriteText("config/dataset2prompt.json", "{\"hotpotqa\": \"{input} -- {context}\"}");
        _files.WriteText("config/dataset2maxlen.json", "{\"hotpotqa\": 7}");
        BenchmarkItem item = One(path);
        Assert.Equal(("Who is the captain, 0? -- The captain is called Marlow {input}.", 7), (item.Prompt, item.MaxNewTokens));
        _files.WriteText("config/dataset2maxlen.json", "{\"other\": 7}");
        Assert.Contains("dataset2maxlen.json", Assert.Throws<InvalidDataException>(() => One(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LvEval_takes_the_first_answer_and_its_keywords()
    {
        BenchmarkItem item = One(_files.LvEval());
        Assert.Equal((true, true, 64), (item.InChat, item.CutsMiddle, item.MaxNewTokens));
        Assert.Equal(1, item.Score("It was old Marlow."));
        Assert.Equal(0, item.Score("nobody"));
        // Two of four words right, but no keyword.
        Assert.Equal(0, item.Score("It was Kurtz"));
        Assert.True(One(_files.LvEval("factrecall_en", "factrecall_en_16k.jsonl")).Score("It was Kurtz") > 0.5);
    }

    [Fact]
    public void Ruler_reads_whole_prompts_and_begins_the_answer()
    {
        BenchmarkItem item = One(_files.Ruler());
        Assert.Equal((" The number is", 128, false), (item.AnswerPrefix, item.MaxNewTokens, item.CutsMiddle));
        Assert.Equal(0.5, item.Score(" 7."));
        Assert.Equal((1.0, 32), (One(_files.Ruler("qa_1")).Score("7"), One(_files.Ruler("qa_1")).MaxNewTokens));
        foreach ((string task, int tokens) in new[] { ("cwe", 120), ("fwe", 50), ("vt", 30) })
            Assert.Equal(tokens, One(_files.Ruler(task)).MaxNewTokens);
        Assert.Contains("--model_template_type base",
            Assert.Throws<InvalidDataException>(() => One(_files.Ruler(input: "<|im_start|>user\nx"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InfiniteBench_choices_are_right_by_letter_or_text()
    {
        BenchmarkItem item = One(_files.InfiniteBench());
        Assert.Contains(
            "\nA. Kurtz\nB. Marlow\nC. Jim\nD. nobody\n\nThe letter of the correct answer is", item.Prompt, StringComparison.Ordinal);
        Assert.Equal((false, 40), (item.InChat, item.MaxNewTokens));
        foreach ((string answer, double score) in new[] { ("B", 1.0), ("Marlow", 1.0), ("A", 0.0) })
            Assert.Equal(score, item.Score(answer));
        Assert.Equal((1.0, 6), (One(_files.InfiniteBench("passkey")).Score(" 71432."), One(_files.InfiniteBench("passkey")).MaxNewTokens));
    }

    [Theory]
    [InlineData("dureader", "jieba")]
    [InlineData("vcsum", "jieba")]
    [InlineData("narrative", "no task narrative")]
    [InlineData("hotpotqa", null)]
    [InlineData("lsht", null)]
    [InlineData("passage_retrieval_zh", null)]
    public void What_cannot_be_scored_says_why(string task, string? reason)
    {
        string? found = new LongBench().LeftOut(task);
        if (reason is null) Assert.Null(found);
        else Assert.Contains(reason, found, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_left_out_tasks_say_why()
    {
        Assert.Contains("jieba", new LvEval().LeftOut("cmrc_mixup_32k"), StringComparison.Ordinal);
        Assert.Contains("niah_", new Ruler().LeftOut("validation_3"), StringComparison.Ordinal);
        Assert.Contains("summaries", new InfiniteBench().LeftOut("longbook_sum_eng"), StringComparison.Ordinal);
        Assert.Contains("by the file", new InfiniteBench().LeftOut("data"), StringComparison.Ordinal);
        foreach (string task in (string[])["niah_multikey_3", "vt", "qa_2"]) Assert.Null(new Ruler().LeftOut(task));
    }

    [Fact]
    public void Broken_files_are_named_with_their_line()
    {
        string good = File.ReadAllText(_files.LongBench()), line = good.Split('\n')[0];
        Refused("empty.jsonl", "", "empty");
        Refused("array.jsonl", "[1]\n", "line 1", "Array");
        Refused("other.jsonl", "{\"prompt\":1}\n", "line 1", "longbench", "prompt");
        Refused("cut.jsonl", line + "\n" + line[..50], "line 2", "whole");
        Refused("mixed.jsonl", line + "\n" + line.Replace("hotpotqa", "qasper", StringComparison.Ordinal), "line 2", "qasper");
        Refused("number.jsonl", line.Replace("\"Who is the captain, 0?\"", "3", StringComparison.Ordinal), "line 1", "input", "Number");
        Refused("fields.jsonl", line + "\n{\"a\":1}\n", "line 2", "longbench");
        string latin = _files.PathOf("latin.jsonl");
        File.WriteAllBytes(latin, [(byte)'{', 0xE9, (byte)'}']);
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => BenchmarkFile.Open(latin)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "ruler", Assert.Throws<InvalidDataException>(() => BenchmarkFile.Open(_files.LongBench(), Benchmark.Find("ruler"))).Message,
            StringComparison.Ordinal);

        void Refused(string name, string text, params string[] named)
        {
            string path = _files.WriteText(name, text);
            string message = Assert.Throws<InvalidDataException>(() => BenchmarkFile.Open(path).Read().ToList()).Message;
            Assert.All(named.Append(name), part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
    }

    private static BenchmarkItem One(string path) => BenchmarkFile.Open(path).Read(1).Single().Item;
}
