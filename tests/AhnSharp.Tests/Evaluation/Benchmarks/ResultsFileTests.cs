using System;
using System.IO;
using System.Linq;
using AhnSharp.Evaluation.Benchmarks;
using AhnSharp.Sessions;
using Xunit;

namespace AhnSharp.Tests.Evaluation.Benchmarks;

public sealed class ResultsFileTests : IDisposable
{
    private static readonly BenchmarkSetup Setup = new("m.gguf", "abc", 480, 32, "f16", 1000, ChatTemplateUse.Authors);
    private readonly MadeUpFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void What_was_answered_is_found_again()
    {
        string path = _files.PathOf("r.jsonl");
        using (ResultsFile first = ResultsFile.Open(path, Setup))
        {
            first.Append(Result(0, MemoryMode.Full));
            first.Append(Result(1, MemoryMode.Ahn));
        }
        using ResultsFile again = ResultsFile.Open(path, Setup);
        Assert.Equal(2, again.Results.Count);
        Assert.Equal(Result(1, MemoryMode.Ahn), again.Find("longbench", "hotpotqa", MemoryMode.Ahn, 1, "h1"));
        Assert.Null(again.Find("longbench", "hotpotqa", MemoryMode.Full, 1, "h1"));
        Assert.Contains("data has changed", Assert.Throws<InvalidDataException>(
            () => again.Find("longbench", "hotpotqa", MemoryMode.Ahn, 1, "other")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_off_at_any_byte_the_whole_lines_are_kept_and_the_file_goes_on()
    {
        string path = _files.PathOf("r.jsonl");
        using (ResultsFile file = ResultsFile.Open(path, Setup))
        {
            for (int i = 0; i < 3; i++) file.Append(Result(i, MemoryMode.Full));
        }
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            int lines = whole.AsSpan(0, length).Count((byte)'\n'), left = Math.Max(0, lines - 1);
            using (ResultsFile file = ResultsFile.Open(path, Setup))
            {
                Assert.Equal(left, file.Results.Count);
                for (int i = left; i < 3; i++) file.Append(Result(i, MemoryMode.Full));
            }
            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Another_run_and_other_files_are_refused_and_left_as_they_are()
    {
        string path = _files.PathOf("r.jsonl");
        using (ResultsFile file = ResultsFile.Open(path, Setup)) file.Append(Result(0, MemoryMode.Full));
        Refused(path, Setup with { ModelHash = "xyz" }, "model_hash = xyz", "found abc");
        Refused(path, Setup with { MaxPromptTokens = 7 }, "max_length = 7");
        Refused(path, Setup with { ChatTemplate = ChatTemplateUse.Never }, "chat_template = never");
        Refused(_files.WriteText("text.txt", "a letter\n"), Setup, "text.txt", "no JSON");
        Refused(_files.WriteText("half.txt", "a letter"), Setup, "half.txt");
        Refused(_files.LongBench(), Setup, "hotpotqa.jsonl", "other JSON");
        Refused(_files.WriteText("line.jsonl", File.ReadAllLines(path)[0] + "\n{\"task\":1}\n"), Setup, "line 2");

        static void Refused(string path, BenchmarkSetup setup, params string[] named)
        {
            byte[] before = File.ReadAllBytes(path);
            string message = Assert.Throws<InvalidDataException>(() => ResultsFile.Open(path, setup)).Message;
            Assert.All(named, part => Assert.Contains(part, message, StringComparison.Ordinal));
            Assert.Equal(before, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void Two_writers_at_once_are_refused()
    {
        string path = _files.PathOf("r.jsonl");
        using ResultsFile first = ResultsFile.Open(path, Setup);
        Assert.ThrowsAny<IOException>(() => ResultsFile.Open(path, Setup));
    }

    [Fact]
    public void Scores_are_means_by_task_and_memory()
    {
        BenchmarkScore[] scores = [.. BenchmarkScore.Of(
            [Result(0, MemoryMode.Full), Result(1, MemoryMode.Full), Result(0, MemoryMode.Ahn) with { Score = 1, CutTokens = 3 }])];
        Assert.Equal([(MemoryMode.Full, 2, 25.0, 0), (MemoryMode.Ahn, 1, 100.0, 1)], scores.Select(
            score => (score.Mode, score.Items, score.Score, score.Cut)));
    }

    private static BenchmarkResult Result(int index, MemoryMode mode) =>
        new("longbench", "hotpotqa", mode, index, $"h{index}", 100 + index, 0, "two\nlines \"Märlow\"", 0.5 * (index % 2), 1.25);
}
